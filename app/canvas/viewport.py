"""Viewport: which piece of the plane the screen shows, and the way from one to the other."""

from dataclasses import dataclass, replace

from layers.grid import Extent

SCREEN_DPI = 96.0
FINEST, COARSEST = 0.02, 20_000.0
"""Metres a pixel between which one can zoom."""


@dataclass(frozen=True)
class Viewport:
    """A piece of the plane on the screen.

    Parameters
    ----------
    x, y : float
        The plane's point in the middle, metres.
    scale : float
        Metres a logical pixel.
    width, height : int
        Logical pixels.
    """

    x: float
    y: float
    scale: float
    width: int
    height: int

    @classmethod
    def fitting(cls, extent: Extent, width: int, height: int, margin: float = 0.06) -> "Viewport":
        """The viewport that shows all of `extent` with some air around it."""
        room = 1 - 2 * margin
        scale = max(extent.width / max(width * room, 1), extent.height / max(height * room, 1), 0.2)
        x, y = (extent.west + extent.east) / 2, (extent.south + extent.north) / 2
        return cls(x, y, min(scale, COARSEST), width, height)

    @property
    def extent(self) -> Extent:
        """The box that is shown."""
        dx, dy = self.width * self.scale / 2, self.height * self.scale / 2
        return Extent(self.x - dx, self.y - dy, self.x + dx, self.y + dy)

    @property
    def denominator(self) -> float:
        """The scale denominator on a screen of 96 dots an inch."""
        return self.scale * SCREEN_DPI / 0.0254

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Pixel of a point of the plane."""
        return (x - self.x) / self.scale + self.width / 2, (self.y - y) / self.scale + self.height / 2

    def to_map(self, px: float, py: float) -> tuple[float, float]:
        """Point of the plane under a pixel."""
        return self.x + (px - self.width / 2) * self.scale, self.y - (py - self.height / 2) * self.scale

    def panned(self, dx: float, dy: float) -> "Viewport":
        """What is shown after the content was dragged by so many pixels."""
        return replace(self, x=self.x - dx * self.scale, y=self.y + dy * self.scale)

    def zoomed(self, factor: float, px: float | None = None, py: float | None = None) -> "Viewport":
        """Closer by `factor`; the point under the pixel (the middle by default) stays where it is."""
        scale = min(max(self.scale / factor, FINEST), COARSEST)
        at = (self.width / 2 if px is None else px, self.height / 2 if py is None else py)
        x, y = self.to_map(*at)
        ratio = scale / self.scale
        return replace(self, scale=scale, x=x + (self.x - x) * ratio, y=y + (self.y - y) * ratio)

    def resized(self, width: int, height: int) -> "Viewport":
        """The same middle and scale on another screen size."""
        return replace(self, width=width, height=height)

    def grown(self, share: float) -> "Viewport":
        """The same middle and scale with a margin on each side: drawn in reserve for panning."""
        return self.resized(round(self.width * (1 + 2 * share)), round(self.height * (1 + 2 * share)))


class Trail:
    """Where one has been: back and forward, as in a browser."""

    def __init__(self) -> None:
        self._views: list[Viewport] = []
        self._at = -1

    def walk(self, view: Viewport) -> None:
        """Remember a place one has come to; forgets what lay ahead."""
        if self._at >= 0 and self._views[self._at] == view:
            return
        self._views = [*self._views[max(0, self._at - 98) : self._at + 1], view]
        self._at = len(self._views) - 1

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at < len(self._views) - 1

    def back(self) -> Viewport:
        """The place before this one."""
        self._at = max(self._at - 1, 0)
        return self._views[self._at]

    def forward(self) -> Viewport:
        """The place after this one."""
        self._at = min(self._at + 1, len(self._views) - 1)
        return self._views[self._at]
