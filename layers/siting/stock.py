"""The ledger of relief depots: lots come in, go out and expire; what is left, what an outflow takes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from layers.changes import Change, Edit
from layers.editing.features import new_key
from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.inputs import MissingLayer, code_text
from layers.hazards.source import Reading, Source
from layers.hazards.standards import standard
from layers.siting.ledger import checked
from layers.storage.geopackage import ProjectFile

LEDGER = "depot_ledger"
COLUMNS = ("depot", "item", "day", "amount", "expires", "unit")
_TONNES = ("t", "吨")


@dataclass(frozen=True)
class Entry:
    """A line of a depot's ledger.

    Parameters
    ----------
    day : date
    item : str
    amount : float
        Above 0: into the depot; below: out of it.
    expires : date, optional
        Of what comes in: the last day on which it can be used.
    """

    day: date
    item: str
    amount: float
    expires: date | None = None


class Lot(NamedTuple):
    """What is left of one line that came in."""

    entry: Entry
    amount: float

    @property
    def until(self) -> date:
        """The last day on which it can be used."""
        return self.entry.expires or date.max


def lots_on(entries: Sequence[Entry], day: date) -> dict[str, list[Lot]]:
    """What is left of each item on a day, by expiry; expired lots are not there.

    Raises
    ------
    BadInput
        More went out than was there and had not expired.
    """
    held: dict[str, list[Lot]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.amount < 0)):
        if entry.day > day:
            break
        lots = held.setdefault(entry.item, [])
        if entry.amount >= 0:
            lots.append(Lot(entry, entry.amount))
            lots.sort(key=lambda lot: lot.until)
        else:
            held[entry.item] = _without(lots, entry)
    return {item: [lot for lot in lots if lot.until >= day and lot.amount > 0] for item, lots in held.items()}


def stock_on(entries: Sequence[Entry], day: date) -> dict[str, float]:
    """What can be used of each item on a day, see `lots_on`."""
    return {item: sum(lot.amount for lot in lots) for item, lots in lots_on(entries, day).items()}


def drawn(lots: Sequence[Lot], amount: float) -> list[Lot]:
    """How much an outflow takes of each lot, in their order."""
    taken, left = [], amount
    for lot in lots:
        share = min(left, lot.amount)
        if share > 0:
            taken.append(Lot(lot.entry, share))
            left -= share
    return taken


def _without(lots: list[Lot], out: Entry) -> list[Lot]:
    """The lots after an outflow, which takes what has not expired on its day."""
    usable = [lot for lot in lots if lot.until >= out.day]
    there = sum(lot.amount for lot in usable)
    if -out.amount > there + 1e-9:
        raise BadInput("stock_negative", item=out.item, day=out.day, wanted=-out.amount, there=there)
    taken = {id(lot.entry): lot.amount for lot in drawn(usable, -out.amount)}
    return [Lot(lot.entry, lot.amount - taken.get(id(lot.entry), 0.0)) for lot in lots]


@dataclass(frozen=True, eq=False)
class Books:
    """The ledgers of all depots.

    Parameters
    ----------
    entries : mapping of str to list of Entry
        By depot; items by the name that `layers.risk.needs` gives them, in its units.
    """

    entries: Mapping[str, Sequence[Entry]]

    @classmethod
    def of(cls, project: Source) -> "Books":
        """The ledgers of a project.

        Raises
        ------
        MissingLayer
            No ledger.
        BadInput
            A row that cannot be used: layer, row and column are named.
        """
        layer = Reading(project).read(LEDGER, *COLUMNS)
        if layer is None:
            raise MissingLayer(LEDGER)
        books: dict[str, list[Entry]] = defaultdict(list)
        names = _items()
        columns = {name: layer[name].to_list() for name in COLUMNS}
        for row in range(len(layer)):
            cells = {name: values[row] for name, values in columns.items()}
            day, amount, expires = checked(layer, row, cells)
            item = code_text(cells["item"])
            factor = 1000.0 if code_text(cells["unit"]) in _TONNES else 1.0
            entry = Entry(day, names.get(item.casefold(), item), amount * factor, expires)
            books[code_text(cells["depot"])].append(entry)
        return cls(books)

    def lots(self, depot: str, item: str, day: date) -> list[Lot]:
        """What a depot holds of an item on a day."""
        return _left(depot, self.entries.get(depot, ()), day).get(item, [])

    def stock(self, depots: Sequence[str], item: str, day: date) -> Array:
        """How much each depot holds of an item on a day, shape (k,)."""
        return np.array([sum(lot.amount for lot in self.lots(depot, item, day)) for depot in depots])

    def table(self, day: date) -> pd.DataFrame:
        """What every depot's ledger leaves on a day: ``depot, item, amount``."""
        rows = [
            (depot, item, sum(lot.amount for lot in self.lots(depot, item, day)))
            for depot, entries in self.entries.items()
            for item in dict.fromkeys(entry.item for entry in entries)
        ]
        return pd.DataFrame(rows, columns=["depot", "item", "amount"])


def _left(depot: str, entries: Sequence[Entry], day: date) -> dict[str, list[Lot]]:
    """What is left at a depot; if its ledger does not add up, the depot is named."""
    try:
        return lots_on(entries, day)
    except BadInput as error:
        raise BadInput("stock_negative_at", depot=depot, **error.facts) from error


def outflow(project: ProjectFile, taken: pd.DataFrame, day: date, purpose: str, name: str) -> Edit:
    """The edit that posts what is taken as lines of the ledger, one a depot and item.

    Parameters
    ----------
    project : ProjectFile
    taken : pandas.DataFrame
        ``depot, item, amount``, amounts in the units of the needs.
    day : date
    purpose, name : str
        What the goods go to; what the user did.

    Raises
    ------
    BadInput
        A depot would hold less than nothing, then or by what the ledger says of later days.
    """
    entry = project.first(LEDGER)
    if entry is None:
        raise MissingLayer(LEDGER)
    columns, words = set(project.columns(entry.name)), _words()
    books = Books.of(project)
    sums = taken.groupby(["depot", "item"], sort=False)["amount"].sum()
    changes = []
    for (depot, item), amount in sums.items():
        known = [*books.entries.get(depot, ()), Entry(day, item, -float(amount))]
        _left(str(depot), known, max(line.day for line in known))
        row = {
            "depot": depot,
            "item": words.get(item, item),
            "day": day.isoformat(),
            "amount": -float(amount),
            "note": purpose,
        }
        kept = {column: value for column, value in row.items() if column in columns}
        changes.append(Change(entry.name, new_key(), None, kept))
    return Edit(name, tuple(changes))


def _items() -> dict[str, str]:
    """Items by all their names."""
    table = standard("relief_needs")
    return {
        str(name).casefold(): item
        for column in ("item", "zh", "en")
        for name, item in zip(table[column], table["item"], strict=True)
    }


def _words() -> dict[str, str]:
    """How the ledger names an item."""
    table = standard("relief_needs")
    return dict(zip(table["item"], table["zh"], strict=True))
