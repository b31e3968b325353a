"""The window: the map in the middle, panels around it, one bar above and one line below."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.actions import Actions
from app.assessments import Assessments
from app.canvas.picking import Found
from app.canvas.stage import Stage, Warming
from app.choice import CITY, Choice
from app.desk import Desk
from app.doors.files import Files, sample_folder
from app.doors.printing import Printing
from app.editing.rewinding import turn
from app.editing.workbench import Workbench
from app.edits import rearrangement, removal
from app.flooding.hydrographs import Hydrographs
from app.orientation.oblique import Oblique
from app.orientation.places import Gazetteer, survey, surveyed
from app.orientation.selecting import Selecting
from app.orientation.wayfinding import Wayfinding
from app.panels.layers import LayersPanel
from app.panels.task_list import TaskList
from app.panels.welcome import Welcome
from app.settings import Settings
from app.shell.arrangement import Arrangement
from app.shell.crash import CrashReport
from app.shell.header import Header
from app.shell.help import AboutPage, KeysPage
from app.shell.keyboard import Keyboard
from app.shell.notices import Notices
from app.shell.side import Dock
from app.shell.status import StatusLine
from app.shell.tour import Touring
from app.stack import Stack, group_of, title_of
from app.tasks import Tasks
from app.theme import dress, the_application
from app.turns import all_of, parts_of
from app.words import Words
from app.workspaces import Workspaces
from layers.changes import Edit
from layers.errors import KnownError
from layers.layer import VectorLayer
from layers.words import Language

LARGE = 1000
"""Changes above which an edit is carried out in a worker."""


class MainWindow(QMainWindow):
    """One project, one map. It holds the parts together; what they do stands with them."""

    stage: Stage
    header: Header
    workspaces: Workspaces
    files: Files
    workbench: Workbench
    selecting: Selecting
    wayfinding: Wayfinding
    arrangement: Arrangement
    touring: Touring
    oblique: Oblique
    keyboard: Keyboard
    hydrographs: Hydrographs

    def __init__(self, settings: Settings, language: Language | None = None) -> None:
        super().__init__()
        self.settings = settings
        spoken: Language = language or ("en" if settings.language == "en" else "zh_CN")
        self.words = Words(spoken, self)
        self.tokens = dress(the_application(), settings.theme)
        self.desk, self.tasks, self.choice = Desk(self), Tasks(self), Choice(self)
        self.stack = Stack(self.desk, self.choice, spoken, self)
        self.assessments = Assessments(self.desk, self.tasks, self)
        self.gazetteer = Gazetteer()
        self.sample_path = sample_folder() / "hengshui.gpkg"
        self.is_storing = False
        self._warming: Warming | None = None
        self._is_plain = True
        self._age = 0
        self._surveyed: object = None
        """The layers whose names are known."""
        self.stage = Stage(self.desk, self.stack, self.tasks, self.words, self.tokens, settings)
        self.actions_ = Actions(self)
        self.files, self.printing = Files(self), Printing(self)
        self._make_panels()
        self._lay_out()
        self.workbench, self.selecting = Workbench(self), Selecting(self)
        self.hydrographs = Hydrographs(self)
        self.wayfinding, self.arrangement = Wayfinding(self), Arrangement(self)
        self.touring, self.oblique = Touring(self), Oblique(self)
        self.keyboard = Keyboard(self)
        self._connect()
        self.actions_.paint(self.tokens)
        self._follow(frozenset({"project", "layers"}))

    def _make_panels(self) -> None:
        words = self.words
        self.layers = LayersPanel(self.stack, words, lambda: self.desk.can_edit and not self.is_storing)
        self.task_list = TaskList(self.tasks, words)
        self.welcome = Welcome(words, self.actions_, self.settings, self.tokens)
        self.status = StatusLine(self.tasks, words)
        self.header = Header(words, self.actions_, self.tokens)
        self.workspaces = Workspaces(self)

    def _lay_out(self) -> None:
        self.setMenuWidget(self.header)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(self.stage)
        column.addWidget(self.pages)
        self.notices = Notices(self.words, self.tokens, self.pages)
        for card in (self.stage.key, self.stage.swipe.key):
            self.notices.stand_beside(card)
        self.setCentralWidget(centre)
        areas = Qt.DockWidgetArea
        self.docks = {
            "left": Dock("left", "panel.layers", self.layers, self.words, self),
            "right": Dock("right", "", self.workspaces.side, self.words, self),
            "tasks": Dock("tasks", "panel.tasks", self.task_list, self.words, self),
        }
        places = {"left": areas.LeftDockWidgetArea, "right": areas.RightDockWidgetArea}
        for name, dock in self.docks.items():
            self.addDockWidget(places.get(name, areas.BottomDockWidgetArea), dock)
            dock.hide()
        self.setCorner(Qt.Corner.BottomLeftCorner, areas.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, areas.RightDockWidgetArea)
        self.foot = self.statusBar()
        self.foot.setSizeGripEnabled(False)
        self.foot.addWidget(self.status, 1)
        self.stage.lay_tools(self.actions_)
        self.setAcceptDrops(True)
        self.setMinimumSize(1024, 640)
        self.resize(1366, 768)
        if not self.settings.geometry.isEmpty():
            self.restoreGeometry(self.settings.geometry)

    def _connect(self) -> None:
        stage, words = self.stage, self.words
        self.desk.changed.connect(self._follow)
        self.tasks.told.connect(self._tell)
        self.tasks.crashed.connect(self.report)
        self.tasks.changed.connect(self.actions_.refresh)
        stage.found.connect(self._show_found)
        stage.selected.connect(self._show_selected)
        stage.plain.connect(self._note_plain)
        stage.time.stood.connect(self.notices.keep_clear)
        stage.time.stood.connect(lambda _: self.actions_.refresh())
        stage.swipe.changed.connect(self.actions_.refresh)
        stage.map.viewed.connect(self.status.show_view)
        stage.map.pointed.connect(self.status.show_point)
        stage.map.walked.connect(self.actions_.refresh)
        self.layers.wanted.connect(self.wayfinding.show_layer)
        self.layers.unwanted.connect(self.remove_layer)
        self.layers.moved.connect(self.move_layer)
        self.layers.exported.connect(self.files.export_layer)
        self.header.worked.connect(self.workspaces.go_to)
        self.header.worked.connect(lambda _: self.docks["right"].show())
        self.workspaces.side.changed.connect(self.header.show_workspace)
        self.status.scaled.connect(stage.map.zoom_to_scale)
        self.status.asked.connect(lambda: self.toggle("tasks"))
        self.welcome.chosen.connect(self.files.open_path)
        self.choice.changed.connect(self.actions_.refresh)
        self.choice.changed.connect(self._mark_region)
        words.changed.connect(self._speak)

    def store(self, edit: Edit, then: Callable[[], object] = bool) -> None:
        """Carry out an edit: a small one here and now, a large one in a worker; `then` when it is done.

        What `then` yields between is done in turns, see `Tasks.start`.
        """
        session = self.desk.session
        if session is None:
            return  # the project was put away while the edit was made
        if not edit.loads and len(edit.changes) <= LARGE:
            self._try(lambda: self.desk.do(edit))
            all_of(then())
            return
        self.is_storing = True
        self.actions_.refresh()
        work, title = self.desk.storing(edit), self.words.say("task.store", name=edit.name)

        def done(stored: Edit) -> Iterator[object]:
            self.stored()
            self.desk.tell(stored)
            yield None
            if self.desk.session is session:
                yield from parts_of(then())

        self.tasks.start(title, work, done, finished=self.stored)

    def stored(self) -> None:
        """A worker is done with the project."""
        self.is_storing = False
        self.actions_.refresh()

    def undo(self) -> None:
        self._try(lambda: turn(self, "undo"))

    def redo(self) -> None:
        self._try(lambda: turn(self, "redo"))

    def _try(self, deed: object) -> None:
        assert callable(deed)
        try:
            deed()
        except KnownError as error:
            self._tell(error)

    def _follow(self, tables: frozenset[str]) -> None:
        project = self.desk.project
        if "project" in tables:
            self._lay_project()
        named = (project and project.path, surveyed(self.stack.entries))
        if project is not None and ("project" in tables or named != self._surveyed):
            self._age, self._surveyed = self._age + 1, named
            age, title = self._age, self.words.say("task.survey")
            done = lambda found: self._take_survey(found, age)  # noqa: E731
            self.tasks.start(title, self.desk.reading(survey), done, quiet=True)
        self.actions_.refresh()

    def _lay_project(self) -> None:
        project = self.desk.project
        self.pages.setCurrentWidget(self.welcome if project is None else self.stage)
        self.setWindowTitle(self._title())
        self.foot.setVisible(project is not None)
        self.status.show_project(project.crs if project is not None else "")
        self.header.switch.setEnabled(project is not None)
        self.header.search.setEnabled(project is not None)
        self.choice.take_region("")
        self.workspaces.clear()
        self.welcome.refresh()
        if project is None:
            self._take_survey(Gazetteer(), self._age)
        elif project.read_only:
            key = "notice.network" if project.why_read_only == "network" else "notice.read_only"
            self.notices.say(self.words.say(key), "warning")
        self.arrangement.lay()
        (self.welcome if project is None else self.stage.map).setFocus()

    def _title(self) -> str:
        name, project = self.words.say("window.name"), self.desk.project
        return name if project is None else f"{project.name} — {name}"

    def _take_survey(self, gazetteer: Gazetteer, age: int) -> None:
        if age == self._age:
            self.gazetteer = gazetteer
            self.workspaces.show_regions(gazetteer)
            if gazetteer.region(self.choice.region) is None and self.choice.region != CITY:
                self.choice.take_region("")
            self._mark_region()

    def _mark_region(self) -> None:
        self.stage.mark_region(self.gazetteer.region(self.choice.region))

    def remove_layer(self, name: str) -> None:
        """Take a layer out; undo brings it back, so nobody is asked."""
        entry, project = self.stack.entry(name), self.desk.project
        if entry is None or project is None:
            return
        title = self.words.say("edit.remove", name=title_of(entry, self.words.language))
        self.store(removal(title, project, name))
        back = (self.words.say("command.undo"), self.undo)
        self.notices.say(self.words.say("notice.removed", name=title), action=back)

    def move_layer(self, name: str, before: str) -> None:
        """Put a layer above another of its group."""
        entry, project = self.stack.entry(name), self.desk.project
        if entry is None or project is None or not self.desk.can_edit:
            return
        group = [other for other in self.stack.entries if group_of(other) == group_of(entry)]
        edit = rearrangement(self.words.say("edit.arrange"), project, group, name, before)
        if edit is not None:
            self.store(edit)

    def go_to(self, panel: str) -> None:
        """Open the panel of a task."""
        self.workspaces.side.show_panel(panel)
        self.docks["right"].show()

    def toggle(self, dock: str) -> None:
        """Open or close a panel."""
        self.docks[dock].toggle()
        self.actions_.refresh()

    def is_shown(self, dock: str) -> bool:
        """Whether a panel is open."""
        return not self.docks[dock].isHidden()

    def switch_language(self) -> None:
        """The other language, at once."""
        self.words.speak(self.words.other())
        self.settings.language = self.words.language

    def switch_theme(self) -> None:
        """Light or dark, at once."""
        self.settings.theme = "light" if self.settings.theme == "dark" else "dark"
        self.tokens = dress(the_application(), self.settings.theme)
        self.actions_.paint(self.tokens)
        self.notices.tokens = self.tokens
        parts = self.header, self.stage, self.welcome, self.workspaces, self.workbench, self.hydrographs
        for part in parts:
            part.paint(self.tokens)

    def _speak(self) -> None:
        self.stack.speak(self.words.language)
        self.setWindowTitle(self._title())

    def show_keys(self) -> None:
        KeysPage(self.words, self).open()

    def show_about(self) -> None:
        AboutPage(self.words, self.tokens, self).open()

    def _show_found(self, found: tuple[Found, ...]) -> None:
        self.workspaces.edit.feature.show_found(found)
        if found:
            self.go_to("feature")

    def _show_selected(self, layers: tuple[VectorLayer, ...]) -> None:
        self.workspaces.edit.feature.show_selected(layers)
        if layers:
            self.go_to("feature")

    def _note_plain(self, is_plain: bool) -> None:
        """While the kernels are not compiled the map is drawn plainly, and this says so."""
        if not is_plain and self._is_plain:
            self.layers.draw_samples()
            self.stage.key.fill()
        self._is_plain = is_plain
        self.status.message.setText(self.words.say("status.plain") if is_plain else "")
        if is_plain and self._warming is None:
            self._warming = Warming("raster", self)
            self._warming.ready.connect(self.stage.map.refresh)
            self._warming.begin()

    def _tell(self, error: KnownError) -> None:
        self.notices.say(error.say(self.words.language), "error")

    def report(self, details: str) -> None:
        """A bug: say so, and that nothing was lost."""
        CrashReport(self.words, details, self).open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.files.dropped([Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile()])

    def closeEvent(self, event: QCloseEvent) -> None:
        """No work is unsaved; what runs is stopped, and no thread is left."""
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        self.settings.geometry = self.saveGeometry()
        self.arrangement.keep()
        for each in self.findChildren(Warming):
            each.end()
        self.tasks.close()
        self.stage.close_threads()
        self.desk.close()
        QGuiApplication.restoreOverrideCursor()
        event.accept()
