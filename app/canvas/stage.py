"""The stage: the map with its tools, its renderer and what is picked on it."""

import sys
from dataclasses import replace

import shapely
from PySide6.QtCore import QProcess, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from app.actions import Actions
from app.canvas.gestures import Click
from app.canvas.key import Key
from app.canvas.picking import Found, identify, select
from app.canvas.picture import Drawing
from app.canvas.renderer import Renderer
from app.canvas.scene import Scene
from app.canvas.swipe import Swipe
from app.canvas.timeline import Timeline
from app.canvas.view import RESERVE, MapView, Tool
from app.canvas.viewport import Viewport
from app.commands import TOOLS
from app.desk import Desk
from app.orientation.places import Region, outline
from app.settings import Settings
from app.stack import Stack
from app.tasks import Tasks
from app.theme import Tokens, named
from app.words import Words
from layers.cartography.style import Fill, Marker, Stroke, Style, Symbol
from layers.grid import Extent
from layers.layer import VectorLayer
from layers.storage.geopackage import ProjectFile


def selection_style(tokens: Tokens) -> Style:
    """How selected features look."""
    edge = Stroke(color="#e0a100", width_mm=0.6)
    marker = Marker(size_mm=3, fill=Fill("#ffc400"), stroke=edge)
    inside = Fill(color="#ffd54a", opacity=0.45)
    return Style(symbol=Symbol(fill=inside, stroke=edge, marker=marker))


class Stage(QWidget):
    """The map and all that acts on it. Signals: `found(tuple of Found)`, `selected(tuple of VectorLayer)`."""

    map: MapView
    time: Timeline
    swipe: Swipe

    found = Signal(object)
    selected = Signal(object)
    plain = Signal(bool)

    def __init__(
        self, desk: Desk, stack: Stack, tasks: Tasks, words: Words, tokens: Tokens, settings: Settings
    ) -> None:
        super().__init__()
        self._settings = settings
        self._desk, self.stack, self._tasks, self._words = desk, stack, tasks, words
        self.map = MapView(tokens)
        self.selection: tuple[VectorLayer, ...] = ()
        self.keeps_bare = False
        """Whether somebody wants the map without names."""
        self._renderer = Renderer(self)
        self._is_fresh, self._is_warm = True, False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.map)
        self.time = Timeline(desk, stack, tasks, words, self.map)
        column.addWidget(self.time)
        self.tools = named(QFrame(self), "tools")
        self.key = Key(stack, words, self.map, self)
        self.key.tools = self.tools
        self.swipe = Swipe(self, words)
        self._connect()
        QTimer.singleShot(0, self._renderer, self._renderer.begin)  # the window is there before

    @property
    def project(self) -> ProjectFile | None:
        """The project whose map this is."""
        return self._desk.project

    def lay_tools(self, actions: Actions) -> None:
        """The tools that lie on the map's left edge."""
        column = QVBoxLayout(self.tools)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(2)
        for name in TOOLS:
            button = named(QToolButton(), "tool")
            button.setDefaultAction(actions[name])
            button.setIconSize(QSize(18, 18))
            column.addWidget(button)
            if name in {"tool_measure", "zoom_all"}:
                rule = named(QFrame(), "rule")
                rule.setFixedHeight(1)
                column.addWidget(rule)
        self.tools.setFixedWidth(42)
        for child in self.tools.findChildren(QWidget):
            child.ensurePolished()  # the stylesheet's buttons are lower than the ones before it
        column.invalidate()
        self.tools.adjustSize()
        self.tools.move(12, 12)
        self.tools.raise_()

    def paint(self, tokens: Tokens) -> None:
        """Take on the theme's colours."""
        self.map.tokens = tokens
        self.time.paint(tokens)
        self.swipe.paint_icons(tokens)
        self.map.refresh()

    def set_tool(self, tool: Tool) -> None:
        self.map.set_tool(tool)

    def show_all(self) -> None:
        """All that the region layers cover, else all layers."""
        extent = whole(self.stack)
        if extent is not None:
            self.map.show_extent(extent)

    def mark_region(self, region: Region | None) -> None:
        """Outline a region, in place of the one before."""
        self.map.region = None
        self.map.update()
        if region is not None and self._desk.project is not None:
            work = self._desk.reading(lambda project, progress: outline(project, region, progress))
            self._tasks.start(self._words.say("task.identify"), work, self._take_region, quiet=True)

    def _take_region(self, geometry: object) -> None:
        assert geometry is None or isinstance(geometry, shapely.Geometry)
        self.map.region = geometry
        self.map.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.key.settle()

    def _show_last(self) -> None:
        """What was last seen of this project, else all of it."""
        assert self._desk.project is not None
        last = self._settings.view_of(self._desk.project.path)
        if last is None:
            self.show_all()
        else:
            self.map.show_at(Viewport(*last, self.map.width(), self.map.height()))

    def keep_view(self) -> None:
        """Remember what is seen."""
        if self._desk.project is not None and not self._is_fresh:
            view = self.map.view
            self._settings.keep_view(self._desk.project.path, view.x, view.y, view.scale)

    def deselect(self) -> None:
        """Nothing is selected any more."""
        self.choose(())
        self.map.outline = None
        self.map.update()

    def close_threads(self) -> None:
        """End the renderer and the player."""
        self.time.player.close()
        self._renderer.stop()

    def _connect(self) -> None:
        self.time.stood.connect(lambda _: QTimer.singleShot(0, self, self.key.settle))
        self.map.wanted.connect(self._draw)
        self.map.walked.connect(self.keep_view)
        self.map.clicked.connect(self._identify)
        self.map.framed.connect(self._select_in)
        self._renderer.drawn.connect(self._take)
        self._renderer.cold.connect(self._tell_cold)
        self._renderer.told.connect(self._tasks.told)
        self._renderer.crashed.connect(self._tasks.crashed)
        self.stack.changed.connect(self.map.refresh)
        self.stack.tried.connect(self.map.refresh)
        self._desk.changed.connect(self._follow)
        self._desk.parting.connect(self._renderer.put_away)

    @Slot(object)
    def _draw(self, view: Viewport) -> None:
        project = self._desk.project
        if project is None:
            self._renderer.ask(None)
            return
        style = selection_style(self.map.tokens)
        ratio = self.devicePixelRatioF()
        drawables = self.stack.drawables()
        beside = self.swipe.drawables()
        scene = Scene(project.path, drawables, view, RESERVE, ratio, self.selection, style, beside)
        scene = replace(scene, keeps_bare=self.keeps_bare)
        self._renderer.ask(scene)

    @Slot()
    def _tell_cold(self) -> None:
        self.plain.emit(True)

    @Slot(object)
    def _take(self, drawing: Drawing) -> None:
        if drawing.is_beside:
            self.swipe.take(drawing)
        elif self._desk.project is not None:
            self.map.take(drawing)
            self.plain.emit(not drawing.by_kernel)
            if drawing.is_final and drawing.by_kernel and not self._is_warm:
                self._is_warm = True
                self.stack.changed.emit()  # legends can be drawn by the kernels now

    def _follow(self, tables: frozenset[str]) -> None:
        if "project" in tables:
            self.map.clear()
            self.map.measure.crs = self._desk.project.crs if self._desk.project else ""
            self.choose(())
            self._is_fresh = True
            self.swipe.end()
        edit = self._desk.told
        if edit is not None and "layers" not in tables:
            self._renderer.follow(edit)
            self._draw(self.map.view)
        else:
            self._renderer.forget(tables)
        if self._desk.project is None:
            self._renderer.ask(None)
            return
        if self._is_fresh and self.stack.entries:
            self._is_fresh = False
            self._show_last()
        self.map.refresh()

    @Slot(object, bool)
    def _identify(self, click: Click, adds: bool) -> None:
        entries = tuple(entry for entry in self.stack.entries if self.stack.is_seen(entry.name))
        if self._desk.project is None or not entries:
            return
        work = self._desk.reading(lambda project, progress: identify(project, entries, click, progress))
        done = self._show_picked if self.map.tool == "select" else self._show_found
        self._tasks.start(self._words.say("task.identify"), work, done, quiet=True)

    def _show_found(self, found: tuple[Found, ...]) -> None:
        self.map.outline = next((hit.geometry for hit in found if hit.geometry is not None), None)
        self.map.update()
        self.found.emit(found)

    def _show_picked(self, found: tuple[Found, ...]) -> None:
        self.choose(tuple(hit.layer for hit in found[:1] if hit.layer is not None))

    @Slot(object, bool)
    def _select_in(self, extent: Extent, adds: bool) -> None:
        if self._desk.project is None:
            return
        before = self.selection if adds else ()
        entries = tuple(entry for entry in self.stack.entries if self.stack.is_seen(entry.name))
        work = self._desk.reading(lambda project, progress: select(project, entries, extent, progress))
        title = self._words.say("task.select")
        self._tasks.start(title, work, lambda chosen: self.choose(before + chosen))

    def renew(self, layers: tuple[VectorLayer, ...]) -> None:
        """The same features as they are now."""
        self.selection = layers
        self.map.refresh()

    def choose(self, layers: tuple[VectorLayer, ...]) -> None:
        """Select these features, and no others."""
        if layers or self.selection:
            self.selection = layers
            self.selected.emit(layers)
            self.map.refresh()


def whole(stack: Stack) -> Extent | None:
    """The box of the region layers, or of all layers where there is none."""
    regions = [e.extent for e in stack.entries if e.kind in {"city", "county"} and e.extent]
    extents = regions or [e.extent for e in stack.entries if e.extent]
    if not extents:
        return None
    west, south, east, north = zip(*extents, strict=True)
    return Extent(min(west), min(south), max(east), max(north))


class Warming(QProcess):
    """A child process that compiles kernels: the window itself never compiles.

    Parameters
    ----------
    module : str
        Of `layers.cartography`: the one whose `compile_kernels` it calls.
    parent : QWidget
    """

    ready = Signal()

    def __init__(self, module: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._module = module
        self.finished.connect(self.ready)

    def begin(self) -> None:
        """Start it; it has the same interpreter as this process."""
        back = "from layers.storage.child import stand_back; stand_back()"
        work = f"{back}; from layers.cartography.{self._module} import compile_kernels; compile_kernels()"
        self.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self.start(sys.executable, ["-c", work])

    def end(self) -> None:
        """Stop it and wait for its end; nobody is told."""
        self.blockSignals(True)
        if self.state() != QProcess.ProcessState.NotRunning:
            self.kill()
            self.waitForFinished(2000)
