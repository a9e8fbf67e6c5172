"""What a disk holds after the power went: the writes of real processes, recorded, and replayed up to any of them.

The disk forgets as much as it may. The content of a file is safe once that file was synced, and a name once its folder
was; of what came later any of the writes to a file may be there, whole or torn at a sector, and of the names in a
folder those that were given first: file systems log these in order. (Most keep more: ext4, for one, keeps the name of a
file that was synced.)
"""

import codecs
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import pytest

SECTORS = 512, 4096
WRITING = "openat,write,pwrite64,lseek,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,rmdir"
LONGEST = 70_000  # bytes of a write that are recorded: more than a page; only the reserve, zeros, is written at once
_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (\d+)")
_HALF = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>$")
_OTHER_HALF = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)$")
_TEXT = r"((?:\\x[0-9a-f]{2})*)"
_PATH = re.compile(rf'(?:<{_TEXT}>, )?"{_TEXT}"')
_OPEN_FILE = re.compile(rf"(\d+)<{_TEXT}>(?!\(deleted\))")


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that came to its end."""

    process: int
    name: str
    arguments: str
    result: int

    @property
    def paths(self) -> list[PurePath]:
        """The paths that it names."""
        return [
            PurePath(_text(folder).decode(), _text(path).decode()) for folder, path in _PATH.findall(self.arguments)
        ]

    @property
    def file(self) -> tuple[int, PurePath] | None:
        """The open file that it is about, its number and path; None if that has no name any more."""
        opened = _OPEN_FILE.match(self.arguments)
        return (int(opened[1]), PurePath(_text(opened[2]).decode())) if opened else None

    @property
    def content(self) -> bytes:
        """What it writes; zeros in the place of what was too long to be recorded."""
        return _text(self.arguments.split('"')[1]).ljust(self.result, b"\0")

    @property
    def last_number(self) -> int:
        """Its last argument."""
        return int(self.arguments.rsplit(", ", 1)[1])


def _text(digits: str) -> bytes:
    return codecs.decode(digits.replace("\\x", ""), "hex")


def tracer() -> str:
    """The program that records calls, and makes them fail; the test is skipped where it may not."""
    strace = shutil.which("strace")
    if strace is None or subprocess.run([strace, "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("tracing needs strace, and the right to trace")
    return strace


def recorded(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Iterator[Call]:
    """Run a command; its writes, in the order in which they ended."""
    options = ["-f", "-y", "-xx", "-s", str(LONGEST), "--seccomp-bpf", "-e", f"trace={WRITING}", "-o", str(log)]
    subprocess.run([tracer(), *options, *command], env=environment, stdout=subprocess.PIPE, check=True)
    halves: dict[str, str] = {}
    with log.open() as lines:
        for line in lines:
            whole = line.rstrip("\n")
            if half := _HALF.match(whole):
                halves[half[1]] = half[2]
            else:
                if rest := _OTHER_HALF.match(whole):
                    whole = f"{rest[1]} {halves.pop(rest[1])}{rest[2]}"
                if call := _CALL.match(whole):
                    yield Call(int(call[1]), call[2], call[3], int(call[4]))


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes written at a place; without bytes, the length that a file is given."""

    at: int
    content: bytes | None = None

    def apply(self, file: bytearray) -> None:
        """Make the change."""
        end = self.at + len(self.content or b"")
        file.extend(bytes(max(end - len(file), 0)))
        if self.content is None:
            del file[self.at :]
        else:
            file[self.at : end] = self.content

    def torn(self, chance: random.Random) -> Iterator["Change"]:
        """Any of its sectors."""
        if self.content is None:
            yield self
            return
        sector, start = chance.choice(SECTORS), 0
        while start < len(self.content):
            end = min((self.at + start) // sector * sector + sector - self.at, len(self.content))
            if chance.random() < 0.5:
                yield Change(self.at + start, self.content[start:end])
            start = end


@dataclass(slots=True, eq=False)
class File:
    """What is safe of a file, and what is not yet."""

    safe: bytearray = field(default_factory=bytearray)
    later: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        """Make all of it safe."""
        for change in self.later:
            change.apply(self.safe)
        self.later.clear()

    def after(self, luck: "Luck") -> bytes:
        """What is there when the power is back."""
        content = bytearray(self.safe)
        for change in luck.changes(self.later):
            change.apply(content)
        return bytes(content)


Names = dict[str, "File | Folder"]


@dataclass(slots=True, eq=False)
class Folder:
    """The names of a folder now and those that are safe; what happened since, several names at once for a rename."""

    names: Names = field(default_factory=dict)
    safe: Names = field(default_factory=dict)
    later: list[dict[str, "File | Folder | None"]] = field(default_factory=list)

    def give(self, entries: dict[str, "File | Folder | None"]) -> None:
        """Give, exchange or take names, all in one step."""
        self.later.append(entries)
        _name(self.names, entries)

    def sync(self) -> None:
        """Make all names safe."""
        self.safe = dict(self.names)
        self.later.clear()

    def after(self, luck: "Luck") -> Names:
        """The names that are there when the power is back."""
        names = dict(self.safe)
        for entries in luck.first(self.later):
            _name(names, entries)
        return names


def _name(names: Names, entries: Mapping[str, "File | Folder | None"]) -> None:
    for name, entry in entries.items():
        names.pop(name, None)
        if entry is not None:
            names[name] = entry


@dataclass(frozen=True, slots=True)
class Luck:
    """How much is left of what was not safe: nothing, all, or by chance some."""

    share: float
    chance: random.Random

    def changes(self, later: Sequence[Change]) -> Iterator[Change]:
        """Any of the changes; by chance, one of them torn."""
        for change in later:
            draw = self.chance.random()
            if self.share == 1 or draw < self.share / 2:
                yield change
            elif draw < self.share:
                yield from change.torn(self.chance)

    def first(self, later: Sequence[dict[str, File | Folder | None]]) -> Sequence[dict[str, File | Folder | None]]:
        """The first of the changes."""
        return later[: round(len(later) * self.share) if self.share in (0, 1) else self.chance.randint(0, len(later))]


class Disk:
    """A disk with one folder in use, to which recorded calls are applied."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._top = Folder()
        self._positions: dict[tuple[int, PurePath], int] = {}  # in open files that are written from their beginning on

    def apply(self, call: Call) -> bool:
        """Do what was done; whether something became safe by it."""
        match call.name:
            case "write" | "pwrite64" | "ftruncate" | "lseek":
                self._change(call)
            case "fsync" | "fdatasync":
                entry = self._entry(call.file[1]) if call.file else None
                if entry is not None:
                    entry.sync()
                return entry is not None
            case "openat":
                self._open(call)
            case "mkdir":
                self._give({call.paths[0]: Folder()})
            case "unlink" | "unlinkat" | "rmdir":
                self._give({call.paths[0]: None})
            case _:
                former, name = call.paths
                self._give({former: None, name: self._entry(former)})
        return False

    def _entry(self, path: PurePath) -> File | Folder | None:
        """What has this path now; None if it lies elsewhere."""
        if not path.is_relative_to(self._root):
            return None
        entry: File | Folder | None = self._top
        for part in path.relative_to(self._root).parts:
            entry = entry.names.get(part) if isinstance(entry, Folder) else None
        return entry

    def _give(self, entries: Mapping[PurePath, File | Folder | None]) -> None:
        for parent in {path.parent for path in entries}:
            folder = self._entry(parent)
            if isinstance(folder, Folder):
                folder.give({path.name: entry for path, entry in entries.items() if path.parent == parent})

    def _open(self, call: Call) -> None:
        (path,) = call.paths
        if "O_CREAT" in call.arguments and self._entry(path) is None:
            self._give({path: File()})
        file = self._entry(path)
        if isinstance(file, File):
            assert "O_APPEND" not in call.arguments
            self._positions[call.result, path] = 0
            if "O_TRUNC" in call.arguments:
                file.later.append(Change(0))

    def _change(self, call: Call) -> None:
        file = self._entry(call.file[1]) if call.file else None
        if call.file is None or not isinstance(file, File):
            return
        match call.name:
            case "lseek":
                self._positions[call.file] = call.result
            case "ftruncate":
                file.later.append(Change(call.last_number))
            case "pwrite64":
                file.later.append(Change(call.last_number, call.content))
            case "write":
                at = self._positions[call.file]
                self._positions[call.file] = at + call.result
                file.later.append(Change(at, call.content))

    def image(self, target: Path, luck: Luck) -> None:
        """Write what the disk holds when the power is back."""
        shutil.rmtree(target, ignore_errors=True)
        _write(self._top, target, luck)


def _write(folder: Folder, target: Path, luck: Luck) -> None:
    target.mkdir()
    for name, entry in folder.after(luck).items():
        if isinstance(entry, Folder):
            _write(entry, target / name, luck)
        elif not name.endswith("-shm"):  # made anew after a start of the machine
            (target / name).write_bytes(entry.after(luck))
