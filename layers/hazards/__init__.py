"""Hazards: how strong, where. Each model is a frozen value with a pure function.

A new model is one module and one line in `HAZARDS`; the contract test then asks it everything that
`layers.hazards.model.HazardModel` promises.
"""

from layers.hazards.attenuation import ScenarioEarthquake
from layers.hazards.earthquake import ZoningIntensity
from layers.hazards.fire import FuelDryness
from layers.hazards.flood import HeightAboveDrainage
from layers.hazards.inundation_scenario import InundationScenario
from layers.hazards.model import HazardModel

HAZARDS: tuple[type[HazardModel], ...] = (
    HeightAboveDrainage,
    InundationScenario,
    ZoningIntensity,
    ScenarioEarthquake,
    FuelDryness,
)
