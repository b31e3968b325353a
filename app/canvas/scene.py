"""Scene: which layers are drawn, in which order and style, on which piece of the plane."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.canvas.viewport import Viewport
from layers.cartography.style import Style
from layers.layer import VectorLayer
from layers.storage.geopackage import LayerEntry


@dataclass(frozen=True)
class Drawable:
    """A layer and how it is drawn; `only`: a column and the value of the rows that are."""

    entry: LayerEntry
    style: Style
    only: tuple[str, str] | None = None

    def is_drawn_at(self, denominator: float) -> bool:
        """Whether the style draws the layer at a scale."""
        return self.style.smallest_scale == 0 or denominator <= self.style.smallest_scale

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that drawing needs."""
        label = self.style.label
        wanted = {self.style.field, self.only[0] if self.only else ""}
        wanted |= {label.field, label.priority} if label else set()
        return tuple(sorted(wanted - {""}))


@dataclass(frozen=True, eq=False)
class Scene:
    """What is to be drawn: the layers from the lowest to the topmost, on a viewport.

    Parameters
    ----------
    path : Path
        The project.
    drawables : tuple of Drawable
    view : Viewport
        What the screen shows.
    reserve : float
        Share of the screen that is drawn beyond each edge, for panning.
    ratio : float
        Device pixels a logical pixel.
    selection : tuple of VectorLayer
        Selected features, drawn over all.
    selection_style : Style, optional
    beside : tuple of Drawable, optional
        The layers of a second picture of the same viewport, right of the swipe.
    is_beside : bool
        Whether this is the second picture.
    keeps_bare : bool
        Whether the picture is wanted without the names too.
    """

    path: Path
    drawables: tuple[Drawable, ...]
    view: Viewport
    reserve: float = 0.0
    ratio: float = 1.0
    selection: tuple[VectorLayer, ...] = ()
    selection_style: Style | None = None
    beside: tuple[Drawable, ...] | None = None
    is_beside: bool = False
    keeps_bare: bool = False

    def sides(self) -> Iterator["Scene"]:
        """The picture, and the second one if there is one: what both show is read and drawn once."""
        yield self
        if self.beside is not None:
            yield replace(self, drawables=self.beside, beside=None, selection=(), is_beside=True)

    def drawn(self) -> tuple[Drawable, ...]:
        """The layers that are drawn at this scale."""
        return tuple(d for d in self.drawables if d.is_drawn_at(self.view.denominator))
