"""The layer catalogue: kinds of layers, their fields, and the names under which foreign files carry them.

The catalogue is data: one TOML file a group in ``resources/catalogue``. The field names follow the
vocabulary of the national risk census; its official codes are not published, so none are claimed.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from layers.layer import Field
from layers.resources import resource
from layers.words import Language


@dataclass(frozen=True)
class LayerKind:
    """What a layer is about.

    Parameters
    ----------
    name : str
        English, singular: ``county``, ``river`` …
    zh, en : str
        What the user reads.
    geometry : {"point", "line", "polygon", "raster", "table"}
    role : {"region", "hazard", "exposure", "capacity", "base", "plan"}
        Its part in a risk assessment.
    fields : tuple of Field
    aliases : tuple of str
        Words in file names by which the kind is guessed.
    unit : str
        Unit of the values, for rasters.
    time : {"", "frames", "arrival"}
        What a raster has to do with time: its bands are frames, or its values say when a place is reached.
    """

    name: str
    zh: str
    en: str
    geometry: Literal["point", "line", "polygon", "raster", "table"]
    role: Literal["region", "hazard", "exposure", "capacity", "base", "plan"]
    fields: tuple[Field, ...] = ()
    aliases: tuple[str, ...] = ()
    unit: str = ""
    time: Literal["", "frames", "arrival"] = ""

    def title(self, language: Language) -> str:
        """The kind's name in a language."""
        return self.zh if language == "zh_CN" else self.en

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises
        ------
        KeyError
            The kind has no such field.
        """
        return next(f for f in self.fields if f.name == name)


@cache
def catalogue() -> dict[str, LayerKind]:
    """All kinds by name, in the order of the files."""
    kinds: dict[str, LayerKind] = {}
    for path in sorted(resource("catalogue").glob("*.toml")):
        with path.open("rb") as file:
            for name, entry in tomllib.load(file).items():
                kinds[name] = _kind(name, entry)
    return kinds


def _kind(name: str, entry: dict[str, Any]) -> LayerKind:
    fields = tuple(
        Field(
            name=field,
            type=meaning.get("type", "text"),
            unit=meaning.get("unit", ""),
            zh=meaning["zh"],
            en=meaning["en"],
            domain=tuple(meaning.get("domain", ())),
            required=meaning.get("required", False),
            aliases=tuple(meaning.get("aliases", ())),
        )
        for field, meaning in entry.pop("fields", {}).items()
    )
    return LayerKind(name=name, fields=fields, aliases=tuple(entry.pop("aliases", ())), **entry)


def meanings(kind: str, own: Iterable[Field] = ()) -> dict[str, Field]:
    """What is known of a layer's fields, by name: the catalogue's word, else the layer's own.

    Parameters
    ----------
    kind : str
        Of the layer; ``""`` for none.
    own : iterable of Field
        What the layer itself says.
    """
    known = {field.name: field for field in own}
    return known | {f.name: f for f in (catalogue()[kind].fields if kind in catalogue() else ())}


def guess_kind(file_stem: str, columns: Iterable[str], geometry: str) -> str:
    """The kind that a foreign file is most likely of, or ``""``.

    A word of the file's name that the kind owns counts most; then the share of its fields that are found.
    Only kinds of the file's geometry compete; a tie is no answer.

    Parameters
    ----------
    file_stem : str
        Name of the file without its ending.
    columns : iterable of str
    geometry : str
        ``point``, ``line``, ``polygon``, ``raster`` or ``table``.

    Examples
    --------
    >>> guess_kind("衡水市县界", ["NAME", "CODE"], "polygon")
    'county'
    """
    names = {column.casefold() for column in columns}
    scores = {
        kind.name: _name_score(kind, file_stem.casefold()) + _field_score(kind, names)
        for kind in catalogue().values()
        if kind.geometry == geometry
    }
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    if not ranked or ranked[0][1] < 0.5:
        return ""
    if len(ranked) > 1 and ranked[1][1] == ranked[0][1]:
        return ""
    return ranked[0][0]


def _name_score(kind: LayerKind, stem: str) -> float:
    """The longest word of the kind's that the file name holds decides: 县界 before 县."""
    longest = max((len(a) for a in (*kind.aliases, kind.name, kind.zh) if a.casefold() in stem), default=0)
    return 2 + longest / 100 if longest else 0.0


def _field_score(kind: LayerKind, names: set[str]) -> float:
    own = [f for f in kind.fields if f.name not in {"name", "code"}]
    found = sum(any(n.casefold() in names for n in (f.name, f.zh, *f.aliases)) for f in own)
    return found / len(own) if own else 0.0


def map_fields(kind: str, columns: Iterable[str]) -> dict[str, str]:
    """Which foreign column becomes which field of the kind.

    Returns
    -------
    dict
        Foreign column → field name. Columns without a meaning are left out (they are kept as they are).

    Examples
    --------
    >>> map_fields("county", ["NAME", "区划代码", "OBJECTID"])
    {'NAME': 'name', '区划代码': 'code'}
    """
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    spelled = list(columns)
    for field in catalogue()[kind].fields:
        for alias in (field.name, field.zh, *field.aliases):
            column = next((c for c in spelled if c.casefold() == alias.casefold() and c not in mapping), None)
            if column is not None and field.name not in taken:
                mapping[column] = field.name
                taken.add(field.name)
    return {column: mapping[column] for column in spelled if column in mapping}
