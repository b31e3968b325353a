"""A hazard and its model: what it reads, with which numbers, how far it may be trusted; then run it."""

from collections.abc import Iterator
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
from app.panels.parameter_form import ParameterForm, row_layout
from app.panels.parts import HazardBox, column, heading, hint, polished
from app.panels.rain import RainDetails
from app.theme import named
from app.turns import Later, Making, bundled
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
        self._rain: RainDetails | None = None
        self._making: Making | None = None
        """The form, as long as it is not there."""
        self._kept: tuple[Any, Any] | None = None
        """What was typed, and is to stand in the form that is made."""
        self._models: tuple[Any, Any] | None = None
        self._asked: tuple[object, object, object] | None = None
        """Of which project and hazard, and in which language, the form is."""
        self._as_shown: object = None
        """What stood in the form before anything was typed."""
        self.hazard = HazardBox(choice, words)
        self.breaches = BreachList(words)
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

    @property
    def form(self) -> ParameterForm:
        """The form; who asks for it has it made at once."""
        self._finish()
        return self._form

    @property
    def rain(self) -> RainDetails | None:
        """What the form of a flood scenario says of rain."""
        self._finish()
        return self._rain

    def _finish(self) -> None:
        if self._making is not None:
            self._making.finish()

    def launch(self) -> None:
        """Run the model with the numbers of the form, or tell what is wrong with them."""
        if self._models is None:
            return
        model, vulnerability = map(self.form.filled, self._models)
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
        return self.breaches.filled(self.rain.filled(self.form.filled(model)))

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
        kept = self._what_is_typed() if self._asked is not None and place == self._asked[:2] else None
        is_same = asked == self._asked and (kept is not None or said == self._models)
        self._asked, self._models = asked, said
        self._show_places()
        if not is_same:
            self._kept = kept
            self._lay_form(kept or said)
        self._allow()

    def _what_is_typed(self) -> tuple[Any, Any] | None:
        """The models with what was typed; None if nothing was. Nothing is while the form is made."""
        if self._making is not None:
            return self._kept
        return self._filled() if self._typed() != self._as_shown else None

    def _lay_form(self, models: tuple[Any, Any] | None) -> None:
        """Make the form out of sight, in turns; the one before is seen until it is whole."""
        if self._making is not None:
            self._making.give_up()
        page = named(QWidget(self._scroll.viewport()), "form")
        self._form, self._rain = ParameterForm(self._words), None
        making = self._making = Making(polished(page, bundled(self._parts(page, models))), self, 0)
        making.whole.connect(lambda: self._show_form(page))
        making.begin()

    def _show_form(self, page: QWidget) -> None:
        self._making = None
        self._scroll.setWidget(page)
        if self._kept is None:
            self._as_shown = self._typed()

    def _parts(self, page: QWidget, models: tuple[Any, Any] | None) -> Iterator[None]:
        body = column(page, 0, 6)
        if models is None:
            body.addWidget(hint(self._words, "hazard.census"))
        else:
            yield from self._describe(*models, body)
        body.addStretch(1)

    def _typed(self) -> object:
        """All that stands in the form."""
        return None if self._models is None else (self._numbers(), self._rain and self._rain.losses.rows())

    def _numbers(self) -> tuple[Any, Any] | None:
        if self._models is None:
            return None
        model, vulnerability = map(self._form.filled, self._models)
        return model, vulnerability

    def _filled(self) -> tuple[Any, Any] | None:
        """The models with what was typed."""
        found = self._numbers()
        if found is None or self._rain is None:
            return found
        with suppress(KnownError):  # the words of a loss that is half typed
            return self._rain.filled(found[0]), found[1]
        return found

    def _describe(self, model: Any, vulnerability: Any, body: QVBoxLayout) -> Iterator[None]:
        say = self._words.say
        self._title(body, say("hazard.model"))
        self._text(body, capital(say(f"model.{model.name}")), "strong")
        yield from self._ask(model, body)
        self._title(body, say("hazard.limits"))
        self._text(body, say(model.limits), "soft")
        yield
        self._title(body, say("hazard.inputs"))
        self._text(body, "\n".join(f"· {self._input(each)}" for each in model.requires), "soft")
        yield
        self._title(body, say("hazard.vulnerability"))
        self._text(body, say(vulnerability.limits), "soft")
        yield from self._ask(vulnerability, body)
        self._title(body, say("hazard.references"))
        for reference in (*model.references, *vulnerability.references):
            status = say(f"status.{reference.status}")
            self._text(body, f"{self._words.told(reference.text)}  ({status})", "faint")
            yield

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

    def _ask(self, model: Any, body: QVBoxLayout) -> Iterator[None]:
        if self._form.asks(model):
            self._title(body, self._words.say("hazard.parameters"))
            form = row_layout()
            body.addLayout(form)
            yield from self._form.parts(form, model)
        if isinstance(model, InundationScenario):
            self._rain = RainDetails(self._words, model, self._form)
            body.addWidget(self._rain)
            yield

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
