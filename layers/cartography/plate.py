"""Plate: a page under the graver. Words, lines, areas and pictures are put on it in mm of the A3 page.

It holds a matplotlib figure (no pyplot, no window) and scales everything from A3 to the page. It remembers
where words and parts stand, so that tests can see that nothing overlaps or is cut.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Transform
from numpy.typing import NDArray

from layers.cartography import typeface
from layers.cartography.page import Box, Page

INK = "#1d2329"
SOFT = "#5b6670"
RULE = "#9aa5ae"
PAPER = "#ffffff"
Anchor = Literal["left", "center", "right"]
Points = Sequence[tuple[float, float]] | NDArray[np.float64]


class _Picture(Artist):
    """An image laid pixel on pixel: unscaled by Agg, embedded as it is in PDF and SVG."""

    def __init__(self, rgba: NDArray[np.uint8], box: Box, transform: Transform) -> None:
        super().__init__()
        self._rgba = rgba
        self._box = box
        self.set_transform(transform)

    def draw(self, renderer: RendererBase) -> None:
        """Put the pixels on the renderer's page."""
        (x0, y0), (x1, y1) = self.get_transform().transform(
            [(self._box.x, self._box.y), (self._box.right, self._box.top)]
        )
        gc = renderer.new_gc()
        upright = np.ascontiguousarray(self._rgba[::-1])
        if renderer.option_scale_image():
            renderer.draw_image(gc, x0, y0, upright, Affine2D().scale(x1 - x0, y1 - y0))
        else:
            renderer.draw_image(gc, round(x0), round(y0), upright)
        gc.restore()


class Plate:
    """A page to draw on.

    Parameters
    ----------
    page : Page
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.figure = Figure(figsize=(page.width / 25.4, page.height / 25.4), facecolor=PAPER)
        self.mm = Affine2D().scale(page.scale / 25.4) + self.figure.dpi_scale_trans
        self.words: list[tuple[str, Box]] = []
        self.parts: list[tuple[str, Box]] = []

    def claim(self, name: str, box: Box) -> None:
        """Note that a part of the sheet stands there."""
        self.parts.append((name, box))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        anchor: Anchor = "left",
        color: str = INK,
        halo: str = "",
        angle: float = 0.0,
    ) -> Box:
        """A line of words on the baseline `y`; returns the room it takes.

        Parameters
        ----------
        x, y : float
            Where the baseline is held, mm.
        size : float
            Type size on A3, points.
        halo : str
            Colour of a rim around the letters, empty for none. It is drawn apart from the words, which stay
            words that can be searched.
        angle : float
            Degrees anticlockwise about the point held.
        """
        words = typeface.printable(words)
        wide = typeface.width(words, size)
        shift = {"left": 0.0, "center": wide / 2, "right": wide}[anchor]
        turn = np.radians(angle)
        x, y = x - shift * np.cos(turn), y - shift * np.sin(turn)
        box = words_box(x, y, wide, size, angle)
        if halo:
            self._rim(x, y, words, size, halo, angle)
        self.figure.text(
            x,
            y,
            words,
            transform=self.mm,
            fontproperties=typeface.face(),
            fontsize=size * self.page.scale,
            color=color,
            ha="left",
            va="baseline",
            rotation=angle,
            rotation_mode="anchor",
            parse_math=False,
            zorder=10,
        )
        self.words.append((words, box))
        return box

    def _rim(self, x: float, y: float, words: str, size: float, color: str, angle: float) -> None:
        outline = TextPath((0, 0), words, size=size * typeface.POINT, prop=typeface.face())
        placed = outline.transformed(Affine2D().rotate_deg(angle).translate(x, y))
        self.path(placed, line=color, width=0.55, fill=color, zorder=9)

    def path(
        self,
        path: Path,
        *,
        line: str = "none",
        width: float = 0.15,
        dash: tuple[float, ...] = (),
        fill: str = "none",
        opacity: float = 1.0,
        clip: Box | None = None,
        zorder: float = 5,
    ) -> None:
        """A path in mm; `width` and `dash` in mm too."""
        points = width * self.page.scale / typeface.POINT
        patch = PathPatch(
            path,
            transform=self.mm,
            edgecolor=line,
            facecolor=fill,
            linewidth=points if line != "none" else 0.0,
            linestyle=(0, tuple(d / width for d in dash)) if dash else "solid",
            capstyle="butt" if dash else "round",
            joinstyle="round",
            alpha=opacity if opacity < 1 else None,
            zorder=zorder,
        )
        self.figure.add_artist(patch)
        if clip is not None:
            patch.set_clip_path(Path(_corners(clip)), self.mm)

    def line(self, points: Points, color: str = INK, width: float = 0.15, **more: Any) -> None:
        """An open line through `points`."""
        self.path(Path(np.asarray(points, float)), line=color, width=width, **more)

    def area(self, points: Points, fill: str, line: str = "none", width: float = 0.15, **more: Any) -> None:
        """A filled polygon."""
        ring = np.asarray(points, float)
        self.path(Path(np.vstack([ring, ring[:1]]), closed=True), line=line, width=width, fill=fill, **more)

    def box(self, box: Box, fill: str = "none", line: str = INK, width: float = 0.15, **more: Any) -> None:
        """A rectangle."""
        self.path(Path(_corners(box), closed=True), line=line, width=width, fill=fill, **more)

    def rule(self, x: float, y: float, length: float, color: str = RULE, width: float = 0.15) -> None:
        """A horizontal rule."""
        self.line([(x, y), (x + length, y)], color, width)

    def picture(self, rgba: NDArray[np.uint8], box: Box, zorder: float = 2) -> None:
        """An image of shape (rows, columns, 4), row 0 at the top, straight alpha, filling `box`."""
        picture = _Picture(rgba, box, self.mm)
        picture.set_zorder(zorder)
        self.figure.add_artist(picture)


def words_box(x: float, y: float, wide: float, size: float, angle: float = 0.0) -> Box:
    """The room that a line of words takes which starts at `x` on the baseline `y`, mm."""
    high = size * typeface.POINT
    corners = np.array([(0, -0.15 * high), (wide, -0.15 * high), (wide, 0.88 * high), (0, 0.88 * high)])
    turned = Affine2D().rotate_deg(angle).translate(x, y).transform(corners)
    (west, south), (east, north) = turned.min(axis=0), turned.max(axis=0)
    return Box(float(west), float(south), float(east - west), float(north - south))


def _corners(box: Box) -> list[tuple[float, float]]:
    return [(box.x, box.y), (box.right, box.y), (box.right, box.top), (box.x, box.top), (box.x, box.y)]


@contextmanager
def settings() -> Iterator[None]:
    """Embedded TrueType, words kept as words, no hinting: how sheets are written."""
    with mpl.rc_context(
        {
            "pdf.fonttype": 42,
            "pdf.compression": 3,
            "svg.fonttype": "none",
            "svg.hashsalt": "riskatlas",
            "text.hinting": "none",
            "path.simplify": False,
            "axes.unicode_minus": False,
        }
    ):
        yield
