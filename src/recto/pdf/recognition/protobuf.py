"""Messages of protocol buffers, taken apart into numbered fields and written again, without their schema."""

from collections.abc import Iterable, Sequence

Field = tuple[int, int | bytes]

VARINT, LENGTH = 0, 2  # wire types: a whole number, and bytes with their length before them
MORE = 0x80  # of a byte of a whole number: another one follows


def fields(message: bytes) -> list[Field]:
    """The number of each field and what it holds. ValueError where one is a float, as none of a graph is."""
    message_fields: list[Field] = []
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        if key & 7 not in (VARINT, LENGTH):
            raise ValueError(f"field {key >> 3} has wire type {key & 7}, not {VARINT} or {LENGTH}")
        value, at = _number(message, at)
        if key & 7 == VARINT:
            message_fields.append((key >> 3, value))
        else:
            message_fields.append((key >> 3, message[at : at + value]))
            at += value
    return message_fields


def parts(message: Sequence[Field], number: int) -> list[bytes]:
    """What the fields of this number hold, those that hold bytes."""
    return [value for own, value in message if own == number and isinstance(value, bytes)]


def numbers(message: Sequence[Field], number: int) -> list[int]:
    """The whole numbers in the fields of this number, one in each or packed."""
    values: list[int] = []
    for value in (value for own, value in message if own == number):
        packed, at = (value, 0) if isinstance(value, bytes) else (b"", 0)
        values += [value] if isinstance(value, int) else []
        while at < len(packed):
            packed_value, at = _number(packed, at)
            values.append(packed_value)
    return values


def message_of(message: Iterable[Field]) -> bytes:
    """The bytes of a message of these fields."""
    data = bytearray()
    for number, value in message:
        if isinstance(value, int):
            data += _varint(number << 3 | VARINT) + _varint(value)
        else:
            data += _varint(number << 3 | LENGTH) + _varint(len(value)) + value
    return bytes(data)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The whole number that begins there, the lowest seven bits first, and where it ends."""
    value = shift = 0
    while data[at] & MORE:
        value |= (data[at] ^ MORE) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1


def _varint(value: int) -> bytes:
    data = bytearray()
    while value >= MORE:
        data.append(value % MORE | MORE)
        value //= MORE
    return bytes([*data, value])
