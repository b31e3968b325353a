"""What is looked at in a project, kept between two runs: layers, region, time, views, selection.

Not kept: what is typed but not run, filters of the table, the zoom history, the tool in the hand, and a
selection of more than a few thousand features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.orientation.comparing import others
from layers.layer import VectorLayer
from layers.progress import Progress
from layers.storage import pages
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

MOST = 2000
"""Selected features that are remembered."""
Told = Mapping[str, Any]


class Recollection:
    """Tells what is looked at, and shows it again."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._seconds: float | None = None
        self._swipe: Told = {}
        window.stage.time.stood.connect(lambda _: self._wind())

    def told(self) -> Told:
        """What is looked at now."""
        window, stack, time = self._window, self._window.stack, self._window.stage.time
        opened, closed = window.layers.folds
        return {
            "hazard": stack.hazard,
            "seen": [entry.name for entry in stack.entries if stack.is_seen(entry.name)],
            "region": window.choice.region,
            "layer": window.layers.chosen,
            "opened": sorted(opened),
            "closed": sorted(closed),
            "time": time.seconds if time.times else None,
            "swipe": self._told_swipe(),
            "selection": self._told_selection(),
            "oblique": window.oblique.told(),
        }

    def recall(self, told: Told) -> None:
        """Show what was looked at; what is no longer there is left out."""
        window = self._window
        self._seconds, self._swipe = _number(told.get("time")), told.get("swipe") or {}
        if "closed" in told:
            window.layers.fold(map(str, told.get("opened", ())), map(str, told.get("closed", ())))
        window.choice.take_hazard(str(told["hazard"]))
        window.stack.see_only(frozenset(map(str, told["seen"])))
        window.choice.take_region(str(told.get("region", "")))
        window.layers.choose(str(told.get("layer", "")))
        self._recall_swipe()
        window.oblique.recall(told.get("oblique") or {})
        self._select({str(layer): tuple(keys) for layer, keys in (told.get("selection") or {}).items()})

    # --- the time, and the swipe, which may hang on it ---------------------------------------------------

    def _wind(self) -> None:
        """Layers with time have come: to the time that was shown."""
        time = self._window.stage.time
        if time.times and self._seconds is not None:
            seconds, self._seconds = self._seconds, None
            time.seek(seconds)
            self._recall_swipe()

    def _told_swipe(self) -> Told:
        swipe = self._window.stage.swipe
        if swipe.other is None:
            return {}
        moment = swipe.moment.slider.value() if swipe.other.is_moment else None
        return {"name": swipe.other.name, "share": swipe.curtain.share, "moment": moment}

    def _recall_swipe(self) -> None:
        told, swipe = self._swipe, self._window.stage.swipe
        found = [other for other in others(self._window.stack) if other.name == told.get("name")]
        if not found or (found[0].is_moment and not self._window.stage.time.times):
            return
        self._swipe = {}
        swipe.compare(found[0])
        swipe.curtain.move_to(_number(told.get("share")) or 0.5)
        if found[0].is_moment:
            swipe.moment.slider.setValue(int(_number(told.get("moment")) or 0))

    # --- the selection -----------------------------------------------------------------------------------

    def _told_selection(self) -> dict[str, list[str]]:
        selected = self._window.stage.selection
        if sum(map(len, selected)) > MOST:
            return {}
        return {layer.name: [str(key) for key in layer["uuid"]] for layer in selected if len(layer)}

    def _select(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Select these features again; the panels stay as they were arranged."""
        window = self._window
        there = {entry.name for entry in window.stack.entries} & set(keys)
        if not there:
            return

        def work(own: ProjectFile, progress: Progress) -> tuple[VectorLayer, ...]:
            found = (pages.held(own, layer, keys[layer]) for layer in keys if layer in there)
            return tuple(layer for layer in found if len(layer))

        def done(found: tuple[VectorLayer, ...]) -> None:
            if window.stage.selection or not found:
                return
            panel, is_shown = window.workspaces.side.panel, window.is_shown("right")
            window.stage.choose(found)
            window.workspaces.side.show_panel(panel)
            window.docks["right"].setVisible(is_shown)

        window.tasks.start(window.words.say("task.select"), window.desk.reading(work), done, quiet=True)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
