"""Where a server listens, and who may come in."""

from dataclasses import dataclass
from urllib.parse import quote

from recto.errors import BadSetting
from recto.machine import is_loopback

HERE_BY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # what listens on all addresses, and where that is on this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen, and who may come in."""

    host: str
    port: int
    token: str
    public: bool
    embed: tuple[str, ...] = ()  # origins that may show the page in a frame
    hosts: tuple[str, ...] = ()  # further names that it answers to without a token

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    def check(self) -> None:
        """BadSetting if others than this machine could come in without being asked anything."""
        if not (self.loopback or self.token or self.public):
            raise BadSetting(
                f"{self.host} can be reached by others, and nothing would keep them out",
                hint="--token SECRET (RECTO_TOKEN), or --public (RECTO_PUBLIC=1) for a library for each visitor",
            )

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    @property
    def url_with_token(self) -> str:
        """The same with the token, which the page keeps."""
        return self.url + (f"#token={quote(self.token, safe='')}" if self.token else "")

    @property
    def near(self) -> str:
        """The host by which this machine reaches it."""
        return HERE_BY.get(self.host, self.host)

    @property
    def audience(self) -> str:
        """Who may come in, in words."""
        if self.public:
            visitors = "everybody, each visitor with a library of their own"
            return visitors + (", who knows the token" if self.token else "")
        return "those who know the token" if self.token else "this machine alone"
