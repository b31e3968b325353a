"""Sheet: a map on paper, described as a value, then drawn.

The value holds all that is printed; drawing adds nothing but ink. The same plate is written to PDF, PNG
and SVG.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Proj

from layers.cartography.legend import PatchShape
from layers.cartography.page import Layout, Page
from layers.cartography.style import Style, Symbol
from layers.grid import Extent, Grid
from layers.layer import VectorLayer
from layers.words import Language

_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A layer and how it is drawn.

    Parameters
    ----------
    layer : VectorLayer or Grid
        In the sheet's CRS.
    style : Style
    dense : bool
        True: drawn by the kernel into the one image of the map body. False: drawn as lines on the page; of
        polygons the borders, each once even where two regions share it.
    """

    layer: VectorLayer | Grid
    style: Style
    dense: bool = True


@dataclass(frozen=True)
class LegendRow:
    """A swatch and its words.

    Parameters
    ----------
    title : str
    symbol : Symbol
    shape : {"polygon", "line", "point"}
    cells : tuple of str
        Bounds and counts, under the legend's heads.
    """

    title: str
    symbol: Symbol
    shape: PatchShape = "polygon"
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Legend:
    """Rows of swatches under a heading.

    Parameters
    ----------
    title : str
    rows : tuple of LegendRow
    heads : tuple of str
        Head of the swatches' titles, then of each further cell; empty for none.
    columns : int
        Rows stand side by side in so many columns.
    """

    title: str
    rows: tuple[LegendRow, ...]
    heads: tuple[str, ...] = ()
    columns: int = 1


@dataclass(frozen=True)
class Bar:
    """A share from 0 to 1 drawn as the last cell of a table's row."""

    share: float
    color: str
    words: str = ""


@dataclass(frozen=True)
class Table:
    """A small table of figures; the first column are names, the others are right-aligned.

    Parameters
    ----------
    title : str
    heads : tuple of str
    rows : tuple of tuple of str
    bars : tuple of Bar
        One a row, or none at all.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, eq=False)
class Inset:
    """A small map that shows where the sheet lies.

    Parameters
    ----------
    title : str
    regions : VectorLayer
        Polygons in the sheet's CRS.
    marked : str
        ``code`` of the region to mark, empty for none.
    """

    title: str
    regions: VectorLayer
    marked: str = ""


@dataclass(frozen=True)
class Note:
    """A paragraph under the map: a head and its words."""

    head: str
    words: str


@dataclass(frozen=True, eq=False)
class MapSheet:
    """All that is printed on a page.

    Parameters
    ----------
    title, subtitle : str
    page : Page
    crs : str
        Projected CRS in metres, in which all layers are.
    centre : tuple of float
        Easting, northing of the middle of the map frame, m.
    scale : int
        Scale denominator, true at the centre.
    layers : tuple of Drawn
        From the lowest to the topmost.
    focus : VectorLayer, optional
        Polygons of the region in question: what lies around them is faded.
    legends : tuple of Legend
    tables : tuple of Table
    inset : Inset, optional
    notes : tuple of Note
        Sources, CRS, heights, model, limits.
    maker, date, stamp : str
        编制单位, date as printed, 内部用图 or the review number.
    number, count : int
        Page n of N; 0 for none.
    language : {"zh_CN", "en"}
    warning : str
        A sentence printed in red under the map, such as that the data are synthetic; empty for none.
    """

    title: str
    page: Page
    crs: str
    centre: tuple[float, float]
    scale: int
    layers: tuple[Drawn, ...]
    subtitle: str = ""
    focus: VectorLayer | None = None
    legends: tuple[Legend, ...] = ()
    tables: tuple[Table, ...] = ()
    inset: Inset | None = None
    notes: tuple[Note, ...] = ()
    maker: str = ""
    date: str = ""
    stamp: str = ""
    number: int = 0
    count: int = 0
    language: Language = "zh_CN"
    warning: str = ""
    keywords: tuple[str, ...] = field(default=())

    @property
    def layout(self) -> Layout:
        """Where the parts stand."""
        return Layout.of(self.page)

    @cached_property
    def metres_per_mm(self) -> float:
        """CRS metres that a millimetre of the A3 layout covers."""
        return self.scale * grid_scale(self.crs, self.centre) * self.page.scale / 1000

    @cached_property
    def extent(self) -> Extent:
        """What the map frame shows, CRS metres."""
        x, y = self.centre
        wide = self.layout.frame.width * self.metres_per_mm / 2
        high = self.layout.frame.height * self.metres_per_mm / 2
        return Extent(x - wide, y - high, x + wide, y + high)

    def on_paper(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Easting and northing, shape (n, 2), as mm on the A3 layout."""
        frame, extent = self.layout.frame, self.extent
        placed: NDArray[np.float64] = (xy - (extent.west, extent.south)) / self.metres_per_mm
        return placed + (frame.x, frame.y)


def grid_scale(crs: str, centre: tuple[float, float]) -> float:
    """CRS metres per metre on the ground at a point: 1 on the central meridian of Gauss-Krüger.

    A denominator is printed for the ground: where the CRS stretches (as web Mercator does by a quarter at
    37° north), the frame covers more CRS metres, and bar and number still agree.
    """
    projected = CRS.from_user_input(crs)
    place = Proj(projected)
    longitude, latitude = place(*centre, inverse=True)
    factors = place.get_factors(longitude, latitude)
    return float(np.sqrt(factors.areal_scale))


def decent(denominator: float) -> int:
    """The next larger denominator that a person would choose.

    Examples
    --------
    >>> decent(187_321)
    200000
    >>> decent(101)
    120
    """
    power = 10.0 ** np.floor(np.log10(denominator))
    step = next(s for s in _STEPS if s * power >= denominator * (1 - 1e-9))
    return round(float(step * power))


def fitting_scale(extent: Extent, page: Page, crs: str) -> tuple[tuple[float, float], int]:
    """Centre and scale denominator at which `extent` fills the page's map frame with a small rim."""
    frame = Layout.of(page).frame
    centre = ((extent.west + extent.east) / 2, (extent.south + extent.north) / 2)
    paper = 1000 / page.scale / grid_scale(crs, centre)
    needed = max(extent.width / (frame.width - 12), extent.height / (frame.height - 12)) * paper
    return centre, decent(needed)
