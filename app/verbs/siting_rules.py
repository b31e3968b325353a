"""The siting rules of the verb `shelters`: switched and given values by words or a file, as in the window."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from layers.errors import BadInput
from layers.siting.rules import OFF_AT_FIRST, Rule, siting_rules, with_values
from layers.siting.tables import read_texts


def chosen_rules(options: argparse.Namespace) -> tuple[Rule, ...]:
    """The rules that count: a file first, then what single words say.

    Raises
    ------
    BadInput
        No such rule, or a value that is none; file and row and the known rules are named.
    """
    known = {rule.id: rule for rule in siting_rules()}
    off, values = set(OFF_AT_FIRST), dict[str, float]()
    if options.rules is not None:
        _read(options.rules, known, off, values)
    for text in options.rule:
        name, _, value = text.partition("=")
        rule = known[_known(name, known)]
        values[name] = _value(rule, value)
    off |= {_known(name, known) for name in options.without}
    off -= {_known(name, known) for name in options.switched_on}
    return with_values(tuple(known.values()), values, tuple(off))


def changes(rules: tuple[Rule, ...]) -> dict[str, object]:
    """What differs from the rules as they are at first: ``off``, ``on``, ``values``."""
    usual, kept = {rule.id: rule for rule in siting_rules()}, {rule.id: rule for rule in rules}
    values = {name: rule.value for name, rule in kept.items()
              if not np.array_equal(rule.value, usual[name].value, equal_nan=True)}  # fmt: skip
    off = [name for name in usual if name not in kept and name not in OFF_AT_FIRST]
    return {"off": off, "on": [name for name in OFF_AT_FIRST if name in kept], "values": values}


def _read(path: Path, known: Mapping[str, Rule], off: set[str], values: dict[str, float]) -> None:
    table = read_texts(path).fillna("")
    if "id" not in table.columns:
        raise BadInput("rules_file", path=path)
    for number, row in enumerate(table.to_dict("records"), 1):
        name, value, switch = (str(row.get(column, "")).strip() for column in ("id", "value", "on"))
        is_wrong = name not in known or switch not in ("", "0", "1")
        if is_wrong or (value and not _is_value(known[name], value)):
            raise BadInput("rules_row", path=path, row=number, known="、".join(known))
        if value:
            values[name] = float(value)
        if switch:
            (off.discard if switch == "1" else off.add)(name)


def _known(name: str, known: Mapping[str, Rule]) -> str:
    if name not in known:
        raise BadInput("rule_unknown", name=name, known="、".join(known))
    return name


def _value(rule: Rule, text: str) -> float:
    if not _is_value(rule, text):
        raise BadInput("rule_value", name=rule.id, value=text)
    return float(text)


def _is_value(rule: Rule, text: str) -> bool:
    """Whether the rule has a value, and this may be it."""
    try:
        value = float(text)
    except ValueError:
        return False
    return bool(np.isfinite(value) and value >= 0 and not np.isnan(rule.value))
