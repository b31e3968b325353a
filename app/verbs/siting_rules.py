"""The siting rules of the verb `shelters`: switched and given values by words or a file, as in the window."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from layers.errors import BadInput, MissingFile
from layers.siting.rules import OFF_AT_FIRST, Rule, siting_rules, with_values


def chosen_rules(options: argparse.Namespace) -> tuple[Rule, ...]:
    """The rules that count: a file first, then what single words say.

    Raises
    ------
    BadInput
        No such rule, or a value that is none; the known ones are named.
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
    if not path.is_file():
        raise MissingFile("siting_file_missing", path=path)
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if "id" not in table.columns:
        raise BadInput("rules_file", path=path)
    for row in table.to_dict("records"):
        name = _known(str(row["id"]).strip(), known)
        if str(row.get("value", "")).strip():
            values[name] = _value(known[name], str(row["value"]))
        switch = str(row.get("on", "")).strip()
        if switch not in ("", "0", "1"):
            raise BadInput("rules_file", path=path)
        if switch:
            (off.discard if switch == "1" else off.add)(name)


def _known(name: str, known: Mapping[str, Rule]) -> str:
    if name not in known:
        raise BadInput("rule_unknown", name=name, known="、".join(known))
    return name


def _value(rule: Rule, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value) or value < 0 or np.isnan(rule.value):
        raise BadInput("rule_value", name=rule.id, value=text)
    return value
