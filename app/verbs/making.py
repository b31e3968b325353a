"""What the verbs do that make something from nothing: projects, the large sample layers, compiled kernels."""

import argparse
from pathlib import Path
from typing import Any

from app.reckoning import Reckoning
from app.sample_project import make_sample_project
from app.whole import whole_file
from layers.cartography.raster import compile_kernels
from layers.errors import BadInput
from layers.sample import large_folder, make_large
from layers.siting import solve as siting
from layers.storage.geopackage import ProjectFile


def new(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Make a project, empty or with the sample layers."""
    path: Path = options.project
    if path.exists():
        raise BadInput("project_exists", path=path)
    with whole_file(path) as draft:
        if options.sample:
            make_sample_project(draft, reckoning.language, reckoning.progress("cli.making_sample"))
        else:
            ProjectFile.create(draft, name=path.stem).close()
    reckoning.wrote(path)
    return {"project": path}


def warm(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Compile the kernels into the disk cache and make the large sample layers."""
    compile_kernels(reckoning.progress("cli.compiling"))
    siting.compile_kernels()
    made = make_large(large_folder(), reckoning.progress("cli.making_sample"))
    reckoning.tell("cli.warm", folder=large_folder())
    return {"folder": large_folder(), "files": [each.path for each in made]}
