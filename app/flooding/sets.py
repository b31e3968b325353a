"""Scenario sets at the window: their places on the map, the run as one task, the layers as one edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from app.canvas.viewport import Viewport
from app.flooding.breaching import Breaching, middles
from app.flooding.marks import BREACH, draw_breach
from app.panels.scenario_sets import ScenarioSetPanel
from app.theme import font
from layers.errors import KnownError
from layers.risk.results import set_apart
from layers.risk.scenario_set import ScenarioSet
from layers.risk.scenario_store import StoredSet, stored_set
from layers.storage.passing import clear_away

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.panels.hazard import HazardPanel


class ScenarioSets:
    """Serves a `ScenarioSetPanel`."""

    def __init__(
        self, window: MainWindow, panel: ScenarioSetPanel, breaching: Breaching, hazard: HazardPanel
    ) -> None:
        self._window, self._panel, self._breaching, self._hazard = window, panel, breaching, hazard
        self._shown = ""
        panel.picking.connect(self._pick)
        panel.taking.connect(self._take)
        panel.borrowing.connect(self._borrow)
        panel.run.connect(self.run)
        panel.told.connect(window.tasks.told)
        panel.exported.connect(window.files.export_table)
        panel.changed.connect(lambda: window.stage.map.update())
        window.stack.changed.connect(self._follow)
        window.stage.map.overlays.append(self.paint)
        self._follow()

    def run(self, chosen: ScenarioSet) -> None:
        """Carry a set out as one task; what is done stays beside the project until the set is stored."""
        window, project = self._window, self._window.desk.project
        if project is None:
            return
        folder, name = _runs_folder(project.path), window.words.say("edit.scenarios")
        runs = len(chosen.places) * len(chosen.periods) * len(chosen.ends)

        def stored() -> None:
            clear_away(folder)
            window.stack.show_study("exceedance_flood")
            window.notices.say(window.words.say("notice.ran", name=name))

        title = window.words.say("task.set", runs=runs)
        self._panel.start.setEnabled(False)
        window.tasks.start(
            title,
            window.desk.reading(lambda own, progress: set_apart(name, own, chosen, folder, progress)),
            lambda edit: window.store(edit, stored),
            finished=lambda: self._panel.start.setEnabled(True),
        )

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """A numbered mark at each breach, while the panel is in front."""
        if not self._panel.isVisible():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11, strong=True))
        for number, place in enumerate(self._panel.at, 1):
            draw_breach(painter, QPointF(*view.to_screen(*place)), number)
        painter.restore()

    def _pick(self) -> None:
        add = lambda x, y: self._panel.add_places(((x, y),))  # noqa: E731
        self._breaching.wait(add, self._breaching.catch, BREACH)
        self._window.notices.say(self._window.words.say("breach.click_breach"))

    def _take(self) -> None:
        places = tuple(place for layer in self._breaching.selected for place in middles(layer))
        if places:
            self._panel.add_places(places)
        else:
            self._window.notices.say(self._window.words.say("breach.nothing"))

    def _borrow(self) -> None:
        """The breaches of the flood scenario, and the numbers of its form."""
        self._panel.add_places(self._hazard.breaches.places)
        try:
            model = self._hazard.scenario()
        except KnownError as error:
            self._window.tasks.told.emit(error)
            return
        if model is not None:
            self._panel.take_base(model)

    def _follow(self) -> None:
        """A set has come or gone, or another project."""
        window, project = self._window, self._window.desk.project
        entry = next((each for each in window.stack.entries if each.kind == "scenario_run"), None)
        key = "" if entry is None or project is None else f"{project.path}: {entry.name}"
        if key == self._shown:
            return
        self._shown = key
        if not key:
            self._panel.show_stored(None)
            return

        def take(found: StoredSet | None) -> None:
            if self._shown == key:
                self._panel.show_stored(found)

        work = window.desk.reading(lambda own, progress: stored_set(own))
        window.tasks.start(window.words.say("task.set_read"), work, take, quiet=True)


def _runs_folder(project: Path) -> Path:
    """Where the runs of a set lie until it is stored: beside the project."""
    return project.with_name(f"{project.stem}.runs")
