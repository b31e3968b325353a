"""Inundation: how water runs over the ground, in two schemes."""

from layers.hazards.inundation.forcing import Course, Gauge, Inflow, Rain, Side
from layers.hazards.inundation.run import Inundation, compile_kernels, simulate
from layers.hazards.inundation.scenario import SCHEMES, Scenario
from layers.hazards.inundation.structures import Breach, Culvert, Levee, Pump, Structures

__all__ = [
    "SCHEMES",
    "Breach",
    "Course",
    "Culvert",
    "Gauge",
    "Inflow",
    "Inundation",
    "Levee",
    "Pump",
    "Rain",
    "Scenario",
    "Side",
    "Structures",
    "compile_kernels",
    "simulate",
]
