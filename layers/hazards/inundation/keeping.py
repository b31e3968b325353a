"""A run that was stopped, on disk: all that is needed to go on as if it had not been."""

import hashlib
import json
import zipfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.errors import BadInput, CannotWrite, MissingFile
from layers.hazards.inundation.maxima import Maxima
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.scheme import Account

_VERSION = 4


def fingerprint(scenario: Scenario) -> str:
    """What a kept run has to share with the scenario that goes on with it: terrain, scheme, duration."""
    terrain = scenario.terrain
    about = (_VERSION, scenario.scheme, scenario.duration, scenario.wet_depth, terrain.lattice)
    found = hashlib.sha256(repr(about).encode())
    found.update(np.ascontiguousarray(terrain.values).tobytes())
    return found.hexdigest()


def keep(run: Any, path: Path) -> None:
    """Write a run at a safe point.

    Parameters
    ----------
    run : Run
    path : Path
        Of a ``.npz`` file; it appears whole or not at all.

    Raises
    ------
    CannotWrite
    """
    facts = {
        "fingerprint": fingerprint(run.scenario),
        "time": run.time,
        "steps": run.steps,
        "worked": run.worked,
        "remembered": run.remembered,
        "judged": run.judged,
        "account": asdict(run.scheme.account),
        "clipped": run.scheme.clipped,
        "due": run.scheme.due,
        "passed": run.links.passed,
        "running": run.links.running,
        "gauges": run.gauges.table().to_dict("list"),
        "sections": run.sections.table().to_dict("list"),
        "everywhere": run.scheme.everywhere,
    }
    arrays = {f"state_{name}": values for name, values in run.scheme.state().items()}
    arrays |= {f"maxima_{each.name}": getattr(run.maxima, each.name) for each in fields(Maxima)}
    arrays |= {f"kept_{name}": values for name, values in run.snapshots.items()}
    aside = path.with_name(f".{path.name}.new")
    try:
        with aside.open("wb") as file:
            np.savez(file, facts=np.array(json.dumps(facts)), **arrays)
        aside.replace(path)
    except OSError as error:
        raise CannotWrite("file_unwritable", path=path) from error
    finally:
        aside.unlink(missing_ok=True)


def restore(run: Any, path: Path) -> None:
    """Put a run that has not begun where a kept one stopped.

    Raises
    ------
    MissingFile
    BadInput
        The file is torn, or was kept from another terrain, scheme or duration.
    """
    if not path.is_file():
        raise MissingFile("file_missing", path=path)
    try:
        with np.load(path, allow_pickle=False) as found:
            facts = json.loads(str(found["facts"]))
            arrays = {name: found[name] for name in found.files if name != "facts"}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadInput("flood_kept_unreadable", path=path) from error
    if facts.get("fingerprint") != fingerprint(run.scenario):
        raise BadInput("flood_kept_other", path=path)
    run.time, run.steps, run.worked = facts["time"], facts["steps"], facts["worked"]
    run.remembered, run.judged = facts["remembered"], facts["judged"]
    run.scheme.account = Account(**facts["account"])
    run.scheme.clipped, run.scheme.due = facts["clipped"], facts["due"]
    run.links.passed |= facts["passed"]
    run.links.running |= facts["running"]
    run.gauges.begin_with(pd.DataFrame(facts["gauges"]))
    run.sections.begin_with(pd.DataFrame(facts["sections"]))
    run.scheme.everywhere = facts["everywhere"]
    run.scheme.set_state({name[6:]: each for name, each in arrays.items() if name.startswith("state_")})
    for each in fields(Maxima):
        getattr(run.maxima, each.name)[:] = arrays[f"maxima_{each.name}"]
    run.snapshots |= {name[5:]: each for name, each in arrays.items() if name.startswith("kept_")}
