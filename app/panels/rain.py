"""Rain of a flood scenario: what the design storm comes to, and the losses by class of land, to be edited."""

from dataclasses import replace

from PySide6.QtWidgets import QLabel, QWidget

from app.panels.number_table import NumberTable, TableColumn
from app.panels.parameter_form import ParameterForm
from app.panels.parts import column, heading
from app.theme import named
from app.words import Words
from layers.hazards.inundation.losses import read_loss
from layers.hazards.inundation.storms import formula
from layers.hazards.inundation_rain import OWN, default_losses, storm_of
from layers.hazards.inundation_scenario import InundationScenario


class RainDetails(QWidget):
    """Stands below the form of a scenario and follows it.

    Parameters
    ----------
    words : Words
    model : InundationScenario
        That the form shows.
    form : ParameterForm
    """

    def __init__(self, words: Words, model: InundationScenario, form: ParameterForm) -> None:
        super().__init__()
        self._words, self._model, self._form = words, model, form
        self._soil = model.soil
        self.storm = named(QLabel(wordWrap=True), "soft")
        self.title = heading(words, "rain.losses")
        name, loss = TableColumn("rain.class", is_number=False), TableColumn("rain.loss", is_number=False)
        self.losses = NumberTable(words, (name, loss), 6)
        self.source = named(QLabel(wordWrap=True), "faint")
        words.bind(self.source.setText, "source.curve_number")
        body = column(self, 0, 6)
        for widget in (self.storm, self.title, self.losses, self.source):
            body.addWidget(widget)
        self._show_losses(model.land_losses or default_losses(model.soil))
        form.listen(self._follow)

    def filled(self, model: InundationScenario) -> InundationScenario:
        """The model with the losses as they stand.

        Raises
        ------
        BadInput
            The words of a loss say nothing that is known.
        """
        if model.loss_from != "land":
            return model
        given = tuple(
            (number, str(cells[1]).strip().lower())
            for number, cells in zip(self._classes, self.losses.rows(), strict=True)
        )
        for _, words in given:
            if words not in ("", "none"):
                read_loss(words)
        return replace(model, land_losses=() if given == default_losses(model.soil) else given)

    @property
    def _classes(self) -> tuple[float, ...]:
        return tuple(number for number, _ in default_losses("B"))

    def _show_losses(self, losses: tuple[tuple[float, str], ...]) -> None:
        say = self._words.say
        self.losses.show_rows([(say(f"style.igbp_{number:.0f}"), words) for number, words in losses])

    def _follow(self) -> None:
        """Another choice or number in the form; another soil brings its own curve numbers."""
        model: InundationScenario = self._form.filled(self._model)
        if model.soil != self._soil:
            self._soil = model.soil
            self._show_losses(default_losses(model.soil))
        self.storm.setText(self._rain_words(model))
        self.storm.setVisible(bool(self.storm.text()))
        for widget in (self.title, self.losses, self.source):
            widget.setVisible(model.loss_from == "land")

    def _rain_words(self, model: InundationScenario) -> str:
        say = self._words.say
        if model.rain_from == "zones":
            return say("rain.zones")
        if model.rain_from != "storm":
            return ""
        storm = storm_of(model)
        status = "recalled" if model.storm_place == OWN else formula(model.storm_place).status
        return say(
            "rain.storm",
            a=storm.a,
            c=storm.c,
            b=storm.b,
            n=storm.n,
            depth=float(storm.depth(storm.minutes)),
            minutes=storm.minutes,
            period=storm.period,
            status=say(f"status.{status}"),
        )
