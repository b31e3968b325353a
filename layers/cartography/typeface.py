"""Typeface: the one face that all sheets are set in; widths of words, and words broken into lines.

Noto Sans SC is shipped with the program and is named by file, so that a page looks the same on every desk.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

from layers.resources import resource

POINT = 25.4 / 72
"""A typographic point, mm."""
MISSING = "〓"
"""What printers set for a character that the face lacks."""


_FULL = resource("fonts", "NotoSansSC-Regular.ttf")
_file: ContextVar[Path] = ContextVar("file", default=_FULL)


def face() -> FontProperties:
    """The face for matplotlib; treat as constant."""
    return _face(_file.get())


@cache
def _face(file: Path) -> FontProperties:
    return FontProperties(fname=str(file))


@contextmanager
def narrowed(words: Iterable[str]) -> Iterator[None]:
    """While it lasts, the face holds of all hanzi those of `words` alone.

    To embed a face, the thirty thousand glyphs of the full one are read anew for every page, a second each
    time; for a series it is done once. Widths are those of the full face.
    """
    letters = {ord(c) for each in words for c in each} | {c for c in _charmap() if not _is_hanzi(c)}
    options = subset.Options(hinting=False, notdef_outline=True, name_IDs=["*"], layout_features=[])
    with TTFont(_FULL, lazy=True) as font, TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        file = Path(folder) / "NotoSansSC-Regular.ttf"
        font.save(file)
        token = _file.set(file)
        try:
            yield
        finally:
            _file.reset(token)


@cache
def _font() -> FT2Font:
    return FT2Font(str(_FULL))


@cache
def _charmap() -> dict[int, int]:
    return dict(_font().get_charmap())


def _is_hanzi(code: int) -> bool:
    return 0x3400 <= code <= 0x9FFF or code >= 0x20000


@cache
def _advance(character: str) -> float:
    """Width of a character in units of the type size."""
    glyph = _font().load_char(ord(character), flags=LoadFlags.NO_SCALE)
    return float(glyph.horiAdvance) / _font().units_per_EM


def missing(words: str) -> str:
    """The characters that the face lacks, each once, in order."""
    return "".join(dict.fromkeys(c for c in words if ord(c) not in _charmap() and c != "\n"))


def printable(words: str) -> str:
    """The words with `MISSING` for every character that the face lacks."""
    lacking = missing(words)
    return words.translate({ord(c): MISSING for c in lacking}) if lacking else words


def width(words: str, size: float) -> float:
    """Width of a line of words, mm.

    Parameters
    ----------
    words : str
    size : float
        Type size, points.
    """
    return sum(_advance(c) for c in printable(words)) * size * POINT


_UNBROKEN = re.compile(r"[A-Za-z0-9.,:;/()°′″%+\-–·_=²³]+|\s+|.", re.DOTALL)
_NOT_FIRST = "，。、；：！？）》」』”’%"
_NOT_LAST = "（《「『“‘"


def wrapped(words: str, size: float, room: float) -> list[str]:
    """The words in lines no wider than `room` mm: broken between hanzi or at spaces, never inside a number.

    No line begins with a closing sign of punctuation, and none ends with an opening one.

    A single run of Latin letters wider than `room` is broken where it must be.

    Examples
    --------
    >>> wrapped("待核对（非官方）", 10, 15)
    ['待核对', '（非官方）']
    """
    lines: list[str] = []
    for paragraph in words.split("\n"):
        line = ""
        for run in _runs(paragraph, size, room):
            if line and width(line + run.rstrip(), size) > room and run not in _NOT_FIRST:
                kept = line.rstrip().rstrip(_NOT_LAST) or line.rstrip()
                lines.append(kept.rstrip())
                line = line.rstrip()[len(kept) :] + run.lstrip()
            else:
                line += run
        lines.append(line.rstrip())
    return lines


def _runs(paragraph: str, size: float, room: float) -> list[str]:
    runs: list[str] = []
    for run in _UNBROKEN.findall(paragraph):
        runs.extend(run if width(run, size) > room else (run,))
    return runs


def fitted(words: str, size: float, room: float, smallest: float) -> float:
    """The largest type size, not above `size`, at which the words fit into one line of `room` mm.

    Not below `smallest`, even if they do not fit then: the caller wraps or shortens.
    """
    needed = width(words, size)
    return size if needed <= room else max(smallest, size * room / needed)


def shortened(words: str, size: float, room: float) -> str:
    """The words, cut with an ellipsis if they are wider than `room` mm."""
    if width(words, size) <= room:
        return words
    while words and width(words + "…", size) > room:
        words = words[:-1]
    return words + "…"
