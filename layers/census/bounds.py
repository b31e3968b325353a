"""Bounds of numbers, read off the quality rules and written as one: what a form offers while one types."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from layers.census.formula import Node, named_field, parse
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


def bounds_of(condition: str) -> tuple[str, Bounds] | None:
    """The field and its bounds, if a condition says nothing else; ``None`` if it says more, or less.

    Parameters
    ----------
    condition : str

    Raises
    ------
    BadInput
        It cannot be read.

    Examples
    --------
    >>> bounds_of("storeys >= 1 and storeys <= 120"), bounds_of("storeys >= floor_area")
    (('storeys', Bounds(low=1.0, high=120.0)), None)
    """
    node = parse(condition)
    parts = node.parts if node.act == "and" else (node,)
    said = [each for part in parts for each in _comparisons(part)]
    fields = {field for field, _, _ in said}
    signs = sorted(sign for _, sign, _ in said)
    if len(said) != len(parts) or len(fields) != 1 or signs not in (["<="], [">="], ["<=", ">="]):
        return None
    narrowed = Bounds()
    for _, sign, number in said:
        narrowed = _narrowed(narrowed, sign, number)
    return said[0][0], narrowed


def condition_of(field: str, within: Bounds) -> str:
    """Bounds as the condition of a rule; empty without any.

    Examples
    --------
    >>> condition_of("storeys", Bounds(1, 120)), condition_of("年 份", Bounds(high=-0.5))
    ('storeys >= 1 and storeys <= 120', '"年 份" <= -0.5')
    """
    ends = ((">=", within.low), ("<=", within.high))
    return " and ".join(f"{named_field(field)} {sign} {end:.15g}" for sign, end in ends if end is not None)


def _comparisons(node: Node) -> Iterator[tuple[str, str, float]]:
    if node.act == "and":
        for part in node.parts:
            yield from _comparisons(part)
    elif node.act in {"<", "<=", ">", ">="} and node.parts[0].act == "field":
        number = _number(node.parts[1])
        if number is not None:
            yield node.parts[0].value, node.act, number


def _number(node: Node) -> float | None:
    if node.act == "negative":
        number = _number(node.parts[0])
        return None if number is None else -number
    return float(node.value) if node.act == "number" else None


def _narrowed(known: Bounds, sign: str, number: float) -> Bounds:
    if sign in {">", ">="}:
        return known._replace(low=number if known.low is None else max(known.low, number))
    return known._replace(high=number if known.high is None else min(known.high, number))
