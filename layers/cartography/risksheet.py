"""Risk sheet: the risk of one hazard in one county, or in the city, composed as a map sheet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from layers.cartography.page import Page
from layers.cartography.sheet import (
    Bar,
    Drawn,
    Inset,
    Legend,
    LegendRow,
    MapSheet,
    Note,
    Table,
    fitting_scale,
)
from layers.cartography.style import Style, StyleClass, Symbol, default_style, grade_style
from layers.errors import BadInput
from layers.grid import Grid
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.risk.assessment import RiskResult, risk_result
from layers.risk.grades import GRADE_KEYS, RiskGrade
from layers.risk.inputs import burn, layers_of, needed
from layers.storage.geopackage import ProjectFile
from layers.words import Language, say

CITY = "all"
_BASE = ("lake", "river", "road")
_TABLE_ROWS = 14


@dataclass(frozen=True, eq=False)
class RiskSubject:
    """What all sheets of one hazard are made of, read once.

    Parameters
    ----------
    result : RiskResult
    county, township : VectorLayer
    base : tuple of VectorLayer
        Lakes, rivers, roads, from the lowest.
    synthetic : bool
        Some layer on the sheet is synthetic.
    base_sources : tuple of str
    """

    result: RiskResult
    county: VectorLayer
    township: VectorLayer | None
    base: tuple[VectorLayer, ...]
    synthetic: bool
    base_sources: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the counties, in order."""
        return tuple(sorted(self.county["code"].astype(str)))


def risk_subject(project: ProjectFile, hazard: str, progress: Progress = ignore) -> RiskSubject:
    """Read and assess all that the sheets of a hazard need."""
    result = risk_result(project, hazard, part(progress, 0.0, 0.8))
    townships = layers_of(project, "township")
    shown = [entry for kind in _BASE for entry in layers_of(project, kind)]
    every = [*shown, *townships, *layers_of(project, "county")]
    subject = RiskSubject(
        result=result,
        county=project.read(needed(project, "county")[0].name),
        township=project.read(townships[0].name) if townships else None,
        base=tuple(project.read(entry.name) for entry in shown),
        synthetic=result.synthetic or any(entry.provenance.synthetic for entry in every),
        base_sources=tuple(e.provenance.source for e in every if e.provenance.source),
    )
    progress(1.0)
    return subject


def risk_sheet(
    project: ProjectFile,
    hazard: str,
    region: str,
    *,
    page: str = "A3",
    language: Language = "zh_CN",
    maker: str = "",
    review_number: str = "",
) -> MapSheet:
    """The risk map of a county (by code) or of the city (``all``).

    Raises
    ------
    BadInput
        No county has the code, or a layer that the hazard needs is missing.
    """
    subject = risk_subject(project, hazard)
    return compose(subject, region, page=page, language=language, maker=maker, review_number=review_number)


def compose(
    subject: RiskSubject,
    region: str,
    *,
    page: str = "A3",
    language: Language = "zh_CN",
    maker: str = "",
    review_number: str = "",
    number: int = 0,
    count: int = 0,
) -> MapSheet:
    """One sheet of a subject; see `risk_sheet`. `number` of `count` is its place in a series."""
    focus = _focus(subject, region)
    paper = Page.of(page)
    extent = focus.shapes.extent
    assert extent is not None
    centre, scale = fitting_scale(extent, paper, subject.county.crs)
    hazard = subject.result.hazard
    return MapSheet(
        title=say(f"risksheet.title_{hazard}", language, region=region_name(subject, region, language)),
        subtitle=say("risksheet.subtitle", language),
        page=paper,
        crs=subject.county.crs,
        centre=centre,
        scale=scale,
        layers=tuple(_drawn(subject, region, language)),
        focus=focus,
        legends=(_grade_legend(subject, region, language), _base_legend(subject, language)),
        tables=(_ranking(subject, region, language),),
        inset=None
        if region == CITY
        else Inset(say("risksheet.inset", language), subject.county, region),
        notes=tuple(_notes(subject, language)),
        maker=maker or say("risksheet.no_maker", language),
        date=_today(language),
        stamp=review_number or say("risksheet.internal", language),
        number=number,
        count=count,
        language=language,
        warning=say("risksheet.synthetic", language) if subject.synthetic else "",
        keywords=(hazard, region),
    )


def region_name(subject: RiskSubject, region: str, language: Language) -> str:
    """The county's name, or the words for the whole city."""
    if region == CITY:
        return say("risksheet.city", language)
    return str(_focus(subject, region)["name"].iloc[0])


def _focus(subject: RiskSubject, region: str) -> VectorLayer:
    if region == CITY:
        return subject.county
    rows = (subject.county["code"].astype(str) == region).to_numpy()
    if not rows.any():
        raise BadInput("region_unknown", region=region)
    return subject.county.take(rows)


def _drawn(subject: RiskSubject, region: str, language: Language) -> Iterator[Drawn]:
    style = grade_style(subject.result.hazard, language)
    yield Drawn(*_hatched(subject, style))
    for layer in subject.base:
        yield Drawn(layer, default_style(layer.kind, language))
    if subject.township is not None:
        township = default_style("township", language)
        yield Drawn(subject.township, _named(township, region != CITY), dense=False)
    county = default_style("county", language)
    yield Drawn(subject.county, _named(county, region == CITY), dense=False)


def _hatched(subject: RiskSubject, style: Style) -> tuple[Grid, Style]:
    """No data is hatched within the regions; beyond them nothing was asked, so nothing is drawn."""
    grades = subject.result.grades
    inside = np.isfinite(burn(grades.lattice, subject.county, touched=True))
    shown = np.where(inside, np.nan_to_num(grades.values, nan=0.0), np.nan)
    unknown = StyleClass(style.symbol, style.other, 0.0)
    return grades.like(shown), replace(style, symbol=Symbol(), classes=(*style.classes, unknown), other="")


def _named(style: Style, named: bool) -> Style:
    """Borders; and names of townships on a county's sheet, of counties on the city's."""
    label = replace(style.label, smallest_scale=0.0) if style.label and named else None
    return replace(style, symbol=replace(style.symbol, fill=None), label=label, smallest_scale=0.0)


def _grade_legend(subject: RiskSubject, region: str, language: Language) -> Legend:
    """Grades from high to low with their bounds and what lies in them; then no data."""
    style = grade_style(subject.result.hazard, language)
    sums = _sums(subject.result.by_county, region)
    ranges = subject.result.scale.ranges()
    rows = [
        LegendRow(
            each.title,
            each.symbol,
            cells=(_range(*ranges[int(each.value or 0) - 1]), *_amounts(sums, GRADE_KEYS[int(each.value or 0) - 1])),
        )
        for each in style.classes
    ]
    rows.append(LegendRow(style.other, style.symbol, cells=("", *_amounts(sums, "nodata"))))
    heads = tuple(say(f"risksheet.{head}", language) for head in ("grade", "bounds", "people", "area"))
    return Legend(say("risksheet.legend", language), tuple(rows), heads)


def _amounts(sums: "pd.Series[float]", grade: str) -> tuple[str, str]:
    return f"{sums[f'population_{grade}']:,.0f}", f"{sums[f'area_km2_{grade}']:,.1f}"


def _sums(table: pd.DataFrame, region: str) -> "pd.Series[float]":
    rows = table if region == CITY else table[table["code"] == region]
    return rows.select_dtypes("number").sum()


def _range(low: float, high: float) -> str:
    if not np.isfinite(low):
        return f"< {high:g}"
    return f"≥ {low:g}" if not np.isfinite(high) else f"{low:g} – {high:g}"


def _base_legend(subject: RiskSubject, language: Language) -> Legend:
    rows: dict[str, LegendRow] = {}
    for kind in ("county", "township", *dict.fromkeys(layer.kind for layer in subject.base)):
        style = default_style(kind, language)
        shape = "area" if kind == "lake" else "line"
        symbols = [(c.title, c.symbol) for c in style.classes] or [(style.title, style.symbol)]
        for title, symbol in symbols:
            lined = replace(symbol, fill=None) if kind in {"county", "township"} else symbol
            rows.setdefault(title, LegendRow(title, lined, shape))
    return Legend(say("risksheet.base", language), tuple(rows.values()), columns=2)


def _ranking(subject: RiskSubject, region: str, language: Language) -> Table:
    """The townships of the county, or the counties of the city, with the most affected first."""
    result = subject.result
    if region == CITY or subject.township is None:
        table, unit = result.by_county, "county"
    else:
        held = subject.township["county_code"].astype(str) == region
        codes = subject.township.attributes.loc[held, "code"].astype(str)
        table, unit = result.by_township[result.by_township["code"].isin(codes)], "township"
    table = table[table["code"] != "outside"]
    ranked = table.sort_values("affected_per_km2", ascending=False).head(_TABLE_ROWS)
    most = float(ranked["affected_per_km2"].max() or 1)
    colours = {c.value: c.symbol.fill.color for c in grade_style("", language).classes if c.symbol.fill}
    heads = tuple(say(f"risksheet.{head}", language) for head in (unit, "grade", "affected", "density"))
    return Table(
        say(f"risksheet.ranking_{unit}", language),
        heads,
        tuple(
            (
                str(row["name"]),
                say(f"grade.{row['grade']}", language),
                f"{row['affected_people_total']:,.0f}",
                f"{row['affected_per_km2']:,.1f}",
            )
            for _, row in ranked.iterrows()
        ),
        tuple(
            Bar(
                float(row["affected_per_km2"]) / most if most else 0.0,
                colours.get(_grade_number(row["grade"]), "#999999"),
            )
            for _, row in ranked.iterrows()
        ),
    )


def _grade_number(key: str) -> float:
    return float(next((grade for grade in RiskGrade if grade.key == key), 0))


def _notes(subject: RiskSubject, language: Language) -> Iterator[Note]:
    result = subject.result
    sources = dict.fromkeys(s for s in (*result.sources, *subject.base_sources) if s)
    scale = result.scale
    yield Note(say("risksheet.sources", language), "；".join(sources))
    yield Note(
        say("risksheet.method", language),
        "".join(say(key, language) for key in result.notes)
        + say("risksheet.scale", language, status=say(f"status.{scale.status}", language)),
    )
    yield Note(say("risksheet.crs_head", language), say("risksheet.crs", language, crs=subject.county.crs))


def _today(language: Language) -> str:
    today = date.today()  # noqa: DTZ011  the office's own day
    return f"{today.year}年{today.month}月{today.day}日" if language == "zh_CN" else today.isoformat()
