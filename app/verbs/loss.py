"""What the verb `loss` does: people hit and displaced, needs and loss by region."""

import argparse
from collections.abc import Sequence
from typing import Any

from app.reckoning import Reckoning
from app.verbs.risk import put_table, refuse_ending
from app.verbs.shared import OUTSIDE, opened
from layers.errors import BadInput
from layers.hazards.model import parameters
from layers.risk.loss import LossResult, loss_result
from layers.risk.valuation import Valuation
from layers.words import say


def loss(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """The table of losses; totals, needs and what is missing are told on the way."""
    refuse_ending(options.out)
    valuation = valued(options.values)
    with opened(options.project) as project:
        progress = reckoning.progress("cli.loss")
        found = loss_result(project, options.hazard, progress, valuation=valuation)
    table = found.by(options.unit)
    if table.empty:
        raise BadInput("loss_no_units", unit=options.unit)
    needs = found.needs(options.unit, "all", options.days, options.season)
    _warn(found, reckoning)
    rows = table[table["code"] != OUTSIDE]
    title, more = say(f"hazard.{options.hazard}", reckoning.language), say("loss.needs", reckoning.language)
    answer = put_table(rows, options.out, title, reckoning, {more: needs})
    facts = {"total": dict(found.total), "needs": needs.to_dict("records"), "missing": list(found.missing)}
    notes = [say(note, reckoning.language) for note in found.notes]
    return {**answer, **facts, "notes": notes, "model": found.provenance.model}


def _warn(found: LossResult, reckoning: Reckoning) -> None:
    """What a person should know who reads the table: what is not in it."""
    total = found.total
    for asset in found.missing:
        reckoning.warn("cli.loss_missing", asset=say(f"asset.{asset}", reckoning.language))
    if total["people_nodata"] or total["value_nodata"] or total["unvalued"]:
        facts = {"people": total["people_nodata"], "value": total["value_nodata"] / 1e4}
        reckoning.warn("cli.loss_nodata", **facts, places=total["unvalued"])
    outside = found.by_county[found.by_county["code"] == OUTSIDE] if len(found.by_county) else found.by_county
    for row in outside.itertuples():
        reckoning.warn("cli.loss_outside", loss=row.loss / 1e4, people=row.population)


def valued(given: Sequence[str]) -> Valuation:
    """The valuation with values given as ``NAME=VALUE``.

    Raises
    ------
    BadInput
        No such value, or out of its bounds; those that there are are named.
    """
    known = {each.name for each in parameters(Valuation())}
    values: dict[str, float] = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            values[name] = float(value)
        except ValueError as error:
            raise BadInput("loss_value", text=text, known=", ".join(sorted(known))) from error
    try:
        return Valuation(**values)
    except (TypeError, ValueError) as error:
        raise BadInput("loss_value", text=" ".join(given), known=", ".join(sorted(known))) from error
