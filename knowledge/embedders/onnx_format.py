"""Writes an ONNX model in its format, which is one of Protocol Buffers.

The onnx package does the same: its import took a tenth of the time of a search in a fresh process.
Each field is its number and kind, then its value; a message is the fields one after the other.
"""

import struct
from collections.abc import Mapping, Sequence

FLOAT, INT32, INT64 = 1, 6, 7
"""Kinds of numbers."""

_VARINT, _LENGTH, _FOUR_BYTES = 0, 2, 5
_EXTERNAL = 1


def node(
    kind: str,
    inputs: Sequence[str],
    result: str,
    attributes: Mapping[str, int | float],
    domain: str = "",
) -> bytes:
    """One step of the computation."""
    names = b"".join(_text(1, name) for name in inputs) + _text(2, result)
    said = b"".join(_bytes(5, _attribute(name, of)) for name, of in attributes.items())
    return names + _text(4, kind) + said + (_text(7, domain) if domain else b"")


def numbers(name: str, values: Sequence[int]) -> bytes:
    """A constant list of integers."""
    packed = b"".join(value.to_bytes(8, "little", signed=True) for value in values)
    return _integer(1, len(values)) + _integer(2, INT64) + _text(8, name) + _bytes(9, packed)


def weight(name: str, shape: Sequence[int], file: str, offset: int, length: int) -> bytes:
    """A tensor of floats, which are in another file."""
    said = {"location": file, "offset": str(offset), "length": str(length)}
    entries = b"".join(_bytes(13, _text(1, key) + _text(2, of)) for key, of in said.items())
    sizes = b"".join(_integer(1, size) for size in shape)
    return sizes + _integer(2, FLOAT) + _text(8, name) + entries + _integer(14, _EXTERNAL)


def value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    """An input or output; sizes that may differ have a name."""
    sizes = b"".join(
        _bytes(1, _text(2, size) if isinstance(size, str) else _integer(1, size)) for size in shape
    )
    tensor = _integer(1, kind) + _bytes(2, sizes)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def model(
    nodes: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    constants: Sequence[bytes],
    operators: Mapping[str, int],
    version: int,
) -> bytes:
    """A whole model. ``operators`` has the version of each domain's operators."""
    graph = _text(2, "graph") + b"".join(
        _bytes(field, each)
        for field, messages in ((1, nodes), (5, constants), (11, inputs), (12, outputs))
        for each in messages
    )
    sets = b"".join(
        _bytes(8, _text(1, domain) + _integer(2, of)) for domain, of in operators.items()
    )
    return _integer(1, version) + _bytes(7, graph) + sets


def _attribute(name: str, of: float) -> bytes:
    if isinstance(of, float):
        return _text(1, name) + _key(2, _FOUR_BYTES) + struct.pack("<f", of) + _integer(20, 1)
    return _text(1, name) + _integer(3, of) + _integer(20, 2)


def _text(field: int, of: str) -> bytes:
    return _bytes(field, of.encode())


def _bytes(field: int, of: bytes) -> bytes:
    return _key(field, _LENGTH) + _varint(len(of)) + of


def _integer(field: int, of: int) -> bytes:
    return _key(field, _VARINT) + _varint(of)


def _key(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _varint(of: int) -> bytes:
    """Seven bits in each byte, the lowest first; all but the last byte have the highest bit."""
    written = bytearray()
    while of > 0x7F:
        written.append(of & 0x7F | 0x80)
        of >>= 7
    written.append(of)
    return bytes(written)
