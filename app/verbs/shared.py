"""What several verbs share: an open project, what was written, units of a table."""

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from app.reckoning import Reckoning
from layers.errors import BadInput, CannotWrite, MissingFile
from layers.hazards.inputs import code_text
from layers.hazards.source import Reading
from layers.progress import Cancelled, Progress
from layers.storage import outside
from layers.storage.geopackage import ProjectFile
from layers.words import say

OUTSIDE = "outside"


def opened(path: Path, *, write: bool = False, reckoning: Reckoning | None = None) -> ProjectFile:
    """A project; to be written with a `reckoning`, what other programs changed is first entered and told."""
    if not path.is_file():
        raise MissingFile("project_missing", path=path)
    project = ProjectFile.open(path, read_only=not write)
    if write and project.read_only:
        project.close()
        raise BadInput(
            "project_on_network" if project.why_read_only == "network" else "project_read_only", path=path
        )
    if write and reckoning is not None:
        _enter_outside(project, reckoning)
    return project


def _enter_outside(project: ProjectFile, reckoning: Reckoning) -> None:
    """What other programs changed since the project was closed stands in the journal, as in the window."""
    with project.asking() as connection:
        names = outside.changed(connection)
    found = outside.record(project, names, say("edit.outside", reckoning.language)) if names else None
    if found is not None:
        reckoning.warn("outside.recorded", layers="、".join(sorted(found[1].tables)))


def refuse_place(out: Path) -> None:
    """A file cannot stand there: said before an hour is spent on what is to be in it.

    Raises
    ------
    CannotWrite
    """
    if out.is_dir():
        raise CannotWrite("place_is_folder", path=out)
    if not out.absolute().parent.is_dir():
        raise CannotWrite("folder_missing", path=out, folder=out.absolute().parent)


def refuse_region(project: ProjectFile, code: str) -> None:
    """No county or township has that code; the counties that there are are told.

    Raises
    ------
    BadInput
    """
    reading = Reading(project)
    layers = [reading.read_first(kind, "code", "name") for kind in ("county", "township")]
    known = [dict(zip(layer["code"].map(code_text), layer["name"], strict=True)) for layer in layers if layer]
    if code != "all" and known and not any(code in each for each in known):
        counties = "、".join(f"{each} {name}" for each, name in known[0].items())
        raise BadInput("region_not_there", region=code, known=counties)


@contextmanager
def safely_stopped(progress: Progress) -> Iterator[Progress]:
    """A progress for work that Ctrl-C stops only where it tells its progress: there it raises `Cancelled`."""
    wishes: list[int] = []

    def listen(fraction: float) -> None:
        if wishes:
            raise Cancelled
        progress(fraction)

    before = signal.signal(signal.SIGINT, lambda *_: wishes.append(1))
    try:
        yield listen
    finally:
        signal.signal(signal.SIGINT, before)


def wrote(paths: Iterable[Path], reckoning: Reckoning) -> dict[str, Any]:
    written = list(paths)
    for path in written:
        reckoning.wrote(path)
    return {"wrote": written}


def units_only(found: pd.DataFrame, reckoning: Reckoning) -> pd.DataFrame:
    """One row a unit; what lies outside all units is told, not tabulated."""
    outside = found[found["code"] == OUTSIDE].select_dtypes("number")
    for column in outside.columns[(outside != 0).any()]:
        if column.endswith("_total"):
            amount = f"{outside[column].iloc[0]:g}"
            reckoning.warn("cli.outside", item=column.removesuffix("_total"), amount=amount)
    return found[found["code"] != OUTSIDE]
