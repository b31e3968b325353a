"""Needs at the shelters of a plan against what the depots can give, by their ledgers or their layer."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.source import Reading, Source
from layers.progress import Progress, ignore, part
from layers.risk.exposure import apportion
from layers.risk.needs import needs_of
from layers.siting.closing import Closing
from layers.siting.relief import distribute
from layers.siting.relief_study import STOCKS, Depots, drives
from layers.siting.shelter_layers import site_table
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.stock import LEDGER, Books, drawn


class Balance(NamedTuple):
    """What is needed at the shelters of a plan and what the depots can give.

    Parameters
    ----------
    items : pandas.DataFrame
        ``item, zh, en, unit, needed, stock, given, gap, status``; of items that no depot counts the stock is
        NaN.
    deliveries : pandas.DataFrame
        ``depot, site, item, amount, minutes``.
    lines : pandas.DataFrame
        The lines of the ledgers that are drawn on: ``depot, item, received, expires, amount``; empty without.
    by_ledger : bool
        The stock is that of the ledgers.
    unknown : tuple of str
        Depots without a ledger, whose stock is taken for nothing; none without ledgers.
    strangers : tuple of str
        Names in the ledgers that no depot of the layer has: their stock cannot be given.
    """

    items: pd.DataFrame
    deliveries: pd.DataFrame
    lines: pd.DataFrame
    by_ledger: bool
    unknown: tuple[str, ...]
    strangers: tuple[str, ...] = ()


def balance(
    project: Source,
    plan: ShelterPlan,
    days: int,
    season: str,
    day: date,
    progress: Progress = ignore,
    closing: Closing | None = None,
) -> Balance:
    """Needs of the people in shelters, and their allocation from the depots on the quickest ways.

    Parameters
    ----------
    project : Source
        Where it holds ledgers they are what counts; else the columns of the depots.
    plan : ShelterPlan
    days : int
        For what is used up day by day.
    season : str
    day : date
        On which the goods are taken: what has expired by then is not there.
    progress : Progress
    closing : Closing, optional
        The roads that are closed, if not those of the plan's event.

    Raises
    ------
    MissingLayer
        No depots, no roads.
    BadInput
        A ledger says that more went out than was there; two depots have one name.
    """
    depots, sites = Depots.of(project), site_table(plan)
    books = Books.of(project) if Reading(project).first(LEDGER) is not None else None
    if books is not None:
        _check_names(depots.names)
    people = sites["people"].to_numpy(float)
    needs = needs_of(float(people.sum()), 0.0, days, season)
    seconds = drives(project, closing or plan.case.closing, plan.xy, depots.xy, part(progress, 0.0, 0.8))
    items, moves = [], []
    for line in needs[needs["amount"] > 0].itertuples():
        item = str(line.item)
        stock = _stock(depots, books, item, day)
        head = (item, line.zh, line.en, line.unit, line.amount)
        if stock is None:
            items.append((*head, np.nan, np.nan, np.nan, line.status))
            continue
        wanted = apportion(round(float(str(line.amount))), people).astype(np.float64)
        found = distribute(wanted, np.floor(stock), seconds)
        items.append(
            (*head, float(stock.sum()), float(found.amount.sum()), float(found.gap.sum()), line.status)
        )
        for site, depot in np.argwhere(found.amount > 0.5).tolist():
            moves.append(
                (
                    depots.names[depot],
                    sites["name"].iloc[site],
                    item,
                    float(found.amount[site, depot]),
                    float(seconds[site, depot]) / 60,
                )
            )
    progress(1.0)
    names = ["item", "zh", "en", "unit", "needed", "stock", "given", "gap", "status"]
    deliveries = pd.DataFrame(moves, columns=["depot", "site", "item", "amount", "minutes"])
    unknown = () if books is None else tuple(name for name in depots.names if name not in books.entries)
    lines = _lines(deliveries, books, day)
    strangers = () if books is None else tuple(sorted(set(books.entries) - set(depots.names)))
    return Balance(
        pd.DataFrame(items, columns=names), deliveries, lines, books is not None, unknown, strangers
    )


def _check_names(names: Sequence[str]) -> None:
    """Two depots of one name would both draw on one ledger."""
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise BadInput("depot_twice", depot=twice)


def _stock(depots: Depots, books: Books | None, item: str, day: date) -> Array | None:
    """What each depot holds; nothing if nobody counts the item."""
    if books is not None:
        counted = any(entry.item == item for entries in books.entries.values() for entry in entries)
        return books.stock(depots.names, item, day) if counted else None
    return depots.stock(item) if item in STOCKS else None


def _lines(deliveries: pd.DataFrame, books: Books | None, day: date) -> pd.DataFrame:
    """Which lots of which ledgers go out, those that expire first before the rest."""
    rows: list[Sequence[object]] = []
    if books is not None:
        for (depot, item), amount in (
            deliveries.groupby(["depot", "item"], sort=False)["amount"].sum().items()
        ):
            rows += [
                (depot, item, lot.entry.day, lot.entry.expires, lot.amount)
                for lot in drawn(books.lots(depot, item, day), float(amount))
            ]
    return pd.DataFrame(rows, columns=["depot", "item", "received", "expires", "amount"])
