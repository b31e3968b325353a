"""What `warm` does: kernels and large sample layers into the disk cache, bytecode beside the sources."""

import argparse
import compileall
import os
import subprocess
import sys
from typing import Any

import app
import layers
from app.reckoning import Reckoning
from layers.cartography import oblique
from layers.cartography.raster import compile_kernels
from layers.hazards import inundation, terrain
from layers.kernels import settle, sweep
from layers.sample import large_folder, make_large
from layers.siting import solve as siting

OTHERS = """
from layers.hazards import inundation
from layers.siting import solve
inundation.compile_kernels()
solve.compile_kernels()
"""
"""What another process compiles meanwhile: about half of the work."""


def warm(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Compile the kernels into the disk cache, on two cores, and make the large sample layers."""
    words = "" if settle().is_dir() else OTHERS
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", words], env={**os.environ, **paths}):  # noqa: S603  # ours
        compile_kernels(reckoning.progress("cli.compiling"))
        oblique.compile_kernels()
        terrain.compile_kernels()
        made = make_large(large_folder(), reckoning.progress("cli.making_sample"))
        for package in (app, layers):
            # where Python writes no bytecode of its own, each start and each child would compile all of it
            compileall.compile_dir(package.__path__[0], quiet=2)
    siting.compile_kernels()  # loaded from the disk, unless the other process could not
    inundation.compile_kernels()
    sweep(settle())
    reckoning.tell("cli.warm", folder=large_folder())
    return {"folder": large_folder(), "files": [each.path for each in made]}
