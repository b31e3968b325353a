"""What `warm` does: kernels into the disk cache, large sample layers into theirs."""

import argparse
from typing import Any

from app.reckoning import Reckoning
from layers.cartography import oblique
from layers.cartography.raster import compile_kernels
from layers.hazards import inundation, terrain
from layers.kernels import settle, sweep
from layers.sample import large_folder, make_large
from layers.siting import solve as siting


def warm(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Compile the kernels into the disk cache and make the large sample layers."""
    compile_kernels(reckoning.progress("cli.compiling"))
    oblique.compile_kernels()
    siting.compile_kernels()
    inundation.compile_kernels()
    terrain.compile_kernels()
    made = make_large(large_folder(), reckoning.progress("cli.making_sample"))
    sweep(settle())
    reckoning.tell("cli.warm", folder=large_folder())
    return {"folder": large_folder(), "files": [each.path for each in made]}
