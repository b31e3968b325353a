"""A picture of many layers: band by band, in each band layer upon layer.

A layer is drawn straight on what lies below it, unless it is laid down as a whole (opacity, blending), or is
to be kept: then it has an image of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from layers.cartography.bands import edges_of, in_turn
from layers.cartography.merge import merge
from layers.cartography.style import Blend
from layers.cartography.view import Image, View
from layers.progress import Progress, ignore, part

Band = Callable[[Image, View, int, Progress], None]
"""Draws on a band: its pixels, its view, its first pixel row in the picture."""


@dataclass(frozen=True, eq=False)
class Painter:
    """Draws something on one view.

    Parameters
    ----------
    work : int
        How much there is to draw, in vertices.
    split : callable
        Given the pixel rows at which bands begin and end, what draws on each band.
    """

    work: int
    split: Callable[[Sequence[int]], Sequence[Band]]


@dataclass(frozen=True, eq=False)
class Coat:
    """What one layer adds to a picture.

    Parameters
    ----------
    painters : tuple of Painter
        Drawn one over the other.
    opacity, blend : float, str
        How the layer as a whole is laid over what lies below.
    own : ndarray of uint8, shape (height, width, 4), optional
        The layer's own image: what the painters draw goes there, and is laid from there.
    """

    painters: tuple[Painter, ...]
    opacity: float = 1.0
    blend: Blend = "normal"
    own: Image | None = None

    @property
    def work(self) -> int:
        """How much there is to draw, in vertices."""
        return sum(painter.work for painter in self.painters)

    @property
    def is_plain(self) -> bool:
        """Whether the layer can be drawn straight on what lies below it."""
        return self.opacity == 1 and self.blend == "normal" and self.own is None


def paint(image: Image, coats: Sequence[Coat], view: View, progress: Progress = ignore) -> None:
    """Draw layers over what the image holds, the first lowest.

    Parameters
    ----------
    image : ndarray of uint8, shape (view.height, view.width, 4)
        Premultiplied RGBA, as `new_image` makes it.
    coats : sequence of Coat
        Their painters made for this view.
    view : View
    progress : Progress
        Called in this thread, at least every few milliseconds or few thousand features; what it raises stops
        the drawing and leaves the image half drawn.
    """
    edges = edges_of(view.height, sum(coat.work for coat in coats))
    bands = [[painter.split(edges) for painter in coat.painters] for coat in coats]

    def work(number: int, first: int, last: int, progress: Progress) -> None:
        seen, share = view.band(first, last), 1 / max(len(coats), 1)
        for k, coat in enumerate(coats):
            draws = [split[number] for split in bands[k]]
            _lay(image[first:last], coat, draws, seen, first, part(progress, k * share, (k + 1) * share))

    in_turn([partial(work, k, *edge) for k, edge in enumerate(pairwise(edges))], progress)


def _lay(image: Image, coat: Coat, draws: list[Band], view: View, first: int, progress: Progress) -> None:
    """Lay a band of a layer over the band of a picture that begins at the pixel row `first`."""
    if coat.is_plain:
        target = image
    elif coat.own is not None:
        target = coat.own[first : first + view.height]
    else:
        target = np.zeros_like(image)
    for k, draw in enumerate(draws):
        draw(target, view, first, part(progress, k / len(draws), (k + 1) / len(draws)))
    if target is not image:
        merge(image, target, coat.opacity, coat.blend)
