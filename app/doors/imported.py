"""What happened to files on their way in: notes, rows that were skipped or altered, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QLabel

from app.panels.parts import column, row, table
from app.words import Words
from layers.storage.formats import Imported

if TYPE_CHECKING:
    from app.main_window import MainWindow

SHOWN = 2_000
"""Rows that the list shows; the file has all."""
Line = tuple[str, str, str, str]
"""File, row, what was done, why."""


def lines_of(found: Sequence[Imported], words: Words) -> list[Line]:
    """All that is to be told of an import, file by file."""
    lines: list[Line] = []
    for each in found:
        name = each.path.name
        lines += [(name, "", words.say("imported.note"), note) for note in each.notes]
        for what, rows in (("skipped", each.skipped), ("altered", each.altered)):
            done = words.say(f"imported.{what}")
            lines += [(name, str(told.row), done, words.say(told.reason_key)) for told in rows]
    return lines


class ImportPage(QDialog):
    """The list of an import; it stands beside the work and is closed when it is read."""

    def __init__(self, lines: Sequence[Line], window: MainWindow) -> None:
        super().__init__(window)
        self._lines, self._window = lines, window
        say = window.words.say
        self._heads = [say(f"imported.{name}") for name in ("file", "row", "done", "why")]
        self.setWindowTitle(say("imported.title"))
        self.resize(820, 420)
        layout = column(self, 16, 8)
        rows = sum(bool(line[1]) for line in lines)
        layout.addWidget(QLabel(say("imported.hint", rows=rows), wordWrap=True))
        self.list = table(4)
        self.list.setHeaderLabels(self._heads)
        header = self.list.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        for line in lines[:SHOWN]:
            self.list.addTopLevelItem(row(line, [1]))
        layout.addWidget(self.list, 1)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        export = box.addButton(say("imported.export"), QDialogButtonBox.ButtonRole.ActionRole)
        export.setAutoDefault(False)
        export.clicked.connect(self.export)
        box.rejected.connect(self.reject)
        layout.addWidget(box)

    def export(self) -> None:
        """The whole list as a table."""
        frame = pd.DataFrame(self._lines, columns=self._heads)
        self._window.files.export_table(frame, self._window.words.say("imported.title"))
