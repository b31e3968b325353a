"""What a flood scenario reads of a project, beside the grids that it always needs."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from layers.grid import Grid, Lattice
from layers.hazards.inputs import MissingLayer, code_text, gather, landcover, numbers
from layers.hazards.inundation.buildings import covered_share
from layers.hazards.inundation_rain import Hyetograph, read_hyetograph
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.rasterise import burn
from layers.hazards.source import Reading
from layers.layer import VectorLayer
from layers.progress import Progress, ignore

ZONES = "rain_zone"


def resolved(model: InundationScenario, reading: Reading) -> InundationScenario:
    """The scenario with the hyetographs of the project's rain zones, if it asks for them.

    Parameters
    ----------
    model : InundationScenario
    reading : Reading

    Raises
    ------
    MissingLayer
        There are no zones.
    BadInput
        A hyetograph cannot be read; its zone is named.
    """
    if model.rain_from != "zones":
        return model
    layer = _zones(reading)
    rows = layer.attributes
    found = zip(rows["name"], numbers(rows["rain"]), numbers(rows["hours"]), rows["hyetograph"], strict=True)
    rains = tuple((float(number), _hyetograph(*each)) for number, each in enumerate(found, 1))
    return replace(model, zone_rain=rains)


def flood_inputs(
    model: InundationScenario, reading: Reading, lattice: Lattice, progress: Progress = ignore
) -> Mapping[str, Grid]:
    """The grids of a scenario: those it requires; land cover, zones of rain and buildings where it asks.

    Parameters
    ----------
    model : InundationScenario
    reading : Reading
    lattice : Lattice
    progress : Progress

    Raises
    ------
    MissingLayer
        A layer lacks; its kind is named.
    """
    grids = gather(model, reading, lattice, progress)
    if model.rain_from == "zones":
        layer = _zones(reading)
        grids[ZONES] = Grid(burn(layer.shapes, np.arange(1.0, len(layer) + 1), lattice), lattice)
    if model.loss_from == "land":
        land = landcover(reading, lattice)
        if land is None:
            raise MissingLayer("landcover")
        grids["landcover"] = land
    if model.standing is not None:
        buildings = reading.read("building")
        if buildings is None:
            raise MissingLayer("building")
        grids["building"] = covered_share(buildings.shapes, lattice)
    return grids


def _zones(reading: Reading) -> VectorLayer:
    layer = reading.read(ZONES, "name", "rain", "hours", "hyetograph")
    if layer is None or not len(layer):
        raise MissingLayer(ZONES)
    return layer


def _hyetograph(name: object, rain: float, hours: float, text: object) -> Hyetograph:
    """That of the text; without one, the depth over the hours; without either, no rain."""
    words = code_text(text)
    if words:
        return read_hyetograph(words, code_text(name))
    if not rain > 0:
        return ((0.0, 0.0),)
    lasts = hours if hours > 0 else 24.0
    return (0.0, rain / lasts), (lasts, 0.0)
