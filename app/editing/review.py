"""The review of a project's quality: checked in a task, gone to, put right, written out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
from PySide6.QtCore import QObject

from app.editing.ruling import RulesPage
from app.panels.findings import MOST, FindingsPanel, Names
from app.stack import title_of
from app.tasks import Task
from layers.census.quality import Finding
from layers.census.rules import Rule
from layers.census.telling import finding_words
from layers.changes import Change, Edit, Row
from layers.editing.repair import fixed
from layers.errors import KnownError
from layers.grid import Extent
from layers.progress import Progress
from layers.resources import resource
from layers.storage.checking import RULES_SETTING, check_project, names_of
from layers.storage.geopackage import LayerEntry, ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

AROUND = 100.0
"""Metres about a finding that is shown."""


class Review(QObject):
    """What the panel of findings asks for."""

    panel: FindingsPanel
    page: RulesPage

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._say = window.words.say
        self._done = True
        self._trial: Task | None = None
        self.panel = FindingsPanel(window.words)
        self.panel.asked.connect(self.check)
        self.panel.gone.connect(self.go_to)
        self.panel.fixed.connect(self.fix)
        self.panel.exported.connect(self.export_findings)
        self.panel.ruled.connect(self.show_rules)

    def check(self) -> None:
        """Test all layers in a task; the findings are listed."""
        self._window.docks["findings"].show()
        self._window.docks["findings"].raise_()
        self.panel.wait()

        def look(own: ProjectFile, progress: Progress) -> tuple[tuple[Finding, ...], Names]:
            found = check_project(own, progress=progress)
            return found, names_of(own, found[:MOST])

        work = self._window.desk.reading(look)
        self._done = False
        self._window.tasks.start(self._say("task.check"), work, self._show_findings, finished=self._finish)

    def _finish(self) -> None:
        """The check was given up, or could not be made."""
        if not self._done:
            self.panel.clear()

    def _show_findings(self, found: tuple[tuple[Finding, ...], Names]) -> None:
        self._done = True
        findings, names = found
        self.panel.show_findings(findings, self._titles(), names)

    def _titles(self) -> dict[str, str]:
        language = self._window.words.language
        return {entry.name: title_of(entry, language) for entry in self._window.stack.entries}

    def go_to(self, finding: Finding) -> None:
        """Show where a finding is."""
        if self._project.table(finding.layer).get(finding.key) is not None:
            self._window.workbench.select(finding.layer, [finding.key])
        x, y = finding.place
        if x == x:
            self._window.stack.see(finding.layer, True)
            self._window.stage.map.show_extent(Extent(x, y, x, y).grown(AROUND))

    def fix(self) -> None:
        """Carry out what is safe to fix, as one edit, and look again."""
        edit = fixed(self.panel.findings, self._project, self._say("edit.fix"))
        if edit is not None:
            self._window.store(edit, self.check)

    def show_rules(self) -> None:
        """The rules of this project, to be read and edited."""
        own = self._project.table("settings").get(RULES_SETTING)
        shipped = resource("quality", "rules.toml").read_text(encoding="utf-8")
        text = str(own["value"] or "") if own is not None else ""
        window = self._window
        page = self.page = RulesPage(
            text,
            shipped,
            window.stack.entries,
            window.workbench.fields,
            window.words,
            window,
            can_edit=window.desk.can_edit,
        )
        page.kept.connect(lambda rules: self._keep_rules(own, rules))
        page.tried.connect(self._try_rule)
        page.finished.connect(self._end_trial)
        window.desk.leaving.connect(page.reject)
        page.finished.connect(lambda: window.desk.leaving.disconnect(page.reject))
        page.open()

    def _try_rule(self, rule: Rule, entries: tuple[LayerEntry, ...]) -> None:
        """See what one rule finds, in a task; what was asked before is no longer wanted."""
        names = [entry.name for entry in entries]

        def look(own: ProjectFile, progress: Progress) -> tuple[Finding, ...] | KnownError:
            try:
                return check_project(own, names, rules=[replace(rule, is_on=True)], progress=progress)
            except KnownError as error:
                return error

        self._end_trial()
        say = partial(self.page.show_found, rule, entries)
        work, title = self._window.desk.reading(look), self._say("task.check")
        self._trial = self._window.tasks.start(title, work, say, quiet=True)

    def _end_trial(self) -> None:
        if self._trial is not None:
            self._trial.cancel()
        self._trial = None

    def _keep_rules(self, own: Row | None, rules: str) -> None:
        after = {"value": rules} if rules else None
        if after != (dict(own) if own is not None else None):
            change = Change("settings", RULES_SETTING, own, after)
            self._window.store(Edit(self._say("edit.rules"), (change,)), self.check)

    def export_findings(self) -> None:
        """The findings as a workbook."""
        titles = self._titles()
        columns = ("rule", "severity", "title", "uuid", "words")
        rows = [
            (
                f.rule,
                f.severity,
                titles.get(f.layer, f.layer),
                f.key,
                finding_words(f, self._window.words.language),
            )
            for f in self.panel.findings
        ]
        heads = [self._say(f"finding.{name}") for name in columns]
        self._window.files.export_table(pd.DataFrame(rows, columns=heads), self._say("finding.sheet"))

    @property
    def _project(self) -> ProjectFile:
        assert self._window.desk.project is not None
        return self._window.desk.project
