"""What the verb `relief` does: depots, stock, needs, the ten-hour rule, responders, warnings, the grid."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from app.edits import ringed
from app.reckoning import Reckoning
from app.verbs.risk import put_table, refuse_ending
from app.verbs.shared import opened
from layers.errors import BadInput
from layers.siting.answers import Given
from layers.siting.relief_answers import answer, needs_plan
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelter_store import cards, revived
from layers.storage.geopackage import ProjectFile
from layers.words import say


def relief(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Reckon a study; its map is kept with ``--store``, an outflow posted with ``--post``."""
    refuse_ending(options.out)
    given = given_by(options.values)
    with opened(options.project, write=options.store or options.post) as project:
        progress = reckoning.progress("cli.relief")
        plan = _plan(project, options, given, reckoning)
        found = answer(options.study, project, plan, given, reckoning.language, progress)
        for wanted, edit in ((options.store, found.edit), (options.post, found.offer)):
            if wanted and edit is None:
                raise BadInput("relief_nothing", study=options.study)
            if wanted and edit is not None:
                project.apply(ringed(edit, reckoning.language))
    title = say(f"relief.{options.study}", reckoning.language)
    shown = put_table(found.plain, options.out, title, reckoning, found.more)
    reckoning.warn("cli.verdict", verdict=found.verdict)
    return {"verdict": found.verdict, **shown}


def _plan(
    project: ProjectFile, options: argparse.Namespace, given: Given, reckoning: Reckoning
) -> ShelterPlan | None:
    """The plan that is named; the last one where a study needs one."""
    held, needed = cards(project), needs_plan(options.study, given)
    name = options.plan or (next(reversed(held), "") if needed else "")
    if not name and not needed:
        return None
    if name not in held:
        raise BadInput("plan_unknown", name=name or "—", known="、".join(held) or "—")
    return revived(project, name, reckoning.progress("cli.distances"))


def given_by(values: Sequence[str]) -> Given:
    """What ``NAME=VALUE`` says.

    Raises
    ------
    BadInput
        No such name, or no such value; the names are told.
    """
    usual = Given()
    kinds = {field.name: type(getattr(usual, field.name)) for field in fields(Given)}
    found: dict[str, Any] = {}
    for text in values:
        name, _, value = text.partition("=")
        try:
            kind = kinds[name]
            found[name] = _read(kind, value)
        except (KeyError, ValueError):
            raise BadInput("relief_value", text=text, known=", ".join(kinds)) from None
    return Given(**found)


def _read(kind: type, value: str) -> Any:
    """A number, a word, a day, or a place as ``x,y``."""
    if kind is date:
        return date.fromisoformat(value)
    if kind is tuple:
        x, y = map(float, value.split(","))
        if not math.isfinite(x + y):
            raise ValueError(value)
        return x, y
    return kind(value)
