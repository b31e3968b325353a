"""Which encoding text is in, found from its bytes; what a file says of itself is a hint and may lie.

Every candidate that decodes all of the text is scored by how many of its letters are common Chinese
characters (level 1 of GB 2312 or of Big5); a declared encoding and UTF-8, which other text seldom is by
chance, have a start.
"""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from layers.errors import BadInput

_START = {"declared": 0.1, "utf-8": 0.15, "gb18030": 0.05, "cp950": 0.0}
_CANDIDATES = ("utf-8", "gb18030", "cp950")
_LANGUAGE_DRIVERS = {0x4D: "gb18030", 0x4F: "cp950"}
_NAMES = {
    "gb18030": ("936", "cp936", "ansi 936", "ansi936", "gbk", "gb2312", "gb18030", "euc-cn", "x-gbk"),
    "cp950": ("950", "cp950", "ansi 950", "big5", "big-5", "big5-hkscs"),
    "utf-8": ("65001", "utf-8", "utf8", "utf-8-sig", "unicode (utf-8)"),
}
_SAMPLE = 4_000_000
_CLOSE = 0.2  # readings whose scores differ by less are shown side by side


@dataclass(frozen=True)
class Found:
    """An encoding and how it was found.

    Parameters
    ----------
    name : str
        Python's name.
    declared : str
        What the file says, empty if nothing.
    cut : bool
        Some cells end within a character.
    doubt : tuple of str
        Where another encoding reads the text almost as well: a few cells in both readings, to be looked at.
    """

    name: str
    declared: str = ""
    cut: bool = False
    doubt: tuple[str, ...] = ()


def encoding_named(text: str) -> str:
    """Python's name for what a .cpg file says; empty if it means nothing.

    Examples
    --------
    >>> encoding_named("ANSI 936"), encoding_named("OEM")
    ('gb18030', '')
    """
    plain = text.strip().casefold()
    for name, aliases in _NAMES.items():
        if plain in aliases:
            return name
    try:
        "a".encode(plain)  # some codecs are not of text
        return codecs.lookup(plain).name
    except (LookupError, ValueError):
        return ""


def encoding_of(cells: Iterable[bytes], declared: str, path: Path) -> Found:
    """The encoding of pieces of text.

    Raises
    ------
    BadInput
        No candidate decodes them all.
    """
    kept = [cell for cell in cells if not cell.isascii()]
    hint = encoding_named(declared)
    if not kept:
        return Found(hint or "utf-8", declared)
    scores: dict[str, tuple[float, bool]] = {}
    for name in dict.fromkeys([*([hint] if hint else []), *_CANDIDATES]):
        text, cut = _decoded(kept, name)
        if text is not None:
            start = max(_START.get(name, 0.0), _START["declared"] if name == hint else 0.0)
            scores[name] = (_commonness(text, name) + start - (0.5 if cut else 0.0), cut)
    if not scores:
        raise BadInput("encoding_unknown", path=path)
    best, *others = sorted(scores, key=lambda name: -scores[name][0])
    close = [name for name in others if scores[best][0] - scores[name][0] < _CLOSE and name in _CANDIDATES]
    doubt = _samples(kept, [best, *close]) if close else ()
    return Found(best, declared, scores[best][1], doubt)


def _samples(cells: Sequence[bytes], names: Sequence[str]) -> tuple[str, ...]:
    """Three cells in each of the encodings, unless all read the same."""
    shown = sorted(set(cells), key=len, reverse=True)[:3]
    readings = {name: "、".join(decode_cut(cell, name) or "" for cell in shown) for name in names}
    if len(set(readings.values())) == 1:
        return ()
    return tuple(f"{name.upper()}: {text}" for name, text in readings.items())


def _decoded(cells: Sequence[bytes], name: str) -> tuple[str | None, bool]:
    """All cells as text, and whether some had to be cut; ``None`` if they are not in that encoding."""
    try:
        return b"\n".join(cells).decode(name), False
    except UnicodeDecodeError:
        pass
    parts = [decode_cut(cell, name) for cell in cells]
    if any(part is None for part in parts):
        return None, True
    return "\n".join(part for part in parts if part is not None), True


def decode_cut(cell: bytes, name: str) -> str | None:
    """The text of a cell whose last character may be incomplete; ``None`` if it is wrong before its end."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        return decoder.decode(cell, final=False)
    except UnicodeDecodeError:
        return None


def _commonness(text: str, name: str) -> float:
    """Share of common characters among those that are not ASCII."""
    letters = [letter for letter in text[:200_000] if letter > "\x7f"]
    common = _common(name)
    return sum(letter in common for letter in letters) / len(letters) if letters else 0.0


@cache
def _common(name: str) -> frozenset[str]:
    simplified = frozenset(_level_one("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF)))
    traditional = frozenset(_level_one("big5", range(0xA4, 0xC7), range(0x40, 0xFF)))
    marks = frozenset("，。、；：（）《》“”—·０１２３４５６７８９℃°′″²³～")
    if name == "gb18030":
        return simplified | marks
    return (traditional if name == "cp950" else simplified | traditional) | marks


def _level_one(name: str, first: range, second: range) -> Iterator[str]:
    for a in first:
        for b in second:
            yield from bytes((a, b)).decode(name, "ignore")


def dbf_encoding(dbf: Path, cpg: Path | None) -> Found:
    """The encoding of a shapefile's table.

    Raises
    ------
    BadInput
        The table is torn, or no candidate decodes it.
    """
    with dbf.open("rb") as file:
        header = file.read(32)
    if len(header) < 32:
        raise BadInput("file_torn", path=dbf)
    rows, start, width = (int.from_bytes(header[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    if dbf.stat().st_size < start + rows * width or start < 33:
        raise BadInput("file_torn", path=dbf)
    declared = cpg.read_text("latin-1")[:40].strip() if cpg else ""
    if not encoding_named(declared):
        declared = _LANGUAGE_DRIVERS.get(header[29], "")
    return encoding_of(_dbf_cells(dbf, rows, start, width), declared, dbf)


def _dbf_cells(dbf: Path, rows: int, start: int, width: int) -> list[bytes]:
    """Names of the columns, and the distinct texts of at least the first four million bytes."""
    with dbf.open("rb") as file:
        head = file.read(start)
        body = file.read(rows * width if rows * width <= _SAMPLE else _SAMPLE // width * width)
    table = np.frombuffer(body, np.uint8).reshape(-1, width) if width else np.empty((0, 0), np.uint8)
    cells: list[bytes] = []
    offset = 1
    for place in range(32, len(head) - 31, 32):
        column = head[place : place + 32]
        if column[0] == 0x0D:
            break
        cells.append(column[:11].split(b"\0")[0])
        if offset + column[16] > width:  # the header tells of more than a row holds
            raise BadInput("file_torn", path=dbf)
        if column[11:12] == b"C":
            texts = np.ascontiguousarray(table[:, offset : offset + column[16]])
            if texts.size:
                cells += [t.rstrip(b" \0") for t in np.unique(texts.view(f"S{column[16]}")).tolist()]
        offset += column[16]
    return cells
