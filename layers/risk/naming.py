"""What the keys of risk tables say: ``population_medium_low``, ``buildings_rc_total``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from layers.census.catalogue import catalogue
from layers.risk.grades import GRADE_KEYS
from layers.words import Language, has, say

QUANTITIES = {
    "population": "population",
    "area_km2": "area",
    "buildings": "buildings",
    "floor_area_m2": "floor_area",
    "enterprises": "enterprises",
    "schools": "schools",
    "hospitals": "hospitals",
    "road_km": "roads",
}
"""What can be counted: the stem of a key, and the key of its words."""

_CLASSIFIERS = frozenset("栋家所处辆顶床张座件")
"""Words that Chinese counts with, and English does without."""


def parted(item: str) -> tuple[str, str]:
    """What is counted, and in which grade; a total counts in none.

    Examples
    --------
    >>> parted("buildings_rc_medium_low"), parted("population_total"), parted("shelter_count")
    (('buildings_rc', 'medium_low'), ('population', ''), ('shelter_count', ''))
    """
    for grade in sorted((*GRADE_KEYS, "nodata"), key=len, reverse=True):
        if item.endswith(f"_{grade}"):
            return item.removesuffix(f"_{grade}"), grade
    return item.removesuffix("_total"), ""


def item_words(item: str, language: Language) -> str:
    """A key in words; a key that has none is left as it is.

    Examples
    --------
    >>> item_words("buildings_rc_medium_low", "zh_CN"), item_words("shelter_capacity", "en")
    ('房屋·钢筋混凝土·中低', 'shelter · capacity')
    """
    stem, grade = parted(item)
    last = say(f"grade.{grade}", language) if grade else ""
    separator = "·" if language == "zh_CN" else " · "
    return separator.join(filter(None, (*_stem_words(stem, language), last)))


def unit_words(unit: str, language: Language) -> str:
    """A unit as the language writes it.

    Examples
    --------
    >>> [unit_words(unit, "en") for unit in ("人/km²", "栋", "元/m²", "a")]
    ['people/km²', '', 'yuan/m²', 'years']
    """
    if unit == "a":
        return say("unit.years", language)
    if language == "zh_CN":
        return unit
    if unit in _CLASSIFIERS:
        return ""
    return unit.replace("人", say("unit.people", language)).replace("元", say("unit.yuan", language))


def heads(tables: Mapping[str, pd.DataFrame], language: Language) -> dict[str, str]:
    """What people read over the columns of overlay and query tables, with units.

    Examples
    --------
    >>> heads({"": pd.DataFrame(columns=["area_km2_high", "name"])}, "zh_CN")["area_km2_high"]
    '面积·高（km²）'
    """
    names = {str(name) for table in tables.values() for name in table.columns}
    return {name: _head(name, language) for name in names}


def _head(item: str, language: Language) -> str:
    words, unit = item_words(item, language), _unit_of(item, language)
    if not unit:
        return words
    return f"{words}（{unit}）" if language == "zh_CN" else f"{words} ({unit})"


def _unit_of(item: str, language: Language) -> str:
    """In what a quantity is counted; nothing where its words say so."""
    stem, _ = parted(item)
    for name, key in QUANTITIES.items():
        if stem == name or stem.startswith(f"{name}_"):
            unit = say(f"quantity.{key}.unit", language)
            return "" if unit.casefold() == say(f"quantity.{key}", language).casefold() else unit
    return ""


def worded(rows: pd.DataFrame, language: Language) -> pd.DataFrame:
    """The rows of a query with their keys in words: for people, not for programs."""
    return rows.assign(
        section=[say(f"section.{key}", language) for key in rows["section"]],
        item=[item_words(key, language) for key in rows["item"]],
        unit=[unit_words(unit, language) for unit in rows["unit"]],
        status=[say(f"status.{key}", language) if key else "" for key in rows["status"]],
    )


def _stem_words(stem: str, language: Language) -> tuple[str, ...]:
    if has(f"column.{stem}"):
        return (say(f"column.{stem}", language),)
    for name, key in QUANTITIES.items():
        if stem == name or stem.startswith(f"{name}_"):
            return say(f"quantity.{key}", language), _structure_words(stem[len(name) + 1 :], language)
    for kind in sorted(catalogue().values(), key=lambda kind: -len(kind.name)):
        if stem == kind.name or stem.startswith(f"{kind.name}_"):
            rest = stem[len(kind.name) + 1 :]
            field = next((field for field in kind.fields if field.name == rest), None)
            own = "" if field is None else field.zh if language == "zh_CN" else field.en
            return kind.title(language), own
    return (stem,)


def _structure_words(structure: str, language: Language) -> str:
    key = f"structure.{structure}"
    return say(key, language) if has(key) else structure
