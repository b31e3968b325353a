"""What is odd about a scenario, though it can be run."""

from layers.hazards.inundation.drive_notes import drive_notes
from layers.hazards.inundation.ground_notes import Note, ground_notes
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.structure_notes import structure_notes


def warnings_of(scenario: Scenario) -> list[Note]:
    """Keys of words (``flood.KEY``) and their facts.

    Parameters
    ----------
    scenario : Scenario
    """
    return [*ground_notes(scenario), *structure_notes(scenario), *drive_notes(scenario)]
