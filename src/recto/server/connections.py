"""How many connections there may be, in all and of one address, and who makes way when there are more."""

import ipaddress
import logging
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Protocol, Self

MOST = 2048  # connections, where files do not run out before: each costs some 10 kB
FILES_SHARE = 2  # one in so many files may be a connection; libraries, pictures and processes have the others
TELL_S = 60.0  # between two lines of the log about connections that were closed or refused
REMEMBERED = 4096  # addresses that were answered, the last

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Connections, and seconds."""

    most: int  # in all
    of_address: int
    kept: int  # of all of them, for addresses that were answered before
    lobby: int  # beyond all of them, for who watches over the process; others are told there to come again
    head_s: float = 10.0  # from the beginning of a connection, or the answer before, to a whole head
    stalled_s: float = 30.0  # in which nothing comes of a body, or nothing of an answer is taken

    @classmethod
    def within(cls, files: int) -> Self:
        """Those of a process that may have so many files open; one address cannot have all."""
        most = min(MOST, files // FILES_SHARE)
        return cls(most=most, of_address=most * 3 // 4, kept=most // 8, lobby=max(4, most // 32))


class Connection(Protocol):
    """What is asked of a connection here."""

    address: str
    in_lobby: bool

    def make_way(self) -> bool:
        """End it, unless some of an answer is still to go out; whether it was ended."""


def network(address: str) -> str:
    """Whose an address is: itself, or of IPv6 the 64 bits of which one household or machine has all."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # no address: a test's, a socket's of the file system
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return address


class Connections:
    """All there are. One that waits for a request makes way for a new one, the longest idle first. Not for threads."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._open: Counter[str] = Counter()  # by address, without those in the lobby
        self._in_lobby = 0
        self._idle: OrderedDict[Connection, None] = OrderedDict()
        self._answered: OrderedDict[str, None] = OrderedDict()
        self._turned_away = 0
        self._told_at = float("-inf")

    def admit(self, connection: Connection) -> bool:
        """Take a connection in, perhaps into the lobby; False if there is no room even there."""
        address = connection.address
        room = self.limits.most - (0 if address in self._answered else self.limits.kept)
        crowded = self._open[address] >= self.limits.of_address
        if crowded or self._open.total() >= room:
            self._tell()
            connection.in_lobby = not self._make_way(in_lobby=False, address=address if crowded else "")
            if connection.in_lobby and self._in_lobby >= self.limits.lobby and not self._make_way(in_lobby=True):
                return False
        if connection.in_lobby:
            self._in_lobby += 1
        else:
            self._open[address] += 1
        self._idle[connection] = None
        return True

    def note(self, connection: Connection, *, idle: bool) -> None:
        """Note that a connection is in a request, or through with one."""
        if not idle:
            self._idle.pop(connection, None)
        elif connection not in self._idle:
            self._idle[connection] = None
            self._answered[connection.address] = None
            self._answered.move_to_end(connection.address)
            if len(self._answered) > REMEMBERED:
                self._answered.popitem(last=False)

    def leave(self, connection: Connection) -> None:
        """Forget a connection that was admitted."""
        self._idle.pop(connection, None)
        if connection.in_lobby:
            self._in_lobby -= 1
            return
        self._open[connection.address] -= 1
        if not self._open[connection.address]:
            del self._open[connection.address]

    def _make_way(self, *, in_lobby: bool, address: str = "") -> bool:
        """End the longest idle connection, of this address if there is one; whether there was any."""
        candidates = (connection for connection in self._idle if connection.in_lobby == in_lobby)
        return any(connection.make_way() for connection in candidates if address in ("", connection.address))

    def _tell(self) -> None:
        self._turned_away += 1
        if time.monotonic() - self._told_at > TELL_S:
            self._told_at = time.monotonic()
            (address, most), *_ = self._open.most_common(1) or [("", 0)]
            _log.warning(
                "%d connections are open, %d of them from %s: idle ones make way, others are refused (%d times so far)",
                *(self._open.total(), most, address, self._turned_away),
            )
