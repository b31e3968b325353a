"""The event of a shelter case as a hazard result of the project: canvas, losses and sheets show it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from layers.changes import Edit
from layers.hazards.attenuation import ScenarioEarthquake
from layers.progress import Progress
from layers.risk.assessment import hazard_result
from layers.risk.results import results_edit
from layers.siting.scenario import Scenario, shaking_entry
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow


def event_edit(project: ProjectFile, model: ScenarioEarthquake, name: str, progress: Progress) -> Edit:
    """The edit that stores the shaking, in place of an earlier one."""
    return results_edit(name, project, hazard_result(project, model.hazard, progress, model=model))


def with_event(window: MainWindow, scenario: Scenario, then: Callable[[], None]) -> None:
    """Store the shaking of an earthquake that the project does not hold yet; then go on."""
    project, model = window.desk.project, scenario.earthquake
    if project is None or model is None or shaking_entry(project, scenario) is not None:
        then()
        return
    say = window.words.say
    name = say("edit.event", event=scenario.title(window.words.language))
    work = window.desk.reading(lambda own, progress: event_edit(own, model, name, progress))
    title = say("task.run", hazard=say(f"hazard.{model.hazard}"))
    window.tasks.start(title, work, lambda edit: window.store(edit, then))
