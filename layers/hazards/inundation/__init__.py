"""Inundation: how water runs over the ground, in two schemes."""

from layers.hazards.inundation.forcing import Course, Gauge, Inflow, Rain, Side
from layers.hazards.inundation.run import Inundation, compile_kernels, simulate
from layers.hazards.inundation.scenario import SCHEMES, Scenario

__all__ = [
    "SCHEMES",
    "Course",
    "Gauge",
    "Inflow",
    "Inundation",
    "Rain",
    "Scenario",
    "Side",
    "compile_kernels",
    "simulate",
]
