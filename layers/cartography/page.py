"""Page: paper sizes, boxes on paper, and where the parts of a map sheet stand.

The layout is drawn once, for A3, and scaled: all ISO pages have one shape, so what fits on A3 fits on A0 and
A4. Lengths are millimetres on the A3 page, measured from its lower left corner.
"""

from dataclasses import dataclass
from typing import NamedTuple

from layers.errors import BadInput

LONG_MM = {"A4": 297.0, "A3": 420.0, "A2": 594.0, "A1": 841.0, "A0": 1189.0}
SHORT_MM = {"A4": 210.0, "A3": 297.0, "A2": 420.0, "A1": 594.0, "A0": 841.0}


class Box(NamedTuple):
    """A rectangle on paper: lower left corner and size, mm."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.y + self.height

    def grown(self, by: float) -> "Box":
        """The box widened by `by` on each side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def meets(self, other: "Box") -> bool:
        """Whether the two boxes share an area."""
        return self.x < other.right and other.x < self.right and self.y < other.top and other.y < self.top

    def holds(self, other: "Box", slack: float = 0.0) -> bool:
        """Whether `other` lies within this box, give or take `slack`."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.top <= self.top + slack
        )


@dataclass(frozen=True)
class Page:
    """A sheet of paper.

    Parameters
    ----------
    size : {"A4", "A3", "A2", "A1", "A0"}
    portrait : bool
    """

    size: str = "A3"
    portrait: bool = False

    @classmethod
    def of(cls, name: str) -> "Page":
        """From ``A3``, ``A4-portrait`` …

        Raises
        ------
        BadInput
            No such page.

        Examples
        --------
        >>> Page.of("a4-portrait")
        Page(size='A4', portrait=True)
        """
        size, _, turn = name.upper().partition("-")
        if size not in LONG_MM or turn not in {"", "PORTRAIT", "LANDSCAPE"}:
            raise BadInput("page_unknown", page=name, pages=", ".join(LONG_MM))
        return cls(size, turn == "PORTRAIT")

    @property
    def name(self) -> str:
        """As `of` reads it."""
        return f"{self.size}-portrait" if self.portrait else self.size

    @property
    def width(self) -> float:
        """Millimetres."""
        return SHORT_MM[self.size] if self.portrait else LONG_MM[self.size]

    @property
    def height(self) -> float:
        """Millimetres."""
        return LONG_MM[self.size] if self.portrait else SHORT_MM[self.size]

    @property
    def scale(self) -> float:
        """How many times larger than on A3 everything is drawn.

        The long sides of the ISO pages are rounded to whole millimetres, so the smaller ratio is taken.
        """
        return min(LONG_MM[self.size] / LONG_MM["A3"], SHORT_MM[self.size] / SHORT_MM["A3"])

    def pixels(self, dpi: float) -> tuple[int, int]:
        """Width and height of the page in whole pixels."""
        return round(self.width / 25.4 * dpi), round(self.height / 25.4 * dpi)


@dataclass(frozen=True)
class Layout:
    """Where the parts of a sheet stand on A3, mm.

    Parameters
    ----------
    title, stamp, frame, scale, notes, imprint : Box
    columns : tuple of Box
        Where legend, statistics and inset are stacked, from the top of the first to the bottom of the last.
    """

    title: Box
    stamp: Box
    frame: Box
    columns: tuple[Box, ...]
    scale: Box
    notes: Box
    imprint: Box

    @classmethod
    def of(cls, page: Page) -> "Layout":
        """The layout for landscape or portrait."""
        return _PORTRAIT if page.portrait else _LANDSCAPE

    @property
    def parts(self) -> dict[str, Box]:
        """All boxes by name."""
        columns = {f"column {n}": box for n, box in enumerate(self.columns, 1)}
        return {
            "title": self.title,
            "stamp": self.stamp,
            "frame": self.frame.grown(GUTTER),
            **columns,
            "scale": self.scale,
            "notes": self.notes,
            "imprint": self.imprint,
        }


GUTTER = 5.0
"""Room around the map frame for the figures of the graticule, mm."""

_LANDSCAPE = Layout(
    title=Box(60, 272, 300, 18),
    stamp=Box(370, 276, 40, 14),
    frame=Box(15, 43, 295, 222),
    columns=(Box(319, 38, 91, 229),),
    scale=Box(10, 9, 92, 27),
    notes=Box(106, 9, 205, 27),
    imprint=Box(319, 9, 91, 27),
)
_PORTRAIT = Layout(
    title=Box(40, 394, 217, 18),
    stamp=Box(260, 402, 30, 10),
    frame=Box(15, 157, 267, 229),
    columns=(Box(10, 42, 91, 108), Box(106, 42, 91, 108), Box(202, 42, 85, 108)),
    scale=Box(10, 9, 80, 27),
    notes=Box(94, 9, 118, 27),
    imprint=Box(216, 9, 71, 27),
)
