"""Finding one's way on the map: the overview, tips under the mouse, bookmarks, and what is searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.inset import Inset
from app.canvas.tips import Tips
from app.choice import CITY
from app.orientation.bookmarks import Bookmark, Bookmarks
from app.orientation.finding import find
from app.orientation.places import Place
from app.shell.search import SearchBox
from layers.grid import Extent

if TYPE_CHECKING:
    from app.main_window import MainWindow


class Wayfinding:
    """What is switched on and off stays so after a restart."""

    inset: Inset
    tips: Tips
    bookmarks: Bookmarks

    def __init__(self, window: MainWindow) -> None:
        self._window, self._settings = window, window.settings
        stage = window.stage
        parts = (stage.map, window.desk, window.stack, window.tasks, window.words)
        self.inset, self.tips = Inset(*parts, stage.tools), Tips(*parts)
        window.notices.stand_beside(self.inset)
        self.bookmarks = Bookmarks(window)
        self.inset.turn(self._settings.overview)
        self.tips.turn(self._settings.tips)
        stage.swipe.changed.connect(lambda: self.inset.cover(stage.swipe.is_on))
        self.serve(window.header.search)

    def switch_overview(self) -> None:
        """With or without the overview."""
        self._settings.overview = not self.inset.is_on
        self.inset.turn(not self.inset.is_on)

    def switch_tips(self) -> None:
        """With or without tips."""
        self._settings.tips = not self.tips.is_on
        self.tips.turn(not self.tips.is_on)

    def show_layer(self, name: str) -> None:
        """Zoom to a layer."""
        entry = self._window.stack.entry(name)
        if entry is not None and entry.extent is not None:
            self._window.stack.see(name, True)
            self._window.stage.map.show_extent(entry.extent)

    def show_region(self) -> None:
        """Zoom to the chosen region."""
        chosen = self._window.choice.region
        region = self._window.gazetteer.region(chosen)
        if region is not None:
            self._window.stage.map.show_extent(region.extent)
        elif chosen == CITY:
            self._window.stage.show_all()

    def serve(self, box: SearchBox) -> None:
        """Look for what is typed into a search box, and go to what is chosen there."""
        box.searched.connect(lambda text: box.offer(self._find(text)))
        box.found.connect(self._go_to)

    def _find(self, text: str) -> list[tuple[str, str, object]]:
        window, project = self._window, self._window.desk.project
        if project is None:
            return []
        marks = self.bookmarks.find(text)
        return find(text, project.crs, window.stack, window.gazetteer, marks, window.words)

    def _go_to(self, hit: object) -> None:
        if isinstance(hit, str):
            self.show_layer(hit)
        elif isinstance(hit, Extent):
            self._window.stage.map.show_extent(hit)
        elif isinstance(hit, Bookmark):
            self.bookmarks.go_to(hit)
        elif isinstance(hit, Place):
            self._show_place(hit)
        self._window.stage.map.setFocus()

    def _show_place(self, place: Place) -> None:
        if place.code:
            self._window.choice.take_region(place.code)
        wide = max(place.extent.width, place.extent.height)
        self._window.stage.map.show_extent(place.extent if wide > 100 else place.extent.grown(800))
