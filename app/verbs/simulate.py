"""What `simulate` does: which hazard, then its own module."""

import argparse
from importlib import import_module
from typing import Any

from app.reckoning import Reckoning

PLACES = {"flood": "app.verbs.flood:flood"}
"""Where the work of each simulation stands."""


def simulate(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Run the simulation that was asked for."""
    module, function = PLACES[options.simulated].split(":")
    found: dict[str, Any] = getattr(import_module(module), function)(options, reckoning)
    return found
