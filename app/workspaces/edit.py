"""编辑: what is picked, how a layer looks, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.desk import Desk
from app.editing.rewinding import go_to
from app.panels.feature import FeaturePanel
from app.panels.history import HistoryPanel
from app.panels.journal import JournalPanel
from app.panels.style import StylePanel
from layers.census.bounds import Bounds, bounds
from layers.storage.checking import rules_of

if TYPE_CHECKING:
    from app.main_window import MainWindow


def number_bounds(desk: Desk, kind: str) -> dict[str, Bounds]:
    """Bounds of the numbers of a kind of layer, by the project's rules."""
    return bounds(kind, rules_of(desk.project)) if desk.project is not None else {}


class EditWorkspace:
    """编辑: what is picked, how a layer looks, and what was done."""

    def __init__(self, window: MainWindow) -> None:
        can_edit = lambda: window.desk.can_edit and not window.is_storing  # noqa: E731
        self.feature = FeaturePanel(window.words, can_edit, lambda kind: number_bounds(window.desk, kind))
        self.history = HistoryPanel(window.words)
        self.style = StylePanel(window.desk, window.stack, window.tasks, window.words, window.store)
        self.journal = JournalPanel(window.desk, window.words)
        self.journal.wanted.connect(lambda number: go_to(window, number))
        self.panels: dict[str, QWidget] = {
            "feature": self.feature,
            "history": self.history,
            "style": self.style,
            "journal": self.journal,
        }
        window.layers.styled.connect(self.style.choose)
        window.layers.styled.connect(lambda _: window.go_to("style"))
        tree = window.layers.tree
        tree.currentItemChanged.connect(lambda: self.style.choose(window.layers.chosen))
