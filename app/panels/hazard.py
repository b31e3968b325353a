"""A hazard and its model: what it reads, with which numbers, how far it may be trusted; then run it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.choice import Choice
from app.desk import Desk
from app.orientation.places import Gazetteer
from app.panels.breaches import BreachList
from app.panels.epicentre import EpicentreBox
from app.panels.parameter_form import ParameterForm
from app.panels.parts import HazardBox, column, heading, hint
from app.panels.rain import RainDetails
from app.theme import named
from app.turns import Later
from app.words import Words, capital
from layers.errors import KnownError
from layers.hazards.attenuation import ScenarioEarthquake
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.recipe import revived
from layers.risk.assessment import chosen_vulnerability, vulnerability_of
from layers.risk.hazard import SCENARIOS, model_of
from layers.storage.geopackage import ProjectFile


@dataclass(frozen=True, eq=False)
class Run:
    """What is to be run: a hazard, and its model where it has one."""

    hazard: str
    model: Any | None
    vulnerability: Any | None


def chosen_models(project: ProjectFile | None, hazard: str) -> tuple[Any, Any] | None:
    """Model and vulnerability of a hazard, with the numbers of the last run if the project holds one.

    ``None``: the census grades are all there is.
    """
    model = model_of(hazard)
    if model is None:
        return None
    if project is None:
        return model, vulnerability_of(hazard)
    stored = project.first(f"hazard_{hazard}")
    recipe = "" if stored is None else stored.provenance.model
    return revived(recipe, [type(model)]) or model, chosen_vulnerability(project, hazard)


class HazardPanel(QWidget):
    """Signals: `run(Run)`; `told(KnownError)` the form cannot be run as it stands."""

    run = Signal(object)
    told = Signal(object)

    def __init__(self, desk: Desk, choice: Choice, words: Words) -> None:
        super().__init__()
        self._desk, self._choice, self._words = desk, choice, words
        self._form = ParameterForm(words)
        self._models: tuple[Any, Any] | None = None
        self._asked: tuple[object, object, object] | None = None
        """Of which project and hazard, and in which language, the form is."""
        self._as_shown: object = None
        """What stood in the form before anything was typed."""
        self.hazard = HazardBox(choice, words)
        self.breaches = BreachList(words)
        self.rain: RainDetails | None = None
        self.epicentre, self._where = EpicentreBox(words), QWidget()
        self._shown: tuple[str | None, Any] = None, None
        self.start = named(QPushButton(), "primary")
        words.bind(self.start.setText, "hazard.run")
        self.start.clicked.connect(self.launch)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = column(self)
        layout.addWidget(heading(words, "hazard.choose"))
        layout.addWidget(self.hazard)
        layout.addWidget(self.breaches)
        layout.addWidget(self._where)
        where = column(self._where, 0, 6)
        where.addWidget(heading(words, "shelter.epicentre"))
        where.addWidget(self.epicentre)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.start)
        self._late = Later(self._fill, self)
        for signal in (choice.changed, words.changed):
            signal.connect(self._late.start)
        desk.changed.connect(self._late.start)
        self._fill()

    def launch(self) -> None:
        """Run the model with the numbers of the form, or tell what is wrong with them."""
        if self._models is None:
            return
        model, vulnerability = map(self._form.filled, self._models)
        if isinstance(model, ScenarioEarthquake):
            x, y = self.epicentre.place
            model = replace(model, x=x, y=y)
        try:
            run = Run(self._choice.hazard, self.scenario() or model, vulnerability)
        except KnownError as error:
            self.told.emit(error)
        else:
            self.run.emit(run)

    def scenario(self) -> InundationScenario | None:
        """The flood scenario as the form says it now; None while another hazard is chosen.

        Raises
        ------
        BadInput
            A loss by class of land says nothing that is known.
        """
        model = None if self._models is None else self._models[0]
        if not isinstance(model, InundationScenario) or self.rain is None:
            return None
        return self.breaches.filled(self.rain.filled(self._form.filled(model)))

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These counties may hold an epicentre."""
        self.epicentre.show_regions(gazetteer)

    def _allow(self) -> None:
        self.start.setEnabled(self._desk.can_edit)
        self.start.setVisible(self._models is not None)

    def _fill(self) -> None:
        """The form of the hazard with the project's numbers; what was typed stays until either is another."""
        project = self._desk.project
        place = None if project is None else project.path, self._choice.hazard
        asked, said = (*place, self._words.language), chosen_models(project, self._choice.hazard)
        is_typed = self._asked is not None and place == self._asked[:2] and self._typed() != self._as_shown
        shown = self._filled() if is_typed else said
        is_same = asked == self._asked and (is_typed or said == self._models)
        self._asked, self._models = asked, said
        self._show_places()
        if not is_same:
            self._lay_form(shown)
            self._as_shown = self._as_shown if is_typed else self._typed()
        self._allow()

    def _lay_form(self, models: tuple[Any, Any] | None) -> None:
        page = named(QWidget(), "form")
        body = column(page, 0, 6)
        self._form, self.rain = ParameterForm(self._words), None
        if models is None:
            body.addWidget(hint(self._words, "hazard.census"))
        else:
            self._describe(*models, body)
        body.addStretch(1)
        self._scroll.setWidget(page)

    def _typed(self) -> object:
        """All that stands in the form."""
        return None if self._models is None else (self._numbers(), self.rain and self.rain.losses.rows())

    def _numbers(self) -> tuple[Any, Any] | None:
        if self._models is None:
            return None
        model, vulnerability = map(self._form.filled, self._models)
        return model, vulnerability

    def _filled(self) -> tuple[Any, Any] | None:
        """The models with what was typed."""
        found = self._numbers()
        if found is None or self.rain is None:
            return found
        with suppress(KnownError):  # the words of a loss that is half typed
            return self.rain.filled(found[0]), found[1]
        return found

    def _describe(self, model: Any, vulnerability: Any, body: QVBoxLayout) -> None:
        say = self._words.say
        self._title(body, say("hazard.model"))
        self._text(body, capital(say(f"model.{model.name}")), "strong")
        self._ask(model, body)
        self._title(body, say("hazard.limits"))
        self._text(body, say(model.limits), "soft")
        self._title(body, say("hazard.inputs"))
        self._text(body, "\n".join(f"· {self._input(each)}" for each in model.requires), "soft")
        self._title(body, say("hazard.vulnerability"))
        self._text(body, say(vulnerability.limits), "soft")
        self._ask(vulnerability, body)
        self._title(body, say("hazard.references"))
        for reference in (*model.references, *vulnerability.references):
            status = say(f"status.{reference.status}")
            self._text(body, f"{self._words.told(reference.text)}  ({status})", "faint")

    def _show_places(self) -> None:
        """Breaches and epicentre of the last run come back with the project, and stay while one works."""
        model = None if self._models is None else self._models[0]
        self.breaches.setVisible(isinstance(model, InundationScenario))
        self._where.setVisible(isinstance(model, ScenarioEarthquake))
        project = None if self._desk.project is None else str(self._desk.project.path)
        if not isinstance(model, SCENARIOS) or (project, model) == self._shown:
            return
        self._shown = project, model
        if isinstance(model, InundationScenario):
            self.breaches.show_scenario(model)
        elif model.is_driven:
            self.epicentre.take(model.x, model.y)

    def _ask(self, model: Any, body: QVBoxLayout) -> None:
        form = self._form.rows(model)
        if form is not None:
            self._title(body, self._words.say("hazard.parameters"))
            body.addLayout(form)
        if isinstance(model, InundationScenario):
            self.rain = RainDetails(self._words, model, self._form)
            body.addWidget(self.rain)

    def _input(self, each: Any) -> str:
        name = self._words.say(f"input.{each.name}")
        return f"{name} ({each.unit})" if each.unit else name

    def _title(self, body: QVBoxLayout, text: str) -> None:
        body.addSpacing(6)
        body.addWidget(named(QLabel(text), "heading"))

    def _text(self, body: QVBoxLayout, text: str, name: str) -> None:
        label = named(QLabel(text, wordWrap=True), name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        body.addWidget(label)
