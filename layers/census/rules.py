"""Quality rules as data: what is tested, with which numbers, and where those come from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from layers.census.catalogue import catalogue
from layers.errors import BadInput
from layers.resources import resource

Severity = Literal["error", "warning"]


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
    severity: Severity = "error"
    source: str = ""
    status: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def is_for(self, kind: str) -> bool:
        """Whether layers of that kind (``""`` for none) are tested."""
        role = catalogue()[kind].role if kind in catalogue() else ""
        wanted = (not self.kinds or kind in self.kinds) and (not self.roles or role in self.roles)
        return wanted and kind not in self.without

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
        It cannot be read, or a rule has no id or test.
    """
    try:
        entries = tomllib.loads(text).get("rule", [])
        return tuple(_rule(dict(entry)) for entry in entries)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput("rules_unreadable", reason=str(error)) from error


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        str(entry.pop("id")),
        str(entry.pop("test")),
        tuple(entry.pop("kinds", ())),
        tuple(entry.pop("roles", ())),
        tuple(entry.pop("except", ())),
        "warning" if entry.pop("severity", "error") == "warning" else "error",
        str(entry.pop("source", "")),
        str(entry.pop("status", "")),
        entry,
    )
