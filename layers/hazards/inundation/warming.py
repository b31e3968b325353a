"""Every kernel of the engine, called once with each kind of argument that it meets."""

import numpy as np

from layers.grid import Grid, Lattice
from layers.hazards.inundation.crew import Crew
from layers.hazards.inundation.forcing import Course, Gauge, Rain, Side
from layers.hazards.inundation.local_inertial import LocalInertial
from layers.hazards.inundation.run import Run
from layers.hazards.inundation.scenario import SCHEMES, Scenario
from layers.hazards.inundation.sections import Section
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.structures import Levee, Structures


def compile_kernels() -> None:
    """Compile the kernels of both schemes into the disk cache, or load them from it."""
    lattice = Lattice(0.0, 30.0, 10.0, 3, 3, "")
    flat = Grid(np.zeros(lattice.shape), lattice, "m")
    water = Grid(np.ones(lattice.shape), lattice, "m")
    sides = {
        "west": Side("level", level=Course(np.zeros(1), np.ones(1))),
        "east": Side("open"),
        "south": Side("slope", slope=0.01),
    }
    gauges = (Gauge("", 15.0, 15.0),)
    section = Section("", ((10.0, 0.0), (10.0, 30.0)))
    rain = Rain(np.zeros(1), np.full(1, 1e-6))
    wall = Structures((Levee("", ((10.0, 0.0), (10.0, 30.0)), (1.0,)),))
    zoned = Zoned(water, {1.0: rain})
    for scheme in SCHEMES:
        _run(Scenario(flat, 0.03, 1.0, rain=zoned, scheme=scheme))
        for structures in (Structures(), wall):
            _run(
                Scenario(
                    flat, 0.03, 1.0, initial=water, rain=rain, sides=sides, gauges=gauges, scheme=scheme,
                    structures=structures, sections=(section,),
                )
            )  # fmt: skip


def _run(scenario: Scenario) -> None:
    with Crew(1) as crew:
        run = Run(scenario, crew)
        run.finish()
        if isinstance(run.scheme, LocalInertial):
            run.scheme.attend_nothing()
