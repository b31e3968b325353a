"""Bounds of numbers, read off the quality rules: what a form offers while one types."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from layers.census.formula import Node, parse
from layers.census.rules import Rule


class Bounds(NamedTuple):
    """The least and the greatest value; ``None``: none is set."""

    low: float | None = None
    high: float | None = None


def bounds(kind: str, rules: Iterable[Rule]) -> dict[str, Bounds]:
    """Bounds of the fields of a kind of layer, from rules that compare fields with numbers, joined by *and*.

    Parameters
    ----------
    kind : str
    rules : iterable of Rule

    Examples
    --------
    >>> rule = Rule("storeys", "condition", parameters={"condition": "storeys >= 1 and storeys <= 120"})
    >>> bounds("building", [rule])
    {'storeys': Bounds(low=1.0, high=120.0)}
    """
    found: dict[str, Bounds] = {}
    for rule in rules:
        if rule.test == "condition" and rule.is_for(kind):
            for field, sign, number in _comparisons(parse(rule.text("condition"))):
                found[field] = _narrowed(found.get(field, Bounds()), sign, number)
    return found


def _comparisons(node: Node) -> Iterator[tuple[str, str, float]]:
    if node.act == "and":
        for part in node.parts:
            yield from _comparisons(part)
    elif (
        node.act in {"<", "<=", ">", ">="} and node.parts[0].act == "field" and node.parts[1].act == "number"
    ):
        yield node.parts[0].value, node.act, float(node.parts[1].value)


def _narrowed(known: Bounds, sign: str, number: float) -> Bounds:
    if sign in {">", ">="}:
        return known._replace(low=number if known.low is None else max(known.low, number))
    return known._replace(high=number if known.high is None else min(known.high, number))
