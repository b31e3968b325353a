"""How a layer looks, as values: sizes in millimetres on paper, colours as ``#rrggbb``, JSON to keep them.

A style may come from a stranger's project, so reading one checks every word and number and runs nothing.
"""

import json
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from layers.cartography.decoding import check, decode, encode, read_json
from layers.cartography.palette import GRADES, grade_colours
from layers.cartography.symbols import NOTHING, check_colour, check_size
from layers.cartography.symbols import Cap as Cap
from layers.cartography.symbols import Fill as Fill
from layers.cartography.symbols import Label as Label
from layers.cartography.symbols import Marker as Marker
from layers.cartography.symbols import Stroke as Stroke
from layers.cartography.symbols import Symbol as Symbol
from layers.census.catalogue import catalogue
from layers.resources import resource
from layers.words import Language, say

Kind = Literal["single", "categorised", "graduated", "raster"]
Blend = Literal["normal", "multiply", "screen", "overlay", "darken", "lighten"]
BLENDS: tuple[Blend, ...] = get_args(Blend)


@dataclass(frozen=True)
class StyleClass:
    """A symbol for one value, or for ``lower <= value < upper``.

    Parameters
    ----------
    symbol : Symbol
    title : str
        What the legend says.
    value : str, float or None
    lower, upper : float or None
        The last class of a style holds its upper bound too.
    """

    symbol: Symbol = NOTHING
    title: str = ""
    value: str | float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Ramp:
    """Colours along a range of values; beyond its ends the end colours hold.

    Parameters
    ----------
    colors : tuple of str
        At least two, evenly spaced.
    lower, upper : float
    opacity : float
    unit : str
        Shown in the legend.
    relief : float
        0..1, strength of the hill shading of a terrain; 0: none.
    exaggeration : float
        Vertical exaggeration of the shaded relief: a plain has none otherwise.
    """

    colors: tuple[str, ...] = ("#000000", "#ffffff")
    lower: float = 0.0
    upper: float = 1.0
    opacity: float = 1.0
    unit: str = ""
    relief: float = 0.0
    exaggeration: float = 1.0

    def __post_init__(self) -> None:
        check_size("ramp.relief", self.relief, 0, 1)
        check_size("ramp.exaggeration", self.exaggeration, 0, 1000)
        check(2 <= len(self.colors) <= 64, "ramp.colors", len(self.colors))
        for color in self.colors:
            check_colour("ramp.colors", color)
        check(self.lower < self.upper, "ramp.upper", self.upper)
        check_size("ramp.opacity", self.opacity, 0, 1)


@dataclass(frozen=True)
class Style:
    """How a layer looks.

    Parameters
    ----------
    symbol : Symbol
        Of every feature (``single``), or of those that no class holds: other values and no data.
    field : str
        Column that the classes look at; grids have none.
    classes : tuple of StyleClass
        In the order of the legend; the first that holds a value draws it.
    label : Label or None
    kind : {"single", "categorised", "graduated", "raster"}
        ``raster``: along the ramp.
    ramp : Ramp or None
    title : str
        Heading of the legend.
    other : str
        What the legend calls the features that no class holds; empty: they have no entry.
    smallest_scale : float
        The layer is not drawn when the scale denominator is larger; 0: always drawn.
    opacity : float
        0..1, of the layer as a whole: its features do not shine through one another.
    blend : str
        How its colours mix with those of the layers below.
    """

    symbol: Symbol = NOTHING
    field: str = ""
    classes: tuple[StyleClass, ...] = ()
    label: Label | None = None
    kind: Kind = "single"
    ramp: Ramp | None = None
    title: str = ""
    other: str = ""
    smallest_scale: float = 0.0
    opacity: float = 1.0
    blend: Blend = "normal"

    def __post_init__(self) -> None:
        check_size("style.opacity", self.opacity, 0, 1)
        check(len(self.classes) <= 1000, "style.classes", len(self.classes))
        check(self.kind != "raster" or self.ramp is not None, "style.ramp", None)
        check_size("style.smallest_scale", self.smallest_scale, 0, 1e9)

    def to_json(self) -> str:
        """The style as JSON; fields at their defaults are left out."""
        return json.dumps(encode(self), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Style":
        """The style from JSON.

        Raises
        ------
        BadInput
            It is not JSON, or holds a word, type or number that styles do not have.
        """
        return _decoded(text)


@lru_cache(maxsize=512)
def _decoded(text: str) -> Style:
    style: Style = decode(Style, read_json(text), "style")
    return style


@cache
def default_style(kind: str, language: Language = "zh_CN", geometry: str = "polygon") -> Style:
    """The style that a new layer of a kind gets.
    Parameters
    ----------
    kind : str
        Name in the catalogue, or "" for a layer of no known kind, which gets the style of its geometry.
    language : {"zh_CN", "en"}
        Of the legend.
    geometry : {"point", "line", "polygon", "raster", "table"}
        Used for kinds that are not in the catalogue.
    """
    entry = _defaults().get(kind, _defaults()[f"any_{geometry}"])
    if entry.get("grades"):
        style = grade_style("", language, field=entry.get("field", ""), named=entry.get("named", False))
    else:
        style = decode(Style, _in_words(entry, language), kind or geometry)
    known = catalogue().get(kind)
    if entry.get("grades") and known and known.geometry == "raster":
        style = replace(
            style, symbol=Symbol()
        )  # a raster fills its box: nothing was asked beyond the regions
    return replace(style, title=known.title(language)) if known else style


@cache
def _defaults() -> dict[str, dict[str, Any]]:
    with resource("styles", "default.toml").open("rb") as file:
        return tomllib.load(file)


def _in_words(entry: dict[str, Any], language: Language) -> dict[str, Any]:
    """The entry with the keys of its titles said in a language."""
    spoken = dict(entry)
    if "other" in entry:
        spoken["other"] = say(f"style.{entry['other']}", language)
    if "classes" in entry:
        spoken["classes"] = [
            c | {"title": say(f"style.{c['title']}", language)} if "title" in c else c
            for c in entry["classes"]
        ]
    return spoken


def grade_style(
    hazard: str,
    language: Language = "zh_CN",
    *,
    field: str = "grade",
    named: bool = False,
    palette: str = "warm_red",
    for_print: bool = False,
) -> Style:
    """Five grades, high to low, and no data, which is hatched grey and never looks like low.
    Parameters
    ----------
    hazard : str
        ``flood`` and so on, for the heading of the legend; empty: no heading.
    language : {"zh_CN", "en"}
    field : str
        Column of a vector layer; not looked at for grids.
    named : bool
        The column holds the Chinese names of the grades; otherwise 1 (low) … 5 (high).
    palette : str
        A palette of ``resources/standards/risk_colors.csv``: 默认配色, not a standard's.
    for_print : bool
        With hatches that tell the grades apart on a black-and-white printer.
    """
    colours = grade_colours(palette)
    classes = tuple(
        StyleClass(
            symbol=_grade_symbol(colours[grade], _PRINT_HATCHES[grade] if for_print else {}),
            title=say(f"grade.{grade}", language),
            value=say(f"grade.{grade}", "zh_CN") if named else float(number),
        )
        for number, grade in sorted(enumerate(GRADES, start=1), reverse=True)
    )
    return Style(
        symbol=_grade_symbol(colours["nodata"], _NO_DATA_HATCH),
        field=field,
        classes=classes,
        kind="categorised",
        title=say("style.grades", language, hazard=say(f"hazard.{hazard}", language)) if hazard else "",
        other=say("grade.nodata", language),
    )


_NO_DATA_HATCH = {"hatch": "diagonal", "hatch_color": "#8c8c8c", "spacing_mm": 1.4, "line_mm": 0.18}
_PRINT_HATCHES = {
    "high": {"hatch": "diagonal_cross", "hatch_color": "#000000", "spacing_mm": 1.1, "line_mm": 0.22},
    "medium_high": {"hatch": "cross", "hatch_color": "#000000", "spacing_mm": 1.3, "line_mm": 0.16},
    "medium": {"hatch": "back_diagonal", "hatch_color": "#202020", "spacing_mm": 1.3, "line_mm": 0.14},
    "medium_low": {"hatch": "horizontal", "hatch_color": "#303030", "spacing_mm": 1.6, "line_mm": 0.12},
    "low": {"hatch": "dots", "hatch_color": "#404040", "spacing_mm": 1.8, "line_mm": 0.3},
}


def _grade_symbol(color: str, hatch: dict[str, Any]) -> Symbol:
    return Symbol(fill=Fill(color=color, **hatch), stroke=Stroke(color="#8a7f78", width_mm=0.12))
