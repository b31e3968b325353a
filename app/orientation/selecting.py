"""Selecting by condition, location or polygon: the page beside the map, and the tasks that it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.lasso import Lasso
from app.panels.parts import number_words
from app.panels.selection import SelectPage, Wanted
from app.stack import title_of
from layers.layer import Field, VectorLayer
from layers.progress import Progress, part
from layers.storage.geopackage import ProjectFile
from layers.storage.selecting import Way, by_polygon, combined

if TYPE_CHECKING:
    import shapely

    from app.main_window import MainWindow


class Selecting:
    """What the page asks for, done in tasks."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.page: SelectPage | None = None
        self.lasso: Lasso | None = None

    def open(self, kind: int = 0) -> None:
        """Show the page, on the chosen layer."""
        window = self._window
        if self.page is None:
            page = self.page = SelectPage(window.stack, window.words, window)
            page.fields_of = self._fields
            page.selection = lambda: window.stage.selection
            page.wanted.connect(self.seek)
            page.drawn.connect(self.draw)
            window.words.changed.connect(page.fill)
            window.words.changed.connect(page.told.clear)
        self.page.fill()
        self.page.choose(window.layers.chosen, kind)
        self.page.show()
        self.page.activateWindow()

    def seek(self, wanted: Wanted) -> None:
        """Find the features in a task and select them."""
        window, before = self._window, self._window.stage.selection

        def work(own: ProjectFile, progress: Progress) -> tuple[VectorLayer, ...]:
            return combined(before, wanted.find(own, progress), wanted.way)

        title = window.words.say("task.select")
        window.tasks.start(title, window.desk.reading(work), lambda found: self._take(wanted.layer, found))

    def draw(self, layer: str = "", way: Way = "new") -> None:
        """Draw a polygon and select what meets it, of a layer or of all that are seen."""
        if self.lasso is not None:
            self.lasso.end()
        lasso = self.lasso = Lasso(self._window.stage.map)
        lasso.done.connect(lambda polygon: self._within(layer, way, polygon))
        lasso.ended.connect(self._end)
        self._window.activateWindow()

    def _end(self) -> None:
        self.lasso = None

    def _within(self, layer: str, way: Way, polygon: shapely.Geometry) -> None:
        stack = self._window.stack
        spatial = [e.name for e in stack.entries if e.geometry in {"point", "line", "polygon"}]
        seen = [name for name in spatial if stack.is_seen(name)]
        before = self._window.stage.selection

        def work(own: ProjectFile, progress: Progress) -> tuple[VectorLayer, ...]:
            names, selected = [layer] if layer else seen, before
            for number, name in enumerate(names):
                step = part(progress, number / len(names), (number + 1) / len(names))
                found = by_polygon(own, name, polygon, step)
                selected = combined(selected, found, way if layer or number == 0 else "add")
            return selected

        title, reading = self._window.words.say("task.select"), self._window.desk.reading
        self._window.tasks.start(title, reading(work), lambda found: self._take(layer, found))

    def _take(self, layer: str, selected: tuple[VectorLayer, ...]) -> None:
        window = self._window
        window.stack.see(layer, True) if layer else None
        window.stage.choose(selected)
        number = sum(len(each) for each in selected if each.name == layer or not layer)
        entry = window.stack.entry(layer)
        title = title_of(entry, window.words.language) if entry is not None else ""
        if self.page is not None and self.page.isVisible():
            self.page.say_found(number, title)
        else:
            told = window.words.say("select.found", number=number_words(number), title=title)
            window.notices.say(told.strip())

    def _fields(self, layer: str) -> tuple[Field, ...]:
        project, entry = self._window.desk.project, self._window.stack.entry(layer)
        if project is None or entry is None:
            return ()
        known = {field.name: field for field in entry.fields}
        return tuple(known.get(name, Field(name)) for name in project.columns(layer))
