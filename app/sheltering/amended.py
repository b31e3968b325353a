"""A plan where the project has changed since: what has, and with which numbers one goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton

from app.garbage import unsought
from app.panels.parts import column
from app.theme import named
from layers.progress import Progress
from layers.siting.as_kept import amended, amended_words
from layers.siting.noted import Amended, last_edit
from layers.siting.shelter_plan import ShelterPlan
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

MOST = 8
"""Layers that are listed."""
WIDE = 460
SOON = 1500
"""An edit is looked at so long after the last one, ms."""


class Changes(QObject):
    """What has changed since each plan was found. Signal: `told` something else is known."""

    told = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._seen: dict[str, int] = {}
        self._decided: set[tuple[str, tuple[Amended, ...]]] = set()
        self.of: dict[str, tuple[Amended, ...]] = {}

    def forget(self) -> None:
        """Another project lies open."""
        self._seen.clear()
        self._decided.clear()
        self.of.clear()

    def is_seen(self, name: str) -> bool:
        """Whether all edits up to the last were looked at."""
        project = self._window.desk.project
        return project is None or self._seen.get(name) == last_edit(project)

    def take_fresh(self, plan: ShelterPlan) -> None:
        """A plan was kept just now, and nothing else was done meanwhile."""
        project = self._window.desk.project
        if project is not None and last_edit(project) - plan.case.as_of <= 1:
            self._seen[plan.name], self.of[plan.name] = last_edit(project), ()

    def look(
        self, cards: Mapping[str, Mapping[str, Any]], names: Sequence[str], then: Callable[[], None]
    ) -> None:
        """Read the journal for these plans, in a task, and go on."""
        held = {name: cards[name] for name in names if name in cards}

        def work(own: ProjectFile, progress: Progress) -> tuple[int, dict[str, tuple[Amended, ...]]]:
            return last_edit(own), {name: amended(own, card) for name, card in held.items()}

        def take(found: tuple[int, dict[str, tuple[Amended, ...]]]) -> None:
            number, changes = found
            self._seen |= dict.fromkeys(changes, number)
            is_other = any(self.of.get(name, ()) != each for name, each in changes.items())
            self.of |= changes
            if is_other:
                self.told.emit()
            then()

        title = self._window.words.say("task.amended")
        self._window.tasks.start(title, unsought(self._window.desk.reading(work)), take, quiet=True)

    def doubtful(self, names: Sequence[str]) -> list[str]:
        """The plans about which nobody has decided yet."""
        return [name for name in names if self.of.get(name) and (name, self.of[name]) not in self._decided]

    def decide(self, names: Sequence[str]) -> None:
        """Somebody has decided about these, until more changes."""
        self._decided |= {(name, self.of[name]) for name in names}


class AmendedPage(QDialog):
    """Ask whether plans go on with the numbers of then, or are reckoned anew."""

    def __init__(
        self,
        window: MainWindow,
        plans: Sequence[str],
        changes: Sequence[Amended],
        then: Callable[[bool], None],
    ) -> None:
        super().__init__(window)
        say, language = window.words.say, window.words.language
        self._then = then
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(say("shelter.amended_title"))
        self.setFixedWidth(WIDE)
        self.about = QLabel(say("shelter.amended_about", plan="”、“".join(plans)), wordWrap=True)
        lines = [f"· {amended_words(each, language)}" for each in changes[:MOST]]
        lines += ["· …"] if len(changes) > MOST else []
        self.list = named(QLabel("\n".join(lines), wordWrap=True), "soft")
        self.of_then = named(QPushButton(say("shelter.of_then")), "primary")
        self.anew, drop = QPushButton(say("shelter.anew")), QPushButton(say("task.cancel"))
        layout, deeds = column(self, 16, 10), QHBoxLayout()
        layout.addWidget(self.about)
        layout.addWidget(self.list)
        for button in (self.of_then, self.anew, drop):
            deeds.addWidget(button)
        layout.addLayout(deeds)
        for label in (self.about, self.list):
            label.setMinimumHeight(label.heightForWidth(WIDE - 32))
        self.of_then.clicked.connect(lambda: self._go_on(True))
        self.anew.clicked.connect(lambda: self._go_on(False))
        drop.clicked.connect(self.reject)

    def _go_on(self, of_then: bool) -> None:
        self.accept()
        self._then(of_then)
