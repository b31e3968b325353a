"""Inundation: how water runs over the ground, in two schemes."""

from typing import TYPE_CHECKING, Any

from layers.hazards.inundation.forcing import Course, Gauge, Inflow, Rain, Side
from layers.hazards.inundation.scenario import SCHEMES, Scenario
from layers.hazards.inundation.structures import Breach, Culvert, Levee, Pump, Structures

if TYPE_CHECKING:
    from layers.hazards.inundation.run import Inundation, simulate
    from layers.hazards.inundation.warming import compile_kernels

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


def __getattr__(name: str) -> Any:
    """The engine, with its compiled kernels, is imported when it is first wanted: the window opens sooner."""
    if name not in {"Inundation", "compile_kernels", "simulate"}:
        raise AttributeError(name)
    from layers.hazards.inundation import run, warming

    return getattr(warming if name == "compile_kernels" else run, name)
