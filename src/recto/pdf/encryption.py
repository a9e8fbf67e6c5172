"""How a PDF is encrypted, as its bytes say, and what a password may have been meant as."""

import mmap
import re
import stringprep
import unicodedata

STANDARD, CERTIFICATES = "Standard", "Adobe.PubSec"
VERSIONS = range(1, 6)  # of the standard handler: RC4 and AES, up to ISO 32000-2
METHODS = {"None", "Identity", "V2", "AESV2", "AESV3"}  # of crypt filters
LONGEST = 4096  # bytes of an encryption dictionary that are looked at
_NO_TEXT = re.compile("[\ud800-\udfff]")  # a byte of a command line that is no UTF-8: Latin-1, as old files have it
_REFERENCE = re.compile(rb"/Encrypt\s+(\d+)\s+(\d+)\s+R\b")
_DICTIONARY = re.compile(rb"/Encrypt\s*<<")
_HANDLER = re.compile(rb"/Filter\s*/([^\s/<>()\[\]]+)")
_VERSION = re.compile(rb"/V\s+(\d+)")
_METHOD = re.compile(rb"/CFM\s*/([^\s/<>()\[\]]+)")


def spellings(password: str | None) -> list[str | None]:
    """The password, and as ISO 32000-2 has it prepared (SASLprep, RFC 4013), which not all programs do."""
    if not password:
        return [password]
    text = _NO_TEXT.sub(lambda byte: chr(ord(byte[0]) & 0xFF), password)
    letters = (character for character in text if not stringprep.in_table_b1(character))
    spaced = "".join(" " if stringprep.in_table_c12(letter) else letter for letter in letters)
    return list(dict.fromkeys([text, unicodedata.normalize("NFKC", spaced)]))


def is_encrypted(path: str) -> bool:
    """Whether the file names an encryption dictionary."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:  # noqa: PTH123
        return data.find(b"/Encrypt") >= 0


def unknown_scheme(path: str) -> str:
    """What of the file's encryption neither reader knows: a handler, a version, a cipher; empty if there is nothing."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:  # noqa: PTH123
        reference = _REFERENCE.search(data)
        begin = re.search(rb"\b%b\s+%b\s+obj\b" % reference.groups(), data) if reference else _DICTIONARY.search(data)
        dictionary = data[begin.end() : begin.end() + LONGEST].partition(b"endobj")[0] if begin else b""
    handler, version = _first(_HANDLER, dictionary), _first(_VERSION, dictionary)
    if not handler or not version:  # of what is no encryption dictionary nothing is said
        return ""
    if handler == CERTIFICATES:
        return f"for the holders of a certificate, {handler}"
    if handler != STANDARD:
        return f"by the handler {handler}"
    if int(version) not in VERSIONS:
        return f"by version {version} of the standard handler"
    unknown = {method.decode("latin-1") for method in _METHOD.findall(dictionary)} - METHODS
    return f"by the cipher {min(unknown)}" if unknown else ""


def _first(pattern: re.Pattern[bytes], dictionary: bytes) -> str:
    match = pattern.search(dictionary)
    return match[1].decode("latin-1") if match else ""
