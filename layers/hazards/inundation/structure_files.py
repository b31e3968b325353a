"""Structures as a JSON file.

    {"levees":   [{"name", "line": [[x, y], …], "crest_m": 25.3 or [25.3, …],
                   "breaches": [{"at": [x, y], "time_h", "width_m", "bottom_m", "growth_h"}]}],
     "culverts": [{"name", "from": [x, y], "to": [x, y], "width_m", "height_m", "invert_m", "coefficient"}],
     "gates":    [as culverts, but "opening_m": [[time_h, height_m], …] for "height_m"],
     "pumps":    [{"name", "from": [x, y], "to": [x, y] or null, "m3_per_s", "start_m", "stop_m"}],
     "inflows":  [{"name", "line": [[x, y], …], "m3_per_s": [[time_h, discharge], …] or one number}]}

``growth_h``, ``coefficient``, ``breaches`` and ``to`` of a pump may be left out.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from layers.errors import BadInput, MissingFile
from layers.hazards.inundation.forcing import Course, LineInflow
from layers.hazards.inundation.structures import Breach, Culvert, Levee, Point, Pump, Structures

_HOUR = 3600.0
_KINDS = ("levees", "culverts", "gates", "pumps", "inflows")
_BOX = {"name", "from", "to", "width_m", "invert_m", "coefficient"}
_WORDS = {
    "levees": {"name", "line", "crest_m", "breaches"},
    "culverts": _BOX | {"height_m"},
    "gates": _BOX | {"opening_m"},
    "pumps": {"name", "from", "to", "m3_per_s", "start_m", "stop_m"},
    "inflows": {"name", "line", "m3_per_s"},
}


def read_structures(path: Path) -> Structures:
    """Structures from a file.

    Raises
    ------
    MissingFile
    BadInput
        The file is no JSON, or something in it is missing or makes no sense: it is named.
    """
    if not path.is_file():
        raise MissingFile("file_missing", path=path)
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_told_once)
    except (ValueError, RecursionError) as error:
        raise BadInput("flood_structures_json", path=path) from error
    if (
        not isinstance(found, dict)
        or set(found) - set(_KINDS)
        or not all(isinstance(entries, list) for entries in found.values())
    ):
        raise BadInput("flood_structures_json", path=path)
    makers = {"levees": _levee, "culverts": _culvert, "gates": _gate, "pumps": _pump, "inflows": _inflow}
    made: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for kind in _KINDS:
        for number, entry in enumerate(found.get(kind, [])):
            try:
                _check_words(entry, _WORDS[kind])
                made[kind].append(makers[kind](entry))
            except BadInput:
                raise
            except (KeyError, TypeError, ValueError, IndexError) as error:
                name = entry.get("name", number + 1) if isinstance(entry, dict) else number + 1
                raise BadInput("flood_structure", path=path, kind=kind, name=name, reason=error) from error
    for kinds in (("levees",), ("culverts", "gates", "pumps"), ("inflows",)):  # links are told by their names
        names = [each.name for kind in kinds for each in made[kind]]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            told = " / ".join(kinds)
            raise BadInput("flood_structure", path=path, kind=told, name=twice[0], reason="name ×2")
    boxes, pumps, inflows = made["culverts"] + made["gates"], made["pumps"], made["inflows"]
    return Structures(tuple(made["levees"]), tuple(boxes), tuple(pumps), tuple(inflows))


def _told_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(max(names, key=names.count))
    return dict(pairs)


def _check_words(entry: Mapping[str, Any], known: set[str]) -> None:
    """Refuse what would be passed over, and what has no name."""
    if strange := sorted(set(entry) - known):
        raise ValueError(f"{strange[0]}?")
    if isinstance(entry["name"], (bool, list, dict)) or not str(entry["name"] or "").strip():
        raise ValueError("name")


def _point(values: Any) -> Point:
    x, y = values
    return _number(x), _number(y)


def _number(value: Any, *, least: float = -np.inf, above: float = -np.inf) -> float:
    """A number of at least `least`, and above `above`."""
    found = float(value)
    if isinstance(value, bool) or not np.isfinite(found) or found < least or found <= above:
        raise ValueError(value)
    return found


def _levee(entry: Mapping[str, Any]) -> Levee:
    line = tuple(_point(point) for point in entry["line"])
    crest = entry["crest_m"] if isinstance(entry["crest_m"], list) else [entry["crest_m"]]
    if len(line) < 2 or len(crest) not in (1, len(line)):
        raise ValueError("line / crest_m")
    breaches = tuple(
        Breach(
            _point(each["at"]),
            _number(each["time_h"]) * _HOUR,
            _number(each["width_m"], above=0.0),
            _number(each["bottom_m"]),
            _number(each.get("growth_h", 0.0), least=0.0) * _HOUR,
        )
        for each in entry.get("breaches", [])
        if _check_breach(each)
    )
    return Levee(str(entry["name"]), line, tuple(_number(level) for level in crest), breaches)


def _check_breach(entry: Mapping[str, Any]) -> bool:
    if strange := sorted(set(entry) - {"at", "time_h", "width_m", "bottom_m", "growth_h"}):
        raise ValueError(f"{strange[0]}?")
    return True


def _culvert(entry: Mapping[str, Any]) -> Culvert:
    height = _number(entry["height_m"], above=0.0)
    return _box(entry, Course(np.zeros(1), np.array([height]), str(entry["name"])))


def _gate(entry: Mapping[str, Any]) -> Culvert:
    rows = np.array([_point(row) for row in entry["opening_m"]]).reshape(-1, 2)
    if not len(rows) or (rows[:, 1] < 0).any():
        raise ValueError("opening_m")
    return _box(entry, Course(rows[:, 0] * _HOUR, rows[:, 1], str(entry["name"])))


def _box(entry: Mapping[str, Any], opening: Course) -> Culvert:
    return Culvert(
        str(entry["name"]),
        (_point(entry["from"]), _point(entry["to"])),
        _number(entry["width_m"], above=0.0),
        _number(entry["invert_m"]),
        opening,
        _coefficient(entry.get("coefficient", 0.6)),
    )


def _coefficient(value: Any) -> float:
    """Of discharge: an orifice lets pass no more than Torricelli's."""
    found = _number(value, above=0.0)
    if found > 1:
        raise ValueError(f"coefficient {found:g} > 1")
    return found


def _inflow(entry: Mapping[str, Any]) -> LineInflow:
    line = tuple(_point(point) for point in entry["line"])
    if len(line) < 2:
        raise ValueError("line")
    given = entry["m3_per_s"]
    rows = np.array([_point(row) for row in given] if isinstance(given, list) else [(0.0, _number(given))])
    return LineInflow(str(entry["name"]), line, Course(rows[:, 0] * _HOUR, rows[:, 1], str(entry["name"])))


def _pump(entry: Mapping[str, Any]) -> Pump:
    target = entry.get("to")
    start, stop = _number(entry["start_m"]), _number(entry["stop_m"])
    if stop > start:
        raise ValueError("stop_m > start_m")
    return Pump(
        str(entry["name"]),
        _point(entry["from"]),
        None if target is None else _point(target),
        _number(entry["m3_per_s"], above=0.0),
        start,
        stop,
    )
