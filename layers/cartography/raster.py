"""The kernels called on a view and an image of it.

Everything here takes and gives numpy arrays, lets go of the GIL while it draws, and works in chunks small
enough that a `Progress` which raises stops it within a few milliseconds.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.cartography import cells, fill, marker, merge, prepared, small, stroke
from layers.cartography.breaks import find_classes, natural_breaks
from layers.cartography.ink import CLEAR, PLAIN, Inks, Pens, Prints, Stamps, prints
from layers.cartography.prepared import Prepared, Rows
from layers.cartography.view import Image as Image
from layers.cartography.view import View as View
from layers.cartography.view import new_image as new_image
from layers.cartography.view import premultiplied as premultiplied
from layers.cartography.view import straight as straight
from layers.grid import Array, Extent, Grid, Lattice
from layers.kernels import is_warm, keep
from layers.layer import Shapes
from layers.progress import Progress, ignore
from layers.storage import unpack

Classes = NDArray[np.int64]

VERTICES_A_CHUNK = 50_000
FEATURES_A_CHUNK = 4_000
PIXEL_ROWS_A_CHUNK = 64
MANY_MARKERS = 500
"""Markers above which they are printed from ready pictures of them."""

PRINTED = 60
"""Pixels around its point up to which a marker is printed: pictures of larger ones take room."""

KERNELS = (
    fill.fill_chunk, fill.speck_chunk, stroke.stroke_chunk, marker.stamp_chunk, marker.print_chunk,
    cells.cells_chunk, cells.ramp_chunk, prepared.mark_seen, prepared.node_boxes, prepared.morton_codes,
    prepared.add_areas, prepared.deal_out, prepared.end_of_chunk, merge.merge_chunk, unpack.unpack,
    find_classes,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Buffer:
    """Where a feature is accumulated: zero between features, so the next drawing can use it again."""

    cover: NDArray[np.float32]
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]
    touched: NDArray[np.int32]
    window: NDArray[np.float32]

    @classmethod
    def of(cls, image: Image) -> "_Buffer":
        """The buffer of this thread for images of that size."""
        height, width = image.shape[:2]
        kept: _Buffer | None = getattr(_own, "buffer", None)
        if kept is None or kept.cover.shape != (height, width + 2):
            low, high = np.full(height, width + 2, np.int64), np.full(height, -1, np.int64)
            cover = np.zeros((height, width + 2), np.float32)
            window = np.zeros((2, small.SIDE, small.SIDE), np.float32)
            kept = _own.buffer = cls(cover, low, high, np.zeros(height * width + 1, np.int32), window)
        return kept


_own = threading.local()


def _pixels(image: Image) -> NDArray[np.uint32]:
    """The image as one number a pixel."""
    return image.view("<u4")[..., 0]


def _chunks(rows: Rows, sizes: Rows, progress: Progress) -> Iterator[Rows]:
    """Rows in their order, few enough vertices at a time; progress is told before each and at the end."""
    start = 0
    while start < len(rows):
        progress(start / len(rows))
        end = prepared.end_of_chunk(rows, sizes, start, VERTICES_A_CHUNK, FEATURES_A_CHUNK)
        yield rows[start:end]
        start = end
    progress(1.0)


def fill_polygons(
    image: Image,
    ready: Prepared,
    rows: Rows,
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
    ready : Prepared
        Polygons.
    rows : ndarray of int64
        The features to draw.
    classes : ndarray of int64, shape (features,)
        Class of each feature; -1: not drawn.
    view : View
    inks : Inks
    pens : Pens
        Outlines: of features of about a pixel, which become specks of the same cover, and of small ones.
    progress : Progress
        Told before each few thousand features or vertices.
    """
    buffer, shapes = _Buffer.of(image), ready.shapes
    rings, parts, _ = shapes.offsets
    path = np.empty((ready.longest + 4, 2))
    edge_widths = np.where(pens.counts > 0, 0.5, 1.0) * pens.widths
    for chunk in _chunks(rows, ready.sizes, progress):
        fill.fill_chunk(
            _pixels(image), buffer.cover, buffer.lo, buffer.hi, buffer.window, path, shapes.xy, rings, parts,
            ready.firsts, ready.lasts, shapes.boxes, ready.areas, chunk, classes, view.frame,
            inks.colours, inks.patterns, inks.tiles, inks.periods, pens.colours, edge_widths, pens.small,
            CLEAR,
        )  # fmt: skip


def stroke_lines(
    image: Image,
    ready: Prepared,
    rows: Rows,
    classes: Classes,
    view: View,
    pens: Pens,
    progress: Progress = ignore,
) -> None:
    """Stroke lines, or the rings of polygons, anti-aliased; parameters as of `fill_polygons`.

    A feature that crosses itself is laid down once. Outlines of polygons of about a pixel are left to their
    specks.
    """
    if not pens.widths.any():
        return
    buffer, shapes = _Buffer.of(image), ready.shapes
    path, piece = np.empty((ready.longest + 4, 2)), np.empty((ready.longest + 4, 2))
    for chunk in _chunks(rows, ready.sizes, progress):
        stroke.stroke_chunk(
            _pixels(image), buffer.cover, buffer.lo, buffer.hi, _pixels(image).reshape(-1),
            buffer.cover.reshape(-1), buffer.touched, shapes.xy, shapes.offsets[0], ready.first_runs,
            ready.last_runs, shapes.boxes, chunk, classes, view.frame, shapes.kind == "polygon", path, piece,
            pens.colours, pens.widths, pens.caps, pens.joins, pens.dashes, pens.counts, pens.small, PLAIN,
        )  # fmt: skip


def draw_markers(
    image: Image,
    ready: Prepared,
    rows: Rows,
    classes: Classes,
    view: View,
    stamps: Stamps,
    ready_made: Prints | None,
    progress: Progress = ignore,
) -> None:
    """Draw a marker at every point, from ready pictures if there are; parameters as of `fill_polygons`."""
    buffer = _Buffer.of(image)
    for chunk in _chunks(rows, ready.sizes, progress):
        xy = ready.shapes.xy[ready.firsts[chunk]] if ready.is_plain else ready.shapes.take(chunk).xy
        x, y = view.to_pixels(xy[:, 0], xy[:, 1])
        of_point = np.repeat(classes[chunk], ready.sizes[chunk])
        if ready_made is not None:
            pictures, steps, reach = ready_made.pictures, ready_made.steps, ready_made.reach
            marker.print_chunk(_pixels(image), x, y, of_point, pictures, steps, reach)
        else:
            marker.stamp_chunk(
                _pixels(image), buffer.cover, buffer.lo, buffer.hi, x, y, of_point,
                stamps.outlines, stamps.rings, stamps.inks, stamps.layers, stamps.colours, PLAIN,
            )  # fmt: skip


def prints_of(stamps: Stamps, count: int) -> Prints | None:
    """Ready pictures of the markers, if there are many markers to draw."""
    return prints(stamps) if count > MANY_MARKERS and stamps.reach < PRINTED else None


def draw_boxes(
    image: Image,
    boxes: Array,
    rows: Rows,
    view: View,
    inks: Inks,
    pens: Pens,
    progress: Progress = ignore,
) -> None:
    """Draw polygons of which only the boxes are known, all in the first class: from afar it is enough.

    Parameters
    ----------
    boxes : ndarray of float64, shape (features, 4)
        West, south, east, north. Half of each is taken to be filled, as of a turned rectangle.
    rows : ndarray of int64
        Those to draw.
    """
    for start in range(0, len(rows), 20 * FEATURES_A_CHUNK):
        progress(start / len(rows))
        some = rows[start : start + 20 * FEATURES_A_CHUNK]
        fill.speck_chunk(
            _pixels(image), boxes, some, view.frame, inks.colours[0], pens.colours[0], pens.widths[0]
        )


def cells_under(grid: Grid, view: View) -> tuple[Rows, Rows]:
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


def of_doubles(grid: Grid) -> Grid:
    """The grid with values as the kernels take them: itself if they are so."""
    values = np.require(grid.values, np.float64, ["C", "W"])
    return grid if values is grid.values else grid.like(values)


def _pixel_rows(height: int, progress: Progress) -> Iterator[tuple[int, int]]:
    for start in range(0, height, PIXEL_ROWS_A_CHUNK):
        progress(start / height)
        yield start, min(start + PIXEL_ROWS_A_CHUNK, height)
    progress(1.0)


def draw_classes(
    image: Image, grid: Grid, view: View, lower: Array, upper: Array, inks: Inks, progress: Progress = ignore
) -> None:
    """Colour a grid by classes ``lower <= value < upper``; the last ink is of no data and other values."""
    rows, columns = cells_under(grid, view)
    values = of_doubles(grid).values
    for start, end in _pixel_rows(view.height, progress):
        cells.cells_chunk(
            _pixels(image), values, rows, columns, start, end, lower, upper,
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
    *,
    relief: float = 0.0,
    exaggeration: float = 1.0,
) -> None:
    """Colour a grid along `colours` from `lower` to `upper`; the last colour is of no data.

    With `relief` (0..1) the colours are shaded as of hills, heights being exaggerated.
    """
    rows, columns = cells_under(grid, view)
    values = of_doubles(grid).values
    for start, end in _pixel_rows(view.height, progress):
        cells.ramp_chunk(
            _pixels(image), values, rows, columns, start, end, float(lower), float(upper), colours,
            float(relief), exaggeration / grid.lattice.cell,
        )  # fmt: skip


def kernels_ready() -> bool:
    """Whether the kernels lie compiled in the disk cache: the first drawing will not wait for them."""
    return kernels_loaded() or is_warm(KERNELS)


def kernels_loaded() -> bool:
    """Whether this process has loaded the kernels: drawing with them takes no more than the drawing."""
    return all(kernel.is_loaded for kernel in KERNELS)


def compile_kernels(progress: Progress = ignore) -> None:
    """Compile all kernels and keep them on the disk, as far as they are not: half a minute the first time."""
    load_kernels(progress)
    keep(KERNELS)


def load_kernels(progress: Progress = ignore) -> None:
    """Load all kernels from the disk, or compile them."""
    view = View(Extent(0, 0, 8, 8), 8, 8)
    image, none = new_image(view), np.zeros(2, np.int64)
    one = np.array([0, 1], np.int64)
    ring = Shapes("polygon", np.array([[1.0, 1], [6, 1], [6, 6], [1, 1]]), (np.array([0, 4]), one, one))
    line = Shapes("line", ring.xy, (np.array([0, 4]), one))
    grid = Grid(np.zeros((1, 1)), Lattice(0, 8, 8.0, 1, 1, ""))
    colour = np.full((2, 4), 255, np.uint8)
    ink = Inks(colour, colour, np.zeros((2, 1, 1), np.uint8), none)
    pen = Pens(colour, np.ones(2), none, none, np.zeros((2, 1)), none, np.ones(2))
    stamp = Stamps(ring.xy, np.array([0, 4]), one, one, colour, 1.0)
    points = Shapes("point", np.ones((1, 2)), (one,))
    area, path, dots = Prepared(ring), Prepared(line), Prepared(points)
    steps: tuple[Callable[[], object], ...] = (
        lambda: unpack.unpacked([None], "polygon"),
        lambda: fill_polygons(image, area, area.rows(view.extent), none, view, ink, pen),
        lambda: stroke_lines(image, path, path.rows(view.extent), none, view, pen),
        lambda: draw_markers(image, dots, none[:1], none, view, stamp, None),
        lambda: draw_markers(image, dots, none[:1], none, view, stamp, prints(stamp)),
        lambda: draw_classes(image, grid, view, np.zeros(1), np.ones(1), ink),
        lambda: draw_ramp(image, grid, view, 0.0, 1.0, colour),
        lambda: merge.merge(image, new_image(view), 0.5),
        lambda: prepared.deal(area.shapes.boxes, none, view, 0.0, [0, 4, 8]),
        lambda: draw_boxes(image, area.shapes.boxes, none, view, ink, pen),
        lambda: natural_breaks(np.arange(3.0), np.ones(3), 2),
    )
    for done, step in enumerate(steps):
        progress(done / len(steps))
        step()
    progress(1.0)
