"""The toolbox: which tool is in the hand, what it works on, and the edits it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from PySide6.QtCore import QObject, Signal

from app.drawing import tools
from app.drawing.bar import EditBar, Strip
from app.drawing.catching import Catcher
from app.drawing.overlay import Overlay
from app.drawing.sketch import Reading, Sketch
from app.drawing.tools import Hand, Tool
from app.drawing.vertices import NEARLY, Near, Vertices
from app.stack import title_of
from layers.changes import Edit, Row
from layers.editing import features, topology
from layers.errors import BadInput, KnownError
from layers.grid import Extent
from layers.positions import parse_position
from layers.storage import pages
from layers.storage.crs import GEOGRAPHIC, transformed_points
from layers.storage.geopackage import LayerEntry, ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

Point = tuple[float, float]
Rows = dict[str, Row]

ALL_KINDS = frozenset({"point", "line", "polygon"})
SHAPED = frozenset({"line", "polygon"})
TARGETS = {
    "move_feature": (ALL_KINDS, False),
    "rotate": (SHAPED, False),
    "reshape": (SHAPED, True),
    "split": (SHAPED, True),
    "offset": (SHAPED, True),
    "cut_hole": (frozenset({"polygon"}), True),
}
"""What a tool works on: kinds of geometry, and whether on one feature only."""


class Toolbox(QObject):
    """One tool at a time. Each gesture ends in one edit, or in nothing. Signal: `changed`."""

    changed = Signal()

    def __init__(self, window: MainWindow, done: Callable[[Edit], bool]) -> None:
        super().__init__(window)
        self._window, self._done = window, done
        self._say = window.words.say
        self.tool = ""
        """The command whose tool is in the hand."""
        self.overlay: Overlay | None = None
        self.catcher = Catcher(window.desk, window.stack, self)
        self.bar = EditBar(window.actions_, window.stage)
        self.strip = Strip(window.words, window.stage)
        self._reading = Reading(self._read, self._tell)
        self.strip.done.clicked.connect(self._finish)
        self.strip.cancel.clicked.connect(self.end)
        self.catcher.changed.connect(self.changed)
        self.changed.connect(window.actions_.refresh)
        window.desk.changed.connect(self._follow)
        window.workspaces.side.changed.connect(lambda _: self.settle())
        window.words.changed.connect(self._tell_tool)

    @property
    def sketch(self) -> Sketch | None:
        """What is being drawn."""
        return self.overlay if isinstance(self.overlay, Sketch) else None

    def take(self, name: str) -> None:
        """Take a tool in the hand; the one that is there already is put down."""
        was = self.tool
        self.end()
        if name != was:
            self._begin(name)

    def end(self) -> None:
        """Put the tool down; what was begun is forgotten."""
        if self.overlay is not None:
            self.overlay.leave()

    def settle(self) -> None:
        """The bar is seen where one edits."""
        is_here = self._window.workspaces.side.workspace == "edit" and self._window.desk.can_edit
        self.bar.setVisible(is_here)
        self.bar.raise_()
        if not is_here:
            self.end()

    def _begin(self, name: str, aim: Point | None = None) -> None:
        """Take a tool; `aim`: where the keys were when they used it last."""
        self._lay_tool(name)
        if aim is not None and self.overlay is not None:
            self.overlay.aim_at(aim)
            self.overlay.aimed.emit()

    def _lay_tool(self, name: str) -> None:
        if name == "move_vertex":
            vertices, entry = Vertices(*self._place(), self._reading), self._target_layer()
            if entry is not None and self._window.stack.is_seen(entry.name):
                vertices.first = frozenset({entry.name})
            self._lay(name, vertices)
            return
        tool = self._adding() if name == "add_feature" else self._made(name)
        if tool is not None:
            sketch = Sketch(*self._place(), tool, self._reading)
            sketch.done.connect(self._carry_out)
            self._lay(name, sketch)
        elif name != "add_feature":
            self._pick(name)

    def _place(self) -> tuple[Any, Catcher, Any, str]:
        return self._window.stage.map, self.catcher, self.strip.line, self._window.tokens.accent

    def _lay(self, name: str, overlay: Overlay) -> None:
        self.tool, self.overlay = name, overlay
        overlay.left.connect(lambda: self._left(overlay))
        overlay.aimed.connect(lambda: self.strip.tell_keys("vertex" if name == "move_vertex" else "sketch"))
        if isinstance(overlay, Vertices):
            overlay.moved.connect(self._move_vertex)
            overlay.removed.connect(self._remove_vertex)
        self._tell_tool()
        for part in (self._window.stage.tools, self._window.stage.key, self.bar, self.strip):
            part.raise_()
        self.changed.emit()

    def _left(self, overlay: Overlay) -> None:
        if self.overlay is overlay:
            self.tool, self.overlay = "", None
            self.strip.hide()
            self.changed.emit()

    def _tell_tool(self) -> None:
        if self.overlay is None:
            return
        tool = self.overlay.tool if isinstance(self.overlay, Sketch) else None
        entry = self._target_layer() if self.tool == "add_feature" else None
        target = title_of(entry, self._window.words.language) if entry is not None else ""
        self.strip.show_tool(tool, target, tool.hint if tool is not None else "draw.vertex")

    # --- what a tool works on --------------------------------------------------------------------------

    def _target_layer(self) -> LayerEntry | None:
        entry = self._window.stack.entry(self._window.layers.chosen)
        return entry if entry is not None and entry.geometry in ALL_KINDS else None

    def _adding(self) -> Tool | None:
        entry = self._target_layer()
        if entry is None:
            self._window.notices.say(self._say("notice.choose_layer"), "warning")
            return None
        self._window.stack.see(entry.name, True)
        title = title_of(entry, self._window.words.language)

        def edit(geometry: Any) -> Edit:
            values = self._values_at(entry, geometry)
            return features.added(entry.name, geometry, values, self._say("edit.add", title=title))

        return tools.adding(entry.geometry, edit)

    def _values_at(self, entry: LayerEntry, geometry: Any) -> Row:
        """The codes of the regions in which a new feature lies, where its layer has fields for them."""
        at = geometry.representative_point()
        found: dict[str, Any] = {}
        columns = self._project.columns(entry.name)
        for kind in ("county", "township"):
            region = next((e for e in self._window.stack.entries if e.kind == kind), None)
            if f"{kind}_code" in columns and region is not None and region.name != entry.name:
                for key in pages.at(self._project, region.name, at.x, at.y)[:1]:
                    found[f"{kind}_code"] = self._project.table(region.name)[key].get("code")
        return found

    def _made(self, name: str) -> Tool | None:
        """A tool for what is selected; ``None`` if nothing fitting is."""
        kinds, one = TARGETS[name]
        for layer, rows in self._window.workbench.selected().items():
            entry = self._window.stack.entry(layer)
            if entry is not None and entry.geometry in kinds and (len(rows) == 1 or not one):
                return self._tool(name, layer, rows)
        return None

    def _tool(self, name: str, layer: str, rows: Rows) -> Tool:
        key, row = next(iter(rows.items()))
        said = self._say(f"edit.{name}")
        if name == "move_feature":
            return tools.moving(layer, rows, said)
        if name == "rotate":
            return tools.rotating(layer, rows, said)
        if name == "split":
            return tools.splitting(layer, key, row, said, self._window.workbench.amounts(layer, row))
        if name == "offset":
            return tools.offsetting(layer, key, row, said)
        if name == "cut_hole":
            return tools.holing(layer, key, row, said)
        return tools.reshaping(layer, key, row, said, self._neighbours(layer, key, row))

    def _neighbours(self, layer: str, key: str, row: Row) -> Rows | None:
        """The polygons that touch a feature, where shared borders move together."""
        geometry = features.shape(row)
        if not self.catcher.shares or not geometry.area:
            return None
        keys, shapes = pages.near(self._project, layer, Extent(*geometry.bounds).grown(1))
        touches = shapely.dwithin(shapes.geometries(), geometry, NEARLY)
        table = self._project.table(layer)
        others = (k for k, there in zip(keys, touches.tolist(), strict=True) if there and k != key)
        return {k: table[k] for k in others}

    def _pick(self, name: str) -> None:
        """Nothing fitting is selected: the next click selects it."""
        nothing = Tool("draw.pick", 1, 1, lambda hand: Edit(""))
        sketch = Sketch(*self._place(), nothing, self._reading)
        sketch.done.connect(lambda hand: self._picked(name, hand))
        self._lay(name, sketch)

    def _picked(self, name: str, hand: Hand) -> None:
        (x, y), kinds = tools.points_of(hand)[0], TARGETS[name][0]
        reach = 5 * self._window.stage.map.view.scale
        for entry in self._candidates(kinds):
            keys = pages.at(self._project, entry.name, x, y, reach)
            if keys:
                aim = self.overlay.aim.at if self.overlay is not None else None
                self.end()
                self._window.workbench.select(entry.name, keys[:1])
                self._begin(name, aim)
                return
        if self.sketch is not None:
            self.sketch.again(self.sketch.tool)

    def _candidates(self, kinds: frozenset[str]) -> list[LayerEntry]:
        """Layers that are seen, the chosen one first."""
        chosen = self._window.layers.chosen
        seen = [e for e in self._window.stack.entries if self._window.stack.is_seen(e.name)]
        return sorted((e for e in seen if e.geometry in kinds), key=lambda e: e.name != chosen)

    # --- what it makes ---------------------------------------------------------------------------------

    def _finish(self) -> None:
        if self.sketch is not None:
            self.sketch.read()

    def _carry_out(self, hand: Hand) -> None:
        """The edit that the hand means; the tool is ready again, or says what is wrong and waits."""
        sketch, name = self.sketch, self.tool
        assert sketch is not None
        try:
            edit = sketch.tool.edit(hand)
        except KnownError as error:
            self._tell(error)
            if sketch.tool.most <= 2:
                sketch.again(sketch.tool)
            return
        except (shapely.errors.GEOSException, ValueError):
            self._tell(BadInput("shape_unfit"))
            return
        aim = sketch.aim.at
        self.end()
        if self._done(edit) and name not in {"split", "offset", "rotate"}:
            self._begin(name, aim)

    def _move_vertex(self, near: Near, place: Point, to: Point) -> None:
        name = self._say("edit.vertex")
        self._try(lambda: topology.vertex_moved(near, place, to, name, tolerance=NEARLY))

    def _remove_vertex(self, near: Near, place: Point) -> None:
        name = self._say("edit.vertex_removed")
        self._try(lambda: topology.vertex_removed(near, place, name, tolerance=NEARLY))

    def _try(self, make: Callable[[], Edit]) -> None:
        try:
            self._done(make())
        except KnownError as error:
            self._tell(error)

    def _tell(self, error: KnownError) -> None:
        self._window.notices.say(error.say(self._window.words.language), "error")

    def _read(self, text: str, last: Point | None) -> Point:
        """The place that was typed, in the project's reference system."""
        found = parse_position(text)
        if found.sort == "degrees":
            x, y = transformed_points(np.array([found.x]), np.array([found.y]), GEOGRAPHIC, self._project.crs)
            return float(x[0]), float(y[0])
        if found.sort == "offset":
            east, north = last or (0.0, 0.0)
            return east + found.x, north + found.y
        return found.x, found.y

    @property
    def _project(self) -> ProjectFile:
        assert self._window.desk.project is not None
        return self._window.desk.project

    def _follow(self, tables: frozenset[str]) -> None:
        """Another project puts the tool down; so does an undo of what it works on."""
        if "project" in tables:
            self.end()
            self.settle()
        elif isinstance(self.overlay, Vertices):
            self.overlay.forget()
        elif self.tool in TARGETS and tables & set(self._window.workbench.selected_keys()):
            self.end()
