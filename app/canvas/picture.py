"""A picture of the map: what is shown of it, and what it takes to draw one."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.canvas.amending import Amended
from app.canvas.scene import Drawable, Scene
from app.canvas.viewport import SCREEN_DPI, Viewport
from layers.cartography.picture import Coat
from layers.cartography.raster import View
from layers.cartography.render import new_image, painter
from layers.cartography.style import Style
from layers.grid import Grid

Pixels = NDArray[np.uint8]


def image_of(pixels: Pixels) -> QImage:
    """A QImage over the array's own memory: keep the array as long as the image."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGBA8888_Premultiplied)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture of a viewport; `pixels` is the memory that `image` shows, `bare` the same without names."""

    view: Viewport
    image: QImage
    pixels: Pixels
    is_final: bool
    by_kernel: bool
    is_beside: bool = False
    bare: Pixels | None = None


@dataclass
class Work:
    """One picture under way."""

    scene: Scene
    seen: Viewport
    view: View
    pixels: Pixels
    is_final: bool = True
    named: list[tuple[Drawable, Amended]] = field(default_factory=list)


def begun(scene: Scene, seen: Viewport) -> Work:
    """An empty picture of what is seen."""
    size = round(seen.width * scene.ratio), round(seen.height * scene.ratio)
    view = View(seen.extent, *size, SCREEN_DPI * scene.ratio)
    return Work(scene, seen, view, new_image(view))


def coat_of(layer: Amended | Grid, style: Style, view: View) -> Coat:
    """What a layer adds to a picture."""
    if isinstance(layer, Grid):
        return Coat((painter(layer, style, view),), style.opacity, style.blend)
    base = painter(layer.base, style, view, layer.hidden)
    fresh = (painter(layer.fresh, style, view),) if len(layer.fresh) else ()
    return Coat((base, *fresh), style.opacity, style.blend)


def selection(work: Work) -> list[Coat]:
    """What the selected features add."""
    style = work.scene.selection_style
    return [coat_of(Amended.of(n), style, work.view) for n in work.scene.selection] if style else []
