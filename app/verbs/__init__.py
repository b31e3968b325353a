"""What each verb of the command line does. Each returns what `--json` prints.

A verb's module is imported when the verb is called, so that `--help` answers at once.
"""

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

from app.reckoning import Reckoning

Verb = Callable[[argparse.Namespace, Reckoning], dict[str, Any]]

PLACES = {
    "demo": "app.doors.demonstration:demo",
    "new": "app.verbs.making:new",
    "info": "app.verbs.project:info",
    "import": "app.verbs.project:import_files",
    "export": "app.verbs.editing:export",
    "join": "app.verbs.matching:join",
    "check": "app.verbs.quality:check",
    "checkout": "app.verbs.packages:check_out",
    "merge": "app.verbs.packages:bring_home",
    "fetch": "app.verbs.copies:fetch",
    "send": "app.verbs.copies:send",
    "log": "app.verbs.editing:log",
    "undo": "app.verbs.editing:undo",
    "redo": "app.verbs.editing:redo",
    "warm": "app.verbs.warming:warm",
    "overlay": "app.verbs.risk:overlay",
    "query": "app.verbs.risk:query",
    "loss": "app.verbs.loss:loss",
    "scenarios": "app.verbs.scenarios:scenarios",
    "map": "app.verbs.maps:map_sheets",
    "site": "app.verbs.siting:site",
    "shelters": "app.verbs.shelters:shelters",
    "relief": "app.verbs.relief:relief",
    "share": "app.verbs.maps:share",
    "simulate": "app.verbs.simulate:simulate",
    "terrain": "app.verbs.terrain:terrain",
}
"""Where the work of each verb stands."""


def verb(name: str) -> Verb:
    """The work of a verb."""
    module, function = PLACES[name].split(":")
    found: Verb = getattr(import_module(module), function)
    return found
