"""What the verb `scenarios` does: floods at several places and return periods, and what they add up to."""

import argparse
import json
from pathlib import Path
from typing import Any

from app.reckoning import Reckoning
from app.verbs.shared import OUTSIDE, opened, safely_stopped, wrote
from app.whole import whole_folder
from layers.errors import KnownError
from layers.progress import Cancelled, Progress
from layers.reports.spreadsheet import write_csv
from layers.risk.scenario_run import carry_out, read_set
from layers.risk.scenario_set import SetAnswer
from layers.risk.scenario_store import set_edit
from layers.storage.geopackage import ProjectFile
from layers.storage.rasters import write_grid
from layers.words import say


def scenarios(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Run the set; done runs lie in ``OUT.runs``, from which the same call goes on after a stop."""
    runs = options.out.with_name(f"{options.out.name}.runs")
    with opened(options.project, write=options.store) as project:
        chosen = read_set(options.set, project.crs)
        found, provenance = _carried_out(project, chosen, runs, reckoning.progress("cli.scenarios"))
        if options.store:
            name = say("edit.scenarios", reckoning.language)
            project.apply(set_edit(name, project, found, provenance))
    method = say("scenarios.method", reckoning.language)
    with whole_folder(options.out) as draft:
        written = _write(found, draft, {"model": provenance.model, "method": method})
    facts = {"runs": found.table.to_dict("records"), "method": method, "kept": runs}
    return {**wrote((options.out / path.name for path in written), reckoning), **facts}


def _carried_out(project: ProjectFile, chosen: Any, runs: Path, tell: Progress) -> Any:
    """Ctrl-C stops at a safe point; what is done stays."""
    try:
        with safely_stopped(tell) as progress:
            return carry_out(project, chosen, runs, progress)
    except Cancelled as stopped:
        raise KnownError("scenarios_stopped", path=runs) from stopped


def _write(found: SetAnswer, folder: Path, facts: dict[str, str]) -> list[Path]:
    written = [folder / "runs.csv"]
    write_csv(written[0], found.table)
    for unit, table in found.annual.items():
        written.append(folder / f"annual_{unit}.csv")
        write_csv(written[-1], table[table["code"] != OUTSIDE])
    for depth, grid in found.exceedance.items():
        written.append(folder / f"exceedance_{depth:g}m.tif")
        write_grid(grid, written[-1])
    written.append(folder / "summary.json")
    columns = found.annual["county" if "county" in found.annual else "township"].select_dtypes("number")
    total = {str(name): float(value) for name, value in columns.sum().items()}
    text = json.dumps({**facts, "annual": total}, ensure_ascii=False, indent=2)
    written[-1].write_text(f"{text}\n", encoding="utf-8")
    return written
