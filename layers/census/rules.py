"""Quality rules as data: what is tested, with which numbers, and where those come from."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, NamedTuple

from layers.census.catalogue import catalogue
from layers.census.formula import parse
from layers.errors import BadInput
from layers.resources import resource

Severity = Literal["error", "warning"]
Sort = Literal["number", "field", "formula", "kind", "kinds", "pairs", "part_field"]


class Part(NamedTuple):
    """What a test reads of its rule.

    Parameters
    ----------
    name : str
    sort : {"number", "field", "formula", "kind", "kinds", "pairs", "part_field"}
        ``field``: of the layer that is tested, ``part_field``: of the layer of the kind ``parts``.
    unit : str
        Of a number.
    usual : number, str or tuple
        What a new rule begins with.
    needed : bool
        Whether the test can do without it.
    """

    name: str
    sort: Sort
    unit: str = ""
    usual: Any = ""
    needed: bool = True


_APART, _OFF = Part("tolerance", "number", "m", 1.0), Part("tolerance", "number", "m", 20.0)
PARTS: Mapping[str, tuple[Part, ...]] = {
    "present": (),
    "valid": (),
    "overlap": (Part("tolerance", "number", "m²", 1.0),),
    "gap": (
        Part("tolerance", "number", "m²", 1.0),
        Part("width", "number", "m", 2.0),
        Part("parent", "pairs", needed=False),
    ),
    "dangling": (Part("tolerance", "number", "m", 5.0),),
    "outside": (Part("regions", "kinds", usual=("county", "city")), _OFF),
    "duplicate": (_APART,),
    "place": (Part("field", "field"), Part("region", "kind", usual="county"), _OFF),
    "required": (),
    "domain": (),
    "type": (),
    "blanks": (),
    "unique": (Part("field", "field"),),
    "condition": (Part("condition", "formula"), Part("field", "field", needed=False)),
    "sum": (
        Part("field", "field"),
        Part("key", "field", usual="code"),
        Part("parts", "kind", usual="township"),
        Part("part_field", "part_field"),
        Part("part_key", "part_field", usual="county_code"),
        Part("tolerance", "number", usual=0.0),
    ),
}
"""What each test reads, in the order in which one is asked for it."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    name : str
        In lists; the words are ``rule.NAME``.
    test : str
        One of `layers.census.quality.TESTS`.
    kinds : tuple of str
        Layer kinds of the catalogue; empty for every layer that has what the test needs.
    roles : tuple of str
        Roles of layer kinds that it is for (``exposure``, ``capacity`` …); empty for all.
    without : tuple of str
        Layer kinds that it is not for.
    layers : tuple of str
        Names of the only layers that it is for; empty for all.
    is_on : bool
        Whether it is asked at all.
    severity : {"error", "warning"}
    source, status : str
        Where its numbers come from, and how sure that is.
    parameters : mapping
        What the test reads: tolerance (m or m²), field, condition …
    """

    name: str
    test: str
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    is_on: bool = True
    severity: Severity = "error"
    source: str = ""
    status: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def is_for(self, kind: str, layer: str = "") -> bool:
        """Whether a layer of that kind (``""`` for none) and name is tested."""
        role = catalogue()[kind].role if kind in catalogue() else ""
        wanted = (not self.kinds or kind in self.kinds) and (not self.roles or role in self.roles)
        is_named = not self.layers or layer in self.layers
        return self.is_on and wanted and is_named and kind not in self.without

    def number(self, name: str) -> float:
        """A parameter that is a number."""
        return float(self.parameters[name])

    def text(self, name: str) -> str:
        """A parameter that is a text; empty if the rule has none of that name."""
        return str(self.parameters.get(name, ""))


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules that come with the program."""
    return read_rules(resource("quality", "rules.toml").read_text(encoding="utf-8"))


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a TOML text, as in ``resources/quality/rules.toml``.

    Raises
    ------
    BadInput
        It cannot be read, a rule has no id or test, or lacks what its test reads.
    """
    try:
        entries = tomllib.loads(text).get("rule", [])
        rules = tuple(_rule(dict(entry)) for entry in entries)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput("rules_unreadable", reason=str(error)) from error
    for rule in rules:
        require(rule)
    return rules


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        name=str(entry.pop("id")),
        test=str(entry.pop("test")),
        kinds=tuple(entry.pop("kinds", ())),
        roles=tuple(entry.pop("roles", ())),
        without=tuple(entry.pop("except", ())),
        layers=tuple(entry.pop("layers", ())),
        is_on=bool(entry.pop("on", True)),
        severity="warning" if entry.pop("severity", "error") == "warning" else "error",
        source=str(entry.pop("source", "")),
        status=str(entry.pop("status", "")),
        parameters=entry,
    )


def require(rule: Rule) -> None:
    """See that a rule has what its test reads.

    Raises
    ------
    BadInput
        There is no such test, something is missing or not of its sort, or the condition cannot be read.
    """
    if rule.test not in PARTS:
        raise BadInput("rule_without_test", rule=rule.name, test=rule.test, tests=" ".join(PARTS))
    for part in PARTS[rule.test]:
        value = rule.parameters.get(part.name, "")
        if part.needed and value in ("", (), []):
            raise BadInput("rule_lacks", rule=rule.name, part=part.name)
        if part.sort == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise BadInput("rule_number", rule=rule.name, part=part.name, value=value)
        if part.sort == "formula":
            parse(str(value))


def written_rules(rules: Iterable[Rule]) -> str:
    """Rules as the TOML text that `read_rules` reads.

    Parameters
    ----------
    rules : iterable of Rule

    Examples
    --------
    >>> print(written_rules([Rule("storeys", "condition", parameters={"condition": "storeys >= 1"})]))
    [[rule]]
    id = "storeys"
    test = "condition"
    condition = "storeys >= 1"
    <BLANKLINE>
    """
    return "\n".join("\n".join(["[[rule]]", *_lines(rule), ""]) for rule in rules)


def _lines(rule: Rule) -> Iterator[str]:
    entries = {
        "kinds": rule.kinds,
        "roles": rule.roles,
        "except": rule.without,
        "layers": rule.layers,
        **rule.parameters,
        "source": rule.source,
        "status": rule.status,
    }
    yield f"id = {_written(rule.name)}"
    yield f"test = {_written(rule.test)}"
    if not rule.is_on:
        yield "on = false"
    if rule.severity == "warning":
        yield 'severity = "warning"'
    for name, value in entries.items():
        if value not in ("", ()):
            yield f"{_key(name)} = {_written(value)}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _written(name)


def _written(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(k)} = {_written(v)}' for k, v in value.items())} }}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_written, value))}]"
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)
