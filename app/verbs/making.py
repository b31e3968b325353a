"""What `new` does: a project, empty or with the sample layers."""

import argparse
from pathlib import Path
from typing import Any

from app.reckoning import Reckoning
from app.whole import whole_file
from layers.errors import BadInput
from layers.storage.geopackage import ProjectFile


def new(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Make a project, empty or with the sample layers."""
    path: Path = options.project
    if path.exists():
        raise BadInput("project_exists", path=path)
    with whole_file(path) as draft:
        if options.sample:
            from app.doors.sample_project import make_sample_project  # heavy: an empty project does without

            make_sample_project(draft, reckoning.language, reckoning.progress("cli.making_sample"))
        else:
            ProjectFile.create(draft, name=path.stem).close()
    reckoning.wrote(path)
    return {"project": path}
