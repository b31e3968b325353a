"""Positions as people write them: decimal, degrees minutes seconds, metres, offsets and bearings."""

import math
import re
import unicodedata
from typing import Literal, NamedTuple

from layers.errors import BadInput

_DEGREES = re.compile(
    r"([+-]?)(\d+(?:\.\d+)?)\s*[°度d:\- ]\s*(?:(\d+(?:\.\d+)?)\s*[′'分m:\- ]?\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*[″\"秒s]?\s*)?"
)
_DIRECTIONS = {"E": 1, "N": 1, "W": -1, "S": -1, "东经": 1, "北纬": 1, "西经": -1, "南纬": -1}
_NORTHWARDS = ("N", "S", "北纬", "南纬")
_LENGTHS = {
    "": 1.0,
    "m": 1.0,
    "米": 1.0,
    "km": 1000.0,
    "公里": 1000.0,
    "千米": 1000.0,
    "cm": 0.01,
    "厘米": 0.01,
}
_LENGTH = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z米公里千厘]*)", re.IGNORECASE)


class Position(NamedTuple):
    """A place or a way to it.

    Parameters
    ----------
    sort : {"degrees", "metres", "offset"}
        Degrees of longitude and latitude; easting and northing; metres east and north of the last point.
    x, y : float
    """

    sort: Literal["degrees", "metres", "offset"]
    x: float
    y: float


def parse_coordinate(value: object) -> float:
    """A number of degrees or metres from a cell; NaN if it is none.

    Decimal, or degrees, minutes and seconds, with or without a direction, in full-width letters too.

    Examples
    --------
    >>> round(parse_coordinate("东经115°40′12.5″"), 6), parse_coordinate("38,647,222.5")
    (115.670139, 38647222.5)
    """
    if isinstance(value, int | float):
        return float(value)
    sign, text = _direction(_plain(str(value or "")))
    try:
        return sign * float(text.replace(",", ""))
    except ValueError:
        pass
    found = _DEGREES.fullmatch(text)
    if not found:
        return float("nan")
    degrees, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    if minutes >= 60 or seconds >= 60 or degrees > 180:
        return float("nan")
    return (-sign if found[1] == "-" else sign) * (degrees + minutes / 60 + seconds / 3600)


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().replace("′", "'").replace("″", '"')
    return plain.replace("’", "'").replace("”", '"').replace("''", '"')


def _direction(text: str) -> tuple[int, str]:
    for word, sign in _DIRECTIONS.items():
        if text.upper().startswith(word):
            return sign, text[len(word) :].lstrip(": ")
        if text.upper().endswith(word):
            return sign, text[: -len(word)].rstrip()
    return 1, text


def parse_length(text: str) -> float:
    """Metres of a length with or without a unit.

    Raises
    ------
    BadInput
        It is none.

    Examples
    --------
    >>> parse_length("1.5 km"), parse_length("30米")
    (1500.0, 30.0)
    """
    found = _LENGTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None or found[2].casefold() not in _LENGTHS:
        raise BadInput("length_unreadable", text=text)
    return float(found[1]) * _LENGTHS[found[2].casefold()]


def parse_position(text: str) -> Position:
    """A place or a way: ``x, y`` · ``115°40′E 37°43′N`` · ``@east,north`` · ``length<bearing``.

    The bearing is clockwise from north, in degrees. Of two degrees the one above 90 is the longitude,
    wherever it stands; of metres the northing (in China 1.8–6 million) may stand first, as surveyors do.

    Raises
    ------
    BadInput
        It is neither.

    Examples
    --------
    >>> parse_position("@10, -5"), parse_position("100<90").x
    (Position(sort='offset', x=10.0, y=-5.0), 100.0)
    >>> parse_position("北纬37°30′ 东经115°30′")
    Position(sort='degrees', x=115.5, y=37.5)
    """
    plain = _plain(text)
    if "<" in plain:
        length, _, bearing = plain.partition("<")
        angle = math.radians(_number(bearing, text))
        away = parse_length(length)
        return Position("offset", away * math.sin(angle), away * math.cos(angle))
    if plain.startswith("@"):
        east, north = _pair(plain[1:], text)
        return Position("offset", _number(east, text), _number(north, text))
    one, other = _pair(plain, text)
    return _placed(one, other, text)


def _pair(plain: str, text: str) -> tuple[str, str]:
    for separator in (r"\s*[,;、]\s*", r"\s+"):
        parts = re.split(separator, plain.strip())
        if len(parts) == 2:
            return parts[0], parts[1]
    halves = re.fullmatch(r"(.+?[EWNS\"'])\s+(.+)", plain, re.IGNORECASE)
    if halves is None:
        raise BadInput("position_unreadable", text=text)
    return halves[1], halves[2]


def _number(part: str, text: str) -> float:
    number = parse_coordinate(part)
    if math.isnan(number):
        raise BadInput("position_unreadable", text=text)
    return number


def _placed(one: str, other: str, text: str) -> Position:
    a, b = _number(one, text), _number(other, text)
    if abs(a) <= 180 and abs(b) <= 180:
        northward = one.upper().startswith(_NORTHWARDS) or one.upper().endswith(_NORTHWARDS)
        return Position("degrees", *((b, a) if northward or abs(b) > 90 else (a, b)))
    survey = 1.8e6 <= a <= 6e6 and not 1.8e6 <= b <= 6e6
    return Position("metres", *((b, a) if survey else (a, b)))
