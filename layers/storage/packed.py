"""A column of many cells, packed in pieces: while one is read the others stay small.

Texts and numbers are JSON, geometries lie one after the other behind their sizes; each piece is compressed
(RFC 1950). A million rows are some tens of megabytes so, and the journal keeps them as they are.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice, pairwise
from typing import Any, overload

from layers.changes import Value

PIECE = 2000
"""Cells of a piece, a few milliseconds' work."""
_QUICK = 1
_BYTES = b"b"
_PLAIN = b"j"

Piece = bytes | memoryview


class PackedColumn(Sequence[Any]):
    """Cells (`Value`) that are unpacked piece by piece, when they are asked for.

    Parameters
    ----------
    pieces : sequence of bytes-like
        Of `PIECE` cells each, the last perhaps of fewer; as `pack_piece` makes them.
    count : int
        Cells.
    """

    def __init__(self, pieces: Sequence[Piece], count: int) -> None:
        self.pieces, self._count = pieces, count
        self._open: tuple[int, list[Value]] = (-1, [])

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, int):
            number = range(self._count)[place]
            return self._piece(number // PIECE)[number % PIECE]
        wanted = range(self._count)[place]
        if wanted.step != 1 or not wanted:
            return [self[number] for number in wanted]
        first, last = wanted.start // PIECE, (wanted.stop - 1) // PIECE
        cells = [cell for number in range(first, last + 1) for cell in self._piece(number)]
        return cells[wanted.start - first * PIECE : wanted.stop - first * PIECE]

    def __iter__(self) -> Iterator[Any]:
        for number in range(len(self.pieces)):
            yield from self._piece(number)

    def __contains__(self, cell: object) -> bool:
        return any(cell in self._piece(number) for number in range(len(self.pieces)))

    def _piece(self, number: int) -> list[Value]:
        opened, cells = self._open
        if opened != number:
            cells = _unpack_piece(self.pieces[number])
            self._open = number, cells
        return cells


def packed(cells: Sequence[Value]) -> PackedColumn:
    """Cells in pieces; what is packed already stays as it is."""
    if isinstance(cells, PackedColumn):
        return cells
    pieces = [pack_piece(cells[start : start + PIECE]) for start in range(0, len(cells), PIECE)]
    return PackedColumn(pieces, len(cells))


def packed_columns(rows: Iterable[Sequence[Value]], width: int) -> tuple[PackedColumn, ...]:
    """The columns of rows of so many cells; no more than a piece of them is held unpacked."""
    pieces: list[list[Piece]] = [[] for _ in range(width)]
    left, count = iter(rows), 0
    while piece := list(islice(left, PIECE)):
        count += len(piece)
        for kept, cells in zip(pieces, zip(*piece, strict=True), strict=True):
            kept.append(pack_piece(cells))
    return tuple(PackedColumn(kept, count) for kept in pieces)


def pack_piece(cells: Sequence[Value]) -> bytes:
    """A piece of a column, compressed."""
    if bytes in set(map(type, cells)):
        sizes = [None if cell is None else len(cell) for cell in cells]  # type: ignore[arg-type]
        content = _BYTES + _json(sizes) + b"\n" + b"".join(cell for cell in cells if cell)  # type: ignore[misc]
    else:
        content = _PLAIN + _json(cells)
    return zlib.compress(content, _QUICK)


def _unpack_piece(piece: Piece) -> list[Value]:
    content = zlib.decompress(piece)
    if content[:1] == _PLAIN:
        plain: list[Value] = json.loads(content[1:])
        return plain
    head, _, body = content[1:].partition(b"\n")
    sizes: list[int | None] = json.loads(head)
    ends = pairwise(accumulate((size or 0 for size in sizes), initial=0))
    return [None if size is None else body[start:end] for size, (start, end) in zip(sizes, ends, strict=True)]


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
