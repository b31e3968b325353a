"""Finding one's way on the map: the overview, tips under the mouse, bookmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.inset import Inset
from app.canvas.tips import Tips
from app.orientation.bookmarks import Bookmarks

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Wayfinding:
    """What is switched on and off stays so after a restart."""

    inset: Inset
    tips: Tips
    bookmarks: Bookmarks

    def __init__(self, window: MainWindow) -> None:
        self._settings = window.settings
        stage = window.stage
        parts = (stage.map, window.desk, window.stack, window.tasks, window.words)
        self.inset, self.tips, self.bookmarks = Inset(*parts), Tips(*parts), Bookmarks(window)
        self.inset.turn(self._settings.overview)
        self.tips.turn(self._settings.tips)
        stage.swipe.changed.connect(lambda: self.inset.cover(stage.swipe.is_on))

    def switch_overview(self) -> None:
        """With or without the overview."""
        self._settings.overview = not self.inset.is_on
        self.inset.turn(not self.inset.is_on)

    def switch_tips(self) -> None:
        """With or without tips."""
        self._settings.tips = not self.tips.is_on
        self.tips.turn(not self.tips.is_on)
