"""The drawing surface: a view of the plane, an image of it, and the kernels called on both.

Everything here takes and gives numpy arrays, lets go of the GIL while it draws, and works in chunks small
enough that a `Progress` which raises stops it within a few milliseconds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from layers.cartography import cache, cells, coverage, fill, marker, stroke
from layers.grid import Array, Extent, Grid, Lattice
from layers.layer import Shapes
from layers.progress import Progress, ignore

Image = NDArray[np.uint8]
Rows = NDArray[np.int64]
Classes = NDArray[np.int64]

MM_PER_INCH = 25.4
VERTICES_A_CHUNK = 50_000
FEATURES_A_CHUNK = 4_000
PIXEL_ROWS_A_CHUNK = 64

KERNELS = (
    fill.fill_chunk, stroke.stroke_chunk, marker.stamp_chunk, cells.cells_chunk, cells.ramp_chunk
)  # fmt: skip
cache.settle((*KERNELS, coverage.add_edge))


@dataclass(frozen=True)
class View:
    """What part of the plane is seen, on how many pixels.

    Parameters
    ----------
    extent : Extent
        Map units: metres.
    width, height : int
        Pixels.
    dpi : float
        Pixels an inch on screen or paper.
    """

    extent: Extent
    width: int
    height: int
    dpi: float = 96.0

    @classmethod
    def fitting(cls, extent: Extent, width: int, height: int, dpi: float = 96.0) -> "View":
        """The view with square pixels that shows all of `extent`, in the middle."""
        metres = max(extent.width / width, extent.height / height, 1e-9)
        x, y = (extent.west + extent.east) / 2, (extent.south + extent.north) / 2
        return cls.around(x, y, metres, width, height, dpi)

    @classmethod
    def around(cls, x: float, y: float, metres: float, width: int, height: int, dpi: float = 96.0) -> "View":
        """The view around a point with `metres` a pixel."""
        half_width, half_height = metres * width / 2, metres * height / 2
        return cls(
            Extent(x - half_width, y - half_height, x + half_width, y + half_height), width, height, dpi
        )

    @property
    def metres_per_pixel(self) -> float:
        """Map units a pixel, along x."""
        return self.extent.width / self.width

    @property
    def scale_denominator(self) -> float:
        """The 100000 of 1 : 100000, for a pixel of the given dpi."""
        return self.metres_per_pixel * self.dpi / (MM_PER_INCH / 1000)

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """West, north, pixels a metre along x and along y: what the kernels take."""
        return (
            float(self.extent.west),
            float(self.extent.north),
            self.width / self.extent.width,
            self.height / self.extent.height,
        )

    def pixels(self, mm: float) -> float:
        """A length on paper in pixels."""
        return mm * self.dpi / MM_PER_INCH

    def to_pixels(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Pixel coordinates of map coordinates; x to the right, y down, from the north-west corner."""
        west, north, sx, sy = self.frame
        return (np.asarray(x) - west) * sx, (north - np.asarray(y)) * sy

    def to_map(self, column: Array, row: Array) -> tuple[Array, Array]:
        """Map coordinates of pixel coordinates."""
        west, north, sx, sy = self.frame
        return west + np.asarray(column) / sx, north - np.asarray(row) / sy


@dataclass(frozen=True, eq=False)
class Inks:
    """Colours and hatches of k classes.

    Parameters
    ----------
    colours, patterns : ndarray of uint8, shape (k, 4)
        Premultiplied RGBA of the plain fill and of the hatch.
    tiles : ndarray of uint8, shape (k, n, n)
        One period of the hatch as cover 0..255.
    periods : ndarray of int64, shape (k,)
        Its side in pixels; 0: no hatch.
    """

    colours: NDArray[np.uint8]
    patterns: NDArray[np.uint8]
    tiles: NDArray[np.uint8]
    periods: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pens:
    """Strokes of k classes, in pixels.

    Parameters
    ----------
    colours : ndarray of uint8, shape (k, 4)
    widths : ndarray of float64, shape (k,)
        0: not drawn.
    caps, joins : ndarray of int64, shape (k,)
    dashes : ndarray of float64, shape (k, n)
    counts : ndarray of int64, shape (k,)
        Used lengths of `dashes`; 0: solid.
    """

    colours: NDArray[np.uint8]
    widths: Array
    caps: NDArray[np.int64]
    joins: NDArray[np.int64]
    dashes: Array
    counts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stamps:
    """Markers of k classes, in pixels around 0, 0.

    Parameters
    ----------
    outlines : ndarray of float64, shape (n, 2)
        Closed rings, one after the other.
    rings, inks, layers : ndarray of int64
        Offsets: rings→outlines, ink layers→rings, classes→ink layers.
    colours : ndarray of uint8, shape (ink layers, 4)
    reach : float
        How far the largest marker reaches from its point.
    """

    outlines: Array
    rings: NDArray[np.int64]
    inks: NDArray[np.int64]
    layers: NDArray[np.int64]
    colours: NDArray[np.uint8]
    reach: float


def premultiplied(color: str, opacity: float = 1.0) -> tuple[int, int, int, int]:
    """``#rrggbb`` and an opacity as premultiplied RGBA of 0..255."""
    red, green, blue = (round(int(color[i : i + 2], 16) * opacity) for i in (1, 3, 5))
    return red, green, blue, round(255 * opacity)


def straight(image: Image) -> Image:
    """The image with straight (not premultiplied) alpha, as matplotlib and PNG files want it."""
    alpha = image[..., 3:].astype(np.float64)
    colour = np.divide(image[..., :3] * 255.0, alpha, out=np.zeros(image[..., :3].shape), where=alpha > 0)
    return np.dstack([np.rint(colour).astype(np.uint8), image[..., 3]])


def new_image(view: View, background: str = "") -> Image:
    """An image of the view in a colour; transparent if it is empty."""
    image = np.zeros((view.height, view.width, 4), np.uint8)
    if background:
        image[:] = premultiplied(background)
    return image


@dataclass(frozen=True, eq=False)
class _Buffer:
    """Where cover is accumulated: zero between features."""

    cover: NDArray[np.float32]
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]

    @classmethod
    def of(cls, image: Image) -> "_Buffer":
        height, width = image.shape[:2]
        low = np.full(height, width + 2, np.int64)
        return cls(np.zeros((height, width + 2), np.float32), low, np.full(height, -1, np.int64))


_owned: WeakKeyDictionary[Shapes, Shapes] = WeakKeyDictionary()


def _own(shapes: Shapes) -> Shapes:
    """The shapes in arrays of the one layout for which the kernels are compiled: a copy, kept, if need be."""
    if shapes in _owned:
        return _owned[shapes]
    xy = np.require(shapes.xy, np.float64, ["C", "W"])
    offsets = tuple(np.require(o, np.int64, ["C", "W"]) for o in shapes.offsets)
    if all(a is b for a, b in zip((xy, *offsets), (shapes.xy, *shapes.offsets), strict=True)):
        return shapes
    _owned[shapes] = Shapes(shapes.kind, xy, offsets)
    return _owned[shapes]


def visible(shapes: Shapes, view: View, reach: float = 0.0) -> Rows:
    """The rows whose boxes meet the view grown by `reach` pixels; features without geometry never do."""
    west, south, east, north = view.extent.grown(reach * view.metres_per_pixel)
    boxes = shapes.boxes
    seen = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    return np.flatnonzero(seen).astype(np.int64)


def _chunks(rows: Rows, spans: NDArray[np.int64], progress: Progress) -> Iterator[Rows]:
    """Rows in their order, few enough vertices at a time; progress is told before each and at the end."""
    vertices = np.cumsum(spans[rows + 1] - spans[rows])
    start = 0
    while start < len(rows):
        progress(start / len(rows))
        done = vertices[start - 1] if start else 0
        end = int(np.searchsorted(vertices, done + VERTICES_A_CHUNK, "right"))
        end = min(max(end, start + 1), start + FEATURES_A_CHUNK)
        yield rows[start:end]
        start = end
    progress(1.0)


def fill_polygons(
    image: Image,
    shapes: Shapes,
    classes: Classes,
    view: View,
    inks: Inks,
    pens: Pens,
    progress: Progress = ignore,
) -> None:
    """Fill polygons, even-odd, anti-aliased, in the order of the rows.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 4)
        Drawn upon.
    shapes : Shapes
        Polygons.
    classes : ndarray of int64, shape (features,)
        Class of each feature; -1: not drawn.
    view : View
    inks : Inks
    pens : Pens
        Outlines: they count for features smaller than a pixel, which become dots of the same cover.
    progress : Progress
        Told before each few thousand features or vertices.
    """
    shapes = _own(shapes)
    buffer = _Buffer.of(image)
    rings, parts, features = shapes.offsets
    for rows in _chunks(visible(shapes, view), shapes.spans, progress):
        fill.fill_chunk(
            image, buffer.cover, buffer.lo, buffer.hi, shapes.xy, rings, parts, features, shapes.boxes,
            rows, classes, view.frame, inks.colours, inks.patterns, inks.tiles, inks.periods,
            pens.colours, np.where(pens.counts > 0, 0.5, 1.0) * pens.widths,
        )  # fmt: skip


def stroke_lines(
    image: Image, shapes: Shapes, classes: Classes, view: View, pens: Pens, progress: Progress = ignore
) -> None:
    """Stroke lines, or the rings of polygons, anti-aliased; parameters as of `fill_polygons`.

    A feature that crosses itself is laid down once. Outlines of polygons smaller than a pixel are left to
    their dots.
    """
    if not pens.widths.any():
        return
    shapes = _own(shapes)
    closed = shapes.kind == "polygon"
    runs = shapes.offsets[0]
    features = shapes.offsets[1][shapes.offsets[2]] if closed else shapes.offsets[1]
    buffer = _Buffer.of(image)
    longest = int(np.diff(runs).max(initial=0)) + 4
    path, piece = np.empty((longest, 2)), np.empty((longest, 2))
    reach = float(pens.widths.max()) * stroke.MITER_LIMIT
    for rows in _chunks(visible(shapes, view, reach), shapes.spans, progress):
        stroke.stroke_chunk(
            image, buffer.cover, buffer.lo, buffer.hi, shapes.xy, runs, features, shapes.boxes, rows,
            classes, view.frame, closed, path, piece, pens.colours, pens.widths, pens.caps, pens.joins,
            pens.dashes, pens.counts,
        )  # fmt: skip


def draw_markers(
    image: Image, shapes: Shapes, classes: Classes, view: View, stamps: Stamps, progress: Progress = ignore
) -> None:
    """Draw a marker at every point; parameters as of `fill_polygons`."""
    shapes = _own(shapes)
    buffer = _Buffer.of(image)
    (features,) = shapes.offsets
    for rows in _chunks(visible(shapes, view, stamps.reach), shapes.spans, progress):
        counts = features[rows + 1] - features[rows]
        xy = shapes.take(rows).xy
        x, y = view.to_pixels(xy[:, 0], xy[:, 1])
        marker.stamp_chunk(
            image, buffer.cover, buffer.lo, buffer.hi, x, y, np.repeat(classes[rows], counts),
            stamps.outlines, stamps.rings, stamps.inks, stamps.layers, stamps.colours,
        )  # fmt: skip


def _cells_under(grid: Grid, view: View) -> tuple[Rows, Rows]:
    """Row and column of the cell under the centre of each pixel row and column; -1 outside."""
    x, y = view.to_map(
        np.arange(view.width, dtype=np.float64) + 0.5, np.arange(view.height, dtype=np.float64) + 0.5
    )
    lattice = grid.lattice
    rows = np.floor((lattice.north - y) / lattice.cell)
    columns = np.floor((x - lattice.west) / lattice.cell)
    rows[(rows < 0) | (rows >= lattice.rows)] = -1
    columns[(columns < 0) | (columns >= lattice.columns)] = -1
    return rows.astype(np.int64), columns.astype(np.int64)


def _pixel_rows(height: int, progress: Progress) -> Iterator[tuple[int, int]]:
    for start in range(0, height, PIXEL_ROWS_A_CHUNK):
        progress(start / height)
        yield start, min(start + PIXEL_ROWS_A_CHUNK, height)
    progress(1.0)


def draw_classes(
    image: Image, grid: Grid, view: View, lower: Array, upper: Array, inks: Inks, progress: Progress = ignore
) -> None:
    """Colour a grid by classes ``lower <= value < upper``; the last ink is of no data and other values."""
    rows, columns = _cells_under(grid, view)
    values = np.require(grid.values, np.float64, ["C", "W"])
    for start, end in _pixel_rows(view.height, progress):
        cells.cells_chunk(
            image, values, rows, columns, start, end, lower, upper,
            inks.colours, inks.patterns, inks.tiles, inks.periods,
        )  # fmt: skip


def draw_ramp(
    image: Image,
    grid: Grid,
    view: View,
    lower: float,
    upper: float,
    colours: NDArray[np.uint8],
    progress: Progress = ignore,
) -> None:
    """Colour a grid along `colours` from `lower` to `upper`; the last colour is of no data."""
    rows, columns = _cells_under(grid, view)
    values = np.require(grid.values, np.float64, ["C", "W"])
    for start, end in _pixel_rows(view.height, progress):
        cells.ramp_chunk(image, values, rows, columns, start, end, float(lower), float(upper), colours)


def kernels_ready() -> bool:
    """Whether the kernels lie compiled in the disk cache: the first drawing will not wait for them."""
    return cache.is_warm(KERNELS)


def compile_kernels(progress: Progress = ignore) -> None:
    """Compile all kernels into the disk cache, or load them from it: half a minute the first time."""
    view = View(Extent(0, 0, 8, 8), 8, 8)
    image, none = new_image(view), np.zeros(2, np.int64)
    one = np.array([0, 1], np.int64)
    ring = Shapes("polygon", np.array([[1.0, 1], [6, 1], [6, 6], [1, 1]]), (np.array([0, 4]), one, one))
    line = Shapes("line", ring.xy, (np.array([0, 4]), one))
    grid = Grid(np.zeros((1, 1)), Lattice(0, 8, 8.0, 1, 1, ""))
    colour = np.full((2, 4), 255, np.uint8)
    ink = Inks(colour, colour, np.zeros((2, 1, 1), np.uint8), none)
    pen = Pens(colour, np.ones(2), none, none, np.zeros((2, 1)), none)
    stamp = Stamps(ring.xy, np.array([0, 4]), one, one, colour, 1.0)
    steps: tuple[Callable[[], None], ...] = (
        lambda: fill_polygons(image, ring, none, view, ink, pen),
        lambda: stroke_lines(image, line, none, view, pen),
        lambda: draw_markers(image, Shapes("point", np.ones((1, 2)), (one,)), none, view, stamp),
        lambda: draw_classes(image, grid, view, np.zeros(1), np.ones(1), ink),
        lambda: draw_ramp(image, grid, view, 0.0, 1.0, colour),
    )
    for done, step in enumerate(steps):
        progress(done / len(steps))
        step()
    progress(1.0)
