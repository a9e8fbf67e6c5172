"""Where a server listens, and who may come in."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote

from recto.errors import BadSetting

HERE_BY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # what listens on all addresses, and where that is on this machine


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and who may come in."""

    host: str
    port: int
    token: str
    public: bool
    embed: tuple[str, ...] = ()  # origins that may show the page in a frame

    def check(self) -> None:
        """BadSetting if others than this machine could come in without being asked anything."""
        if not (_is_loopback(self.host) or self.token or self.public):
            raise BadSetting(
                f"{self.host} can be reached by others, and nothing would keep them out",
                hint="--token SECRET (RECTO_TOKEN), or --public (RECTO_PUBLIC=1) for a library for each visitor",
            )

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    @property
    def opened(self) -> str:
        """The same with the token, which the page keeps."""
        return self.url + (f"#token={quote(self.token, safe='')}" if self.token else "")

    @property
    def near(self) -> str:
        """The host by which this machine reaches it."""
        return HERE_BY.get(self.host, self.host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
