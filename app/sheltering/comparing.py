"""Plans side by side, people left out against the number of sites, and plans under several events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QTabWidget, QTreeWidget, QWidget

from app.panels.parts import RIGHT, column, fit_heads, number_words, row, table
from app.panels.shelter_plans import figure_words
from app.sheltering.curve import Curve, draw_curve
from app.sheltering.shelters import Shelters
from app.theme import named
from layers.progress import Progress
from layers.siting.scenario import Scenario
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelter_robust import plan_scores, worst_of
from layers.siting.shelter_store import wish_of
from layers.siting.what_if import sites_against_unmet
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

FIGURES = (
    "demand", "assigned", "unmet", "sites", "mean_m", "furthest_m", "fullness", "fullest", "price", "gap",
)  # fmt: skip
SECONDS = 6.0
"""Time for each point of the curve."""
WIDE, HIGH = 940, 600


class ComparePage(QDialog):
    """A window beside the map: it stays while one works on."""

    def __init__(self, window: MainWindow, shelters: Shelters, names: Sequence[str]) -> None:
        super().__init__(window)
        self._window, self._shelters, self._say = window, shelters, window.words.say
        self.names = tuple(names)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self._say("shelter.compare.title"))
        self.resize(WIDE, HIGH)
        self.tabs = QTabWidget(documentMode=True)
        column(self, 12, 8).addWidget(self.tabs)
        self.side_by_side = self._side_by_side()
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.scores, self.verdict = table(2), named(QLabel(wordWrap=True), "soft")
        self.tabs.addTab(self._first_page(), self._say("shelter.compare.side"))
        self.tabs.addTab(self._curve_page(), self._say("shelter.compare.curve"))
        self.tabs.addTab(self._robust_page(), self._say("shelter.compare.robust"))

    # --- side by side ------------------------------------------------------------------------------------

    def _first_page(self) -> QWidget:
        page = QWidget()
        layout = column(page, 0, 8)
        layout.addWidget(self.side_by_side, 1)
        layout.addWidget(named(QLabel(self._say("shelter.compare.note"), wordWrap=True), "faint"))
        return page

    def _side_by_side(self) -> QTreeWidget:
        """One column a plan; differences from the first stand behind each figure."""
        tree = table(1 + len(self.names))
        tree.setHeaderLabels([self._say("shelter.compare.figure"), *self.names])
        summaries = [self._shelters.cards[name]["summary"] for name in self.names]
        for figure in FIGURES:
            cells = [self._cell(figure, summary, summaries[0]) for summary in summaries]
            item = row([self._say(f"shelter.figure.{figure}"), *cells], range(1, 1 + len(cells)))
            tree.addTopLevelItem(item)
        status = [self._say(f"siting.{summary['status']}") for summary in summaries]
        tree.addTopLevelItem(row([self._say("shelter.figure.status"), *status], range(1, 1 + len(status))))
        for words, cells in self._site_rows():
            tree.addTopLevelItem(row([words, *cells], range(1, 1 + len(cells))))
        for place in range(1, 1 + len(self.names)):
            tree.headerItem().setTextAlignment(place, RIGHT)
            tree.header().setSectionResizeMode(place, tree.header().ResizeMode.Stretch)
        return tree

    def _cell(self, figure: str, summary: dict[str, Any], first: dict[str, Any]) -> str:
        value, base = summary[figure], first[figure]
        if figure == "gap":
            return "—" if value is None else f"{value:.2%}"
        words = figure_words(figure, value, self._window.words)
        apart = 0.0 if value is None or base is None else value - base
        return f"{words}  ({apart:+,.0f})" if round(apart) else words

    def _site_rows(self) -> list[tuple[str, list[str]]]:
        """How many sites of each plan the first one does not open, and which."""
        held = [[site["name"] for site in self._shelters.cards[name]["sites"]] for name in self.names]
        first = set(held[0])
        new = [[site for site in sites if site not in first] for sites in held]
        gone = [[site for site in held[0] if site not in set(sites)] for sites in held]
        moved = self._moved()
        return [
            (self._say("shelter.compare.moved"), [_listed(names) for names in moved]),
            (self._say("shelter.compare.new"), [_listed(names) for names in new]),
            (self._say("shelter.compare.gone"), [_listed(names) for names in gone]),
        ]

    def _moved(self) -> list[list[str]]:
        """Sites of each plan that stand elsewhere than those of that name in the first one."""
        held = [{site["name"]: (site["x"], site["y"]) for site in self._shelters.cards[name]["sites"]}
                for name in self.names]  # fmt: skip

        def apart(name: str, at: tuple[float, float]) -> float:
            return float(np.hypot(*np.subtract(at, held[0].get(name, at))))

        return [[name for name, at in places.items() if apart(name, at) > 0.5] for places in held]

    # --- sites against people left out -------------------------------------------------------------------

    def _curve_page(self) -> QWidget:
        page, start = QWidget(), QPushButton(self._say("shelter.compare.draw"))
        layout = column(page, 0, 8)
        layout.addWidget(named(QLabel(self._say("shelter.compare.curve_note"), wordWrap=True), "soft"))
        layout.addWidget(self.picture, 1)
        layout.addWidget(start)
        start.clicked.connect(self.draw_curve)
        return page

    def draw_curve(self, seconds: float = SECONDS) -> None:
        """Reckon and draw the curve of the first plan's case."""
        self._shelters.with_plans(
            self.names[:1], lambda plans: self._ask_curve(plans[self.names[0]], seconds)
        )

    def _ask_curve(self, plan: ShelterPlan, seconds: float) -> None:
        title, axes = self._say("shelter.compare.curve"), self._axes()
        summaries = {name: self._shelters.cards[name]["summary"] for name in self.names}
        marks = tuple((name, s["sites"], s["unmet"]) for name, s in summaries.items()
                      if s["demand"] == float(plan.demand.sum()))  # fmt: skip
        size = (self.picture.width(), self.picture.height())
        tokens, ratio = self._window.tokens, self.devicePixelRatioF()

        def work(progress: Progress) -> Any:
            problem = replace(plan.case.problem(), objective="max-cover", single_source=False, budget=None,
                              count=1, kept=None, radius=plan.case.radius, weight=None)  # fmt: skip
            found = sites_against_unmet(problem, counts(plan), seconds, progress)
            return draw_curve(Curve(found, marks, axes, size, ratio, tokens))

        self._window.tasks.start(title, work, lambda pixels: self._show(pixels, ratio))

    def _axes(self) -> tuple[str, str, str, str]:
        return tuple(self._say(f"shelter.compare.{key}") for key in ("x", "y", "found", "bound"))  # type: ignore[return-value]

    def _show(self, pixels: Any, ratio: float) -> None:
        high, wide = pixels.shape[:2]
        image = QImage(pixels.data, wide, high, wide * 4, QImage.Format.Format_RGBA8888)
        image.setDevicePixelRatio(ratio)
        self.picture.setPixmap(QPixmap.fromImage(image))

    # --- several events ----------------------------------------------------------------------------------

    def _robust_page(self) -> QWidget:
        page, start = QWidget(), QPushButton(self._say("shelter.compare.score"))
        solve = {how: QPushButton(self._say(f"shelter.compare.{how}")) for how in ("largest", "mean")}
        layout = column(page, 0, 8)
        layout.addWidget(named(QLabel(self._say("shelter.compare.robust_note"), wordWrap=True), "soft"))
        layout.addWidget(self.scores, 1)
        layout.addWidget(self.verdict)
        deeds = QHBoxLayout()
        for button in (start, *solve.values()):
            deeds.addWidget(button)
        layout.addLayout(deeds)
        start.clicked.connect(self.score)
        for how, button in solve.items():
            button.clicked.connect(lambda _=False, how=how: self._solve(how))
        return page

    def scenarios(self) -> tuple[Scenario, ...]:
        """The event of the first plan, and those near it."""
        wish = wish_of(self._shelters.cards[self.names[0]]["wish"])
        flood = () if wish.flood is None else (
            Scenario("flood", layer=wish.flood.layer, stage=wish.flood.stage),
        )  # fmt: skip
        return (*events_near(wish.scenario), *flood)

    def score(self) -> None:
        """Every plan under every event."""
        held = {name: self._shelters.cards[name] for name in self.names}
        events, language = self.scenarios(), self._window.words.language

        def work(own: ProjectFile, progress: Progress) -> pd.DataFrame:
            return plan_scores(own, held, events, language, progress)

        reading = self._window.desk.reading(work)
        self._window.tasks.start(self._say("shelter.compare.robust"), reading, self._show_scores)

    def _show_scores(self, scores: pd.DataFrame) -> None:
        once = scores.drop_duplicates(["scenario", "plan"])
        wide = once.pivot(index="scenario", columns="plan", values="unmet").loc[once["scenario"].unique()]
        needs = scores.groupby("scenario", sort=False)["demand"].max()
        plans = list(scores["plan"].unique())
        self.scores.clear()
        self.scores.setColumnCount(2 + len(plans))
        heads = (self._say("shelter.compare.event"), self._say("shelter.figure.demand"))
        self.scores.setHeaderLabels([*heads, *plans])
        for title in wide.index:
            cells = [number_words(float(wide.loc[title, plan]), 0) for plan in plans]
            line = [str(title), number_words(float(needs[title]), 0), *cells]
            self.scores.addTopLevelItem(row(line, range(1, len(line))))
        fit_heads(self.scores, range(1, self.scores.columnCount()))
        worst = worst_of(scores).sort_values("worst")
        best = worst.iloc[0]
        people = number_words(float(best["worst"]), 0)
        facts = {"plan": best["plan"], "scenario": best["scenario"], "worst": people}
        self.verdict.setText(self._say("shelter.compare.verdict", **facts))

    def _solve(self, how: str) -> None:
        """A plan that holds under all these events."""
        wish = wish_of(self._shelters.cards[self.names[0]]["wish"])
        others = tuple(each for each in self.scenarios() if each != wish.scenario)
        self._shelters.solve(replace(wish, others=others, combine=how))


def events_near(scenario: Scenario) -> tuple[Scenario, ...]:
    """An event and those half a step milder and harder."""
    if scenario.earthquake is not None:
        steps = [m for m in (scenario.magnitude - 0.5, scenario.magnitude, scenario.magnitude + 0.5)
                 if 5.0 <= m <= 8.5]  # fmt: skip
        return tuple(replace(scenario, magnitude=m) for m in steps)
    if scenario.kind == "flood" and scenario.stage:
        return tuple(replace(scenario, stage=scenario.stage * share) for share in (0.5, 1.0, 1.5))
    return (scenario,)


def counts(plan: ShelterPlan) -> list[int]:
    """Numbers of sites at which the curve is reckoned."""
    most = len(plan.case.allowed)
    steps = np.unique(np.round(most * np.array([0.03, 0.07, 0.12, 0.18, 0.26, 0.38, 0.55, 0.75, 1.0])))
    return [int(step) for step in steps if step >= 1]


def _listed(names: Sequence[str]) -> str:
    """How many, and the first of them."""
    return "0" if not names else f"{len(names)}  {'、'.join(names[:2])}{'…' if len(names) > 2 else ''}"
