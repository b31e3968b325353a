"""Styles of stored results: intensities and risks in the colours of their grades, by the printed bounds."""

import math
from functools import cache

from layers.cartography.style import Style, StyleClass, grade_style
from layers.census.catalogue import catalogue
from layers.risk.grades import RiskGrade, RiskScale, scale_of
from layers.risk.hazard import HAZARD_NAMES, model_of
from layers.risk.naming import unit_words
from layers.words import Language, say


def interval_words(low: float, high: float) -> str:
    """Bounds as a legend prints them.

    Examples
    --------
    >>> interval_words(-math.inf, 20.0), interval_words(20.0, 100.0), interval_words(800.0, math.inf)
    ('< 20', '20 – 100', '≥ 800')
    """
    if math.isinf(low):
        return f"< {high:g}"
    return f"≥ {low:g}" if math.isinf(high) else f"{low:g} – {high:g}"


@cache
def scale_of_result(kind: str) -> RiskScale | None:
    """The scale of a stored raster of kind ``hazard_H`` or ``risk_H``; None for any other kind."""
    use, _, hazard = kind.partition("_")
    if hazard not in HAZARD_NAMES or use not in {"hazard", "risk"}:
        return None
    model = model_of(hazard)
    if model is None:
        return None
    return scale_of(f"affected_people_{hazard}" if use == "risk" else model.measure.name)


@cache
def result_style(kind: str, language: Language = "zh_CN") -> Style | None:
    """The style of a stored result: one class a grade, high to low, no data not drawn.

    Parameters
    ----------
    kind : str
        ``hazard_H`` or ``risk_H``.
    language : {"zh_CN", "en"}
        Of the legend.

    Returns
    -------
    Style or None
        None if the kind is no stored result.

    Notes
    -----
    A raster fills its box, of which only the regions were asked about: no data is left blank here. Sheets,
    which know the regions, hatch it within them.
    """
    scale = scale_of_result(kind)
    if scale is None or kind == "hazard_inundation":  # depths have colours of their own, and dry ground none
        return None
    graded = grade_style("", language)
    classes = tuple(_by_bounds(each, scale) for each in graded.classes)
    words = unit_words(scale.measure.unit, language)
    unit = say("style.in_unit", language, unit=words) if words else ""
    title = f"{catalogue()[kind].title(language)}{unit}"
    return Style(kind="graduated", classes=classes, title=title)


def _by_bounds(each: StyleClass, scale: RiskScale) -> StyleClass:
    """The class of a grade by its bounds; a value on a bound belongs to the worse grade."""
    assert isinstance(each.value, float)
    low, high = scale.interval(RiskGrade(int(each.value)))
    title = f"{each.title}  {interval_words(low, high)}"
    if scale.measure.worse == "lower":
        low, high = math.nextafter(low, math.inf), math.nextafter(high, math.inf)
    return StyleClass(each.symbol, title, None, low, high)
