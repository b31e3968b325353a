"""The plans: what each achieves, whom it leaves out, and what can be done with it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTreeWidget,
    QWidget,
)

from app.panels.parts import children, column, fit_heads, heading, hint, number_words, row, table
from app.sheltering.shelters import Shelters
from app.theme import named
from app.turns import Later
from app.words import Words, capital
from layers.siting.as_kept import amended_words
from layers.siting.shelter_layers import summary
from layers.siting.shelter_plan import Against, ShelterPlan, against_bound
from layers.words import listed, sentences

NAME = Qt.ItemDataRole.UserRole
FIGURES = ("demand", "assigned", "unmet", "sites", "mean_m", "furthest_m", "fullness", "price")
PRIORITY = ("priority", "priority_unmet")
"""Further figures where groups go first."""
DEEDS = {"hand": (0, 0), "compare": (0, 1), "cards": (1, 0), "remove": (1, 1), "keep": (0, 0), "drop": (0, 1)}
"""What can be done with a plan, and where its button stands; the last two while it is under the hand."""
DRAFTING = ("keep", "drop")
MOST_TOWNS = 60
"""Townships in the list, those with the largest gap first."""
LEAST_TOWNS = 108
"""Height of the list of townships at least: its heads and three of them."""
MOST_LISTED = 5
"""Plans that are seen at once."""


class PlansPanel(QWidget):
    """Signals: `compared(names)`, `printed`, `gone_to(township code)`."""

    compared = Signal(object)
    printed = Signal()
    gone_to = Signal(str)

    def __init__(self, shelters: Shelters, words: Words) -> None:
        super().__init__()
        self._shelters, self._words = shelters, words
        self.list, self.figures, self.towns = table(3), table(2), table(3)
        self.title, self.proof = named(QLabel(wordWrap=True), "title"), named(QLabel(wordWrap=True), "soft")
        self.figures.setHeaderHidden(True)
        self.figures.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.buttons = {name: QPushButton() for name in DEEDS}
        self._pages = QStackedWidget()
        self._lay_out()
        self._late = Later(self._fill, self)
        self._soon = QTimer(self, interval=200, singleShot=True)
        self._soon.timeout.connect(self._show_plan)
        self._connect()
        self._fill()

    def _lay_out(self) -> None:
        self._pages.addWidget(hint(self._words, "shelter.plans.empty"))
        page = QWidget()
        body = column(page, 0, 6)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        body.addWidget(self.list)
        self._scroll = self._about()
        body.addWidget(self._scroll, 6)
        body.addWidget(heading(self._words, "shelter.plans.towns"))
        self.towns.setMinimumHeight(LEAST_TOWNS)
        body.addWidget(self.towns, 1)
        deeds = QGridLayout()
        deeds.setSpacing(6)
        for name, place in DEEDS.items():
            button = self.buttons[name]
            self._words.bind(button.setText, f"shelter.plans.{name}")
            self._words.bind(button.setToolTip, f"shelter.plans.{name}.tip")
            deeds.addWidget(button, *place)
        body.addLayout(deeds)
        self._pages.addWidget(page)
        column(self).addWidget(self._pages)

    def _about(self) -> QScrollArea:
        """What is said of the plan, and its figures; where that is much it scrolls."""
        about, scroll = named(QWidget(), "form"), QScrollArea(widgetResizable=True)
        inner = column(about, 0, 6)
        for widget in (self.title, self.proof, self.figures):
            inner.addWidget(widget)
        inner.addStretch(1)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(about)
        return scroll

    def _fit(self) -> None:
        """What is said of the plan takes no more than it needs."""
        inner, wide = self._scroll.widget(), self._scroll.viewport().width()
        self._scroll.setMaximumHeight(max(inner.heightForWidth(wide), inner.sizeHint().height() // 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _connect(self) -> None:
        shelters = self._shelters
        shelters.changed.connect(self._late.start)
        shelters.changes.told.connect(self._late.start)
        shelters.drafted.connect(self._soon_show)
        self._words.changed.connect(self._late.start)
        self.list.currentItemChanged.connect(self._choose)
        self.towns.itemDoubleClicked.connect(lambda item: self.gone_to.emit(item.data(0, NAME)))
        self.buttons["hand"].clicked.connect(shelters.begin_draft)
        self.buttons["keep"].clicked.connect(lambda: shelters.keep_draft())
        self.buttons["drop"].clicked.connect(shelters.end_draft)
        self.buttons["compare"].clicked.connect(lambda: self.compared.emit(self.selected()))
        self.buttons["cards"].clicked.connect(self.printed)
        self.buttons["remove"].clicked.connect(lambda: shelters.remove(shelters.chosen))

    def selected(self) -> tuple[str, ...]:
        """The plans that are marked; all, if it is one."""
        items = children(self.list.invisibleRootItem())
        marked = tuple(str(item.data(0, NAME)) for item in items if item.isSelected())
        return marked if len(marked) > 1 else tuple(str(item.data(0, NAME)) for item in items)

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None and self._shelters.draft is None:
            self._shelters.choose(str(item.data(0, NAME)))

    def _fill(self) -> None:
        say, cards = self._words.say, self._shelters.cards
        self._pages.setCurrentIndex(1 if cards else 0)
        self.list.blockSignals(True)
        self.list.clear()
        self.list.setHeaderLabels([say(f"shelter.plans.{head}") for head in ("plan", "sites", "unmet")])
        for name, card in cards.items():
            figures = card["summary"]
            item = row([name, number_words(figures["sites"]), number_words(figures["unmet"])], [1, 2])
            item.setData(0, NAME, name)
            self.list.addTopLevelItem(item)
            if name == self._shelters.chosen:
                self.list.setCurrentItem(item)
        fit_heads(self.list, [1, 2])
        self.list.blockSignals(False)
        self.list.setFixedHeight(34 + 27 * min(max(len(cards), 1), MOST_LISTED))
        if len(cards) <= MOST_LISTED:  # it scrolled to the chosen one while it was lower
            QTimer.singleShot(0, self.list, self.list.scrollToTop)
        self._show_plan()

    def _soon_show(self) -> None:
        """While dragging, figures follow a few times a second; the map follows at once."""
        if not self._soon.isActive():
            self._soon.start()

    def _show_plan(self) -> None:
        shelters, plan = self._shelters, self._shelters.plan()
        drafting = shelters.draft is not None
        for name, button in self.buttons.items():
            button.setVisible((name in DRAFTING) == drafting)
        card = shelters.cards.get(shelters.chosen)
        if card is None:
            return
        figures = summary(plan) if plan is not None else card["summary"]
        self.title.setText(self._words.say("shelter.plans.drafting", plan=shelters.chosen) if drafting
                           else shelters.chosen)  # fmt: skip
        proof = capital(proof_words(figures, card["wish"]["objective"], self._words, plan))
        if figures.get("cut_off"):  # plans of earlier versions do not tell it
            people = number_words(figures["cut_off"])
            proof += "\n" + self._words.say("shelter.cut_off", people=people)
        self.proof.setText("\n".join([proof, *self._told_of(card, figures)]))
        self._show_figures(figures)
        self._show_towns(shelters.towns())
        self._fit()

    def _told_of(self, card: Mapping[str, Any], figures: Mapping[str, Any]) -> list[str]:
        """What rules excluded, what had no place, and what has changed since: plans of now tell it."""
        say, told = self._words.say, []
        if card["wish"].get("priority"):
            told.append(say("shelter.proof.weighed"))
        if "excluded_by" in card:
            counts = " · ".join(f"{rule} {number}" for rule, number in card["excluded_by"].items()) or "—"
            key = "candidates_line" if figures["sites"] else "all_excluded"
            told.append(say(f"shelter.{key}", candidates=number_words(card["candidates"]), counts=counts))
        names = card.get("placeless", ())
        if names:
            some = listed((name.partition(" ")[2] for name in names[:3]), self._words.language)
            more = "…" if len(names) > 3 else ""
            told.append(say("shelter.placeless_line", number=len(names), names=some + more))
        if card.get("miscounted"):
            told.append(
                say("shelter.miscounted_line", names=listed(card["miscounted"], self._words.language))
            )
        changes = self._shelters.changes.of.get(self._shelters.chosen, ())
        if changes:
            language = self._words.language
            what = sentences((amended_words(each, language) for each in changes[:2]), language)
            told.append(say("shelter.amended_line", what=what + ("…" if len(changes) > 2 else "")))
        return told

    def _show_figures(self, figures: dict[str, Any]) -> None:
        self.figures.clear()
        names = [*FIGURES, *(PRIORITY if figures.get("priority") else ())]
        self.figures.setFixedHeight(26 * len(names) + 4)
        for name in names:
            value = figure_words(name, figures[name], self._words)
            self.figures.addTopLevelItem(row([self._words.say(f"shelter.figure.{name}"), value], [1]))

    def _show_towns(self, towns: pd.DataFrame | None) -> None:
        say = self._words.say
        self.towns.clear()
        self.towns.setHeaderLabels([capital(say("unit.township")), say("shelter.plans.unmet"), "%"])
        if towns is None:
            told = row([say("shelter.plans.stored"), "", ""])
            self.towns.addTopLevelItem(told)
            told.setFirstColumnSpanned(True)
            return
        for each in towns.sort_values("unmet", ascending=False).head(MOST_TOWNS).itertuples():
            item = row([each.name, number_words(each.unmet), number_words(each.share, 0)], [1, 2])
            item.setData(0, NAME, each.code)
            self.towns.addTopLevelItem(item)
        fit_heads(self.towns, [1, 2])


def _against_words(found: Against, objective: str, words: Words) -> str:
    """A plan by hand against the last proven bound, and whether that holds for it."""
    facts = {
        "goal": words.say(f"shelter.objective.{objective}"),
        "objective": number_words(found.objective, 0),
        "bound": number_words(found.bound, 0),
        "gap": f"{found.gap:.2%}",
        "sites": found.sites,
    }
    if not found.why:
        return words.say("shelter.proof.against", **facts)
    return words.say("shelter.proof.aside", why=words.say(f"shelter.proof.{found.why}"), **facts)


def figure_words(name: str, value: float | None, words: Words) -> str:
    """A figure of a plan with its unit."""
    if value is None:
        return "—"
    unit = words.say(f"shelter.unit.{name}")
    return f"{number_words(value, 0)} {unit}".strip()


def proof_words(
    figures: dict[str, Any], objective: str, words: Words, plan: ShelterPlan | None = None
) -> str:
    """Objective, bound, gap and status in one sentence: how near to the best the plan is."""
    gap = figures["gap"]
    if gap is None or gap != gap:
        found = None if plan is None else against_bound(plan)
        return (
            words.say("shelter.proof.by_hand") if found is None else _against_words(found, objective, words)
        )
    return words.say(
        f"shelter.proof.{figures['status']}",
        goal=words.say(f"shelter.objective.{objective}"),
        objective=number_words(figures["objective"], 0),
        bound=number_words(figures["bound"], 0),
        gap=f"{gap:.2%}",
    )
