"""What is drawn for a feature, as values: sizes in millimetres on paper, colours as ``#rrggbb``."""

import re
from dataclasses import dataclass
from typing import Literal

from layers.cartography.decoding import check

HatchPattern = Literal[
    "none", "horizontal", "vertical", "diagonal", "back_diagonal", "cross", "diagonal_cross", "dots"
]
MarkerShape = Literal["circle", "square", "triangle", "diamond", "pentagon", "cross", "star", "none"]
Glyph = Literal[
    "", "hospital", "school", "shelter", "fire", "factory", "depot", "person", "tree", "dot", "team"
]
Cap = Literal["butt", "round", "square"]
Join = Literal["miter", "round", "bevel"]
LARGEST_MM, LARGEST_M = 100.0, 100_000.0
ICON_TEXT = 20_000  # characters of an icon's outline
_ICON = re.compile(r"[a-z0-9-]{0,40}\Z|(?:M-?\d{1,4},-?\d{1,4}(?: -?\d{1,4},-?\d{1,4})*)+\Z")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")


def check_colour(where: str, value: str) -> None:
    """Refuse what is no ``#rrggbb``."""
    check(bool(_COLOUR.match(value)), where, value)


def check_size(where: str, value: float, low: float = 0.0, high: float = LARGEST_MM) -> None:
    """Refuse a number outside low..high."""
    check(low <= value <= high, where, value)


@dataclass(frozen=True)
class Fill:
    """The inside of a polygon.

    Parameters
    ----------
    color : str
        ``#rrggbb``.
    opacity : float
        0..1, of the plain colour.
    hatch : str
        Pattern drawn over the plain colour.
    hatch_color : str
    hatch_opacity : float
    spacing_mm, line_mm : float
        Distance between hatch lines and their width.
    """

    color: str = "#d9d9d9"
    opacity: float = 1.0
    hatch: HatchPattern = "none"
    hatch_color: str = "#808080"
    hatch_opacity: float = 1.0
    spacing_mm: float = 1.5
    line_mm: float = 0.2

    def __post_init__(self) -> None:
        check_colour("fill.color", self.color)
        check_colour("fill.hatch_color", self.hatch_color)
        check_size("fill.opacity", self.opacity, 0, 1)
        check_size("fill.hatch_opacity", self.hatch_opacity, 0, 1)
        check_size("fill.spacing_mm", self.spacing_mm, 0.3, 20)
        check_size("fill.line_mm", self.line_mm, 0.05, 10)


@dataclass(frozen=True)
class Stroke:
    """A line, or the outline of a polygon.

    Parameters
    ----------
    color : str
    width_mm : float
    dash : tuple of float
        Lengths of dash, gap, dash, gap … in mm; empty for a solid line.
    opacity : float
    cap, join : str
    """

    color: str = "#404040"
    width_mm: float = 0.2
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    cap: Cap = "butt"
    join: Join = "round"

    def __post_init__(self) -> None:
        check_colour("stroke.color", self.color)
        check_size("stroke.opacity", self.opacity, 0, 1)
        check_size("stroke.width_mm", self.width_mm, 0, 20)
        check(len(self.dash) <= 12 and len(self.dash) % 2 == 0, "stroke.dash", self.dash)
        for length in self.dash:
            check_size("stroke.dash", length, 0.1)


@dataclass(frozen=True)
class Marker:
    """A sign at a point.

    Parameters
    ----------
    shape : str
    size_mm : float
        Height of the shape on paper.
    size_m : float
        Height of the shape on the ground; 0: `size_mm` holds, as it always does in legends.
    fill : Fill
        Colour and opacity of the shape; hatches are not drawn in markers.
    stroke : Stroke or None
        Its outline.
    glyph : str
        A picture in the shape; empty for none.
    ink : str
        Colour of the glyph or icon in a shape; without one it has the colour of `fill`.
    icon : str
        In place of the glyph: a name of `layers.cartography.icons.icon_names`, or an outline that
        `icon_from_svg` gave. Without a shape (``none``) it is as high as the marker.
    """

    shape: MarkerShape = "circle"
    size_mm: float = 2.0
    fill: Fill = Fill(color="#3b6ea5")
    stroke: Stroke | None = Stroke(color="#ffffff", width_mm=0.2)
    glyph: Glyph = ""
    ink: str = "#ffffff"
    icon: str = ""
    size_m: float = 0.0

    def __post_init__(self) -> None:
        check_size("marker.size_mm", self.size_mm, 0.1, 50)
        check_size("marker.size_m", self.size_m, 0.0, LARGEST_M)
        check(len(self.icon) <= ICON_TEXT and bool(_ICON.match(self.icon)), "marker.icon", self.icon)
        check_colour("marker.ink", self.ink)


@dataclass(frozen=True)
class Label:
    """Text at a feature.

    Parameters
    ----------
    field : str
        Column that holds the text.
    size_pt : float
    color : str
    halo : str
        Colour of the halo; empty for none.
    halo_mm : float
    priority : str
        Column of numbers: the larger is placed first. Empty: the larger feature first.
    smallest_scale : float
        Not drawn when the scale denominator is larger; 0: always drawn.
    bold : bool
    """

    field: str = "name"
    size_pt: float = 8.0
    color: str = "#202020"
    halo: str = "#ffffff"
    halo_mm: float = 0.4
    priority: str = ""
    smallest_scale: float = 0.0
    bold: bool = False

    def __post_init__(self) -> None:
        check_size("label.size_pt", self.size_pt, 1, 200)
        check_size("label.halo_mm", self.halo_mm, 0, 5)
        check_size("label.smallest_scale", self.smallest_scale, 0, 1e9)
        check_colour("label.color", self.color)
        if self.halo:
            check_colour("label.halo", self.halo)


@dataclass(frozen=True)
class Symbol:
    """What is drawn for a feature: parts that do not fit its geometry are ignored.

    Parameters
    ----------
    fill : Fill or None
        Of polygons and cells.
    stroke : Stroke or None
        Of lines and polygon outlines.
    marker : Marker or None
        Of points.
    casing : Stroke or None
        A wider line under the stroke, laid under all strokes of the layer.
    """

    fill: Fill | None = None
    stroke: Stroke | None = None
    marker: Marker | None = None
    casing: Stroke | None = None


NOTHING = Symbol()
"""Draws nothing."""
