"""Risk sheet: the risk of one hazard in one county, or in the city, composed as a map sheet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.cartography.floodsheet import MOST_ROWS, Flood, ranking_title
from layers.cartography.graded import interval_words
from layers.cartography.legend import PatchShape
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
from layers.hazards.model import used_parameters
from layers.hazards.rasterise import burn
from layers.hazards.source import each_once, entries_of
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.risk.assessment import RiskResult, risk_result
from layers.risk.evacuation_units import BY_UNIT
from layers.risk.grades import GRADE_KEYS, RiskGrade
from layers.risk.loss import loss_result
from layers.risk.naming import unit_words
from layers.storage.geopackage import ProjectFile
from layers.words import Language, say

CITY = "all"
_BASE = ("lake", "river", "road")


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
    flood : Flood or None
        The scenario, whose depths are shown in place of risk grades.
    hatched : bool
        Grades, or depths, are told apart by hatches too, for printers without colour.
    """

    result: RiskResult
    county: VectorLayer
    township: VectorLayer | None
    base: tuple[VectorLayer, ...]
    synthetic: bool
    base_sources: tuple[str, ...]
    flood: Flood | None = None
    hatched: bool = False

    def style(self, language: Language) -> Style:
        """Of the grades, on the map and in its legend."""
        return grade_style(self.result.hazard, language, for_print=self.hatched)

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the counties, in order."""
        return tuple(sorted(self.county["code"].astype(str)))


def risk_subject(
    project: ProjectFile, hazard: str, progress: Progress = ignore, *, hatched: bool = False
) -> RiskSubject:
    """Read and assess all that the sheets of a hazard need."""
    result = risk_result(project, hazard, part(progress, 0.0, 0.8))
    counties, townships = entries_of(project, "county"), entries_of(project, "township")
    shown = [entry for kind in _BASE for entry in entries_of(project, kind)]
    every = [*shown, *townships, *counties]
    subject = RiskSubject(
        result=result,
        county=project.read(counties[0].name),
        township=project.read(townships[0].name) if townships else None,
        base=tuple(project.read(entry.name) for entry in shown),
        synthetic=result.synthetic or any(entry.provenance.synthetic for entry in every),
        base_sources=tuple(e.provenance.source for e in every if e.provenance.source),
        flood=_flood(project, result, hatched),
        hatched=hatched,
    )
    progress(1.0)
    return subject


def _flood(project: ProjectFile, result: RiskResult, hatched: bool) -> Flood | None:
    depth = result.hazard_result.intensity
    if result.hazard != "inundation" or depth is None:
        return None
    roads = entries_of(project, "closed_road")
    lost = loss_result(project, result.hazard, vulnerability=result.vulnerability)
    units = [entry for kind in BY_UNIT.values() for entry in entries_of(project, kind)]
    read = [project.read(found[0].name) if found else None for found in (roads, units)]
    return Flood(depth, lost, read[0], read[1], hatched)


def risk_sheet(
    project: ProjectFile,
    hazard: str,
    region: str,
    *,
    page: str = "A3",
    language: Language = "zh_CN",
    maker: str = "",
    review_number: str = "",
    hatched: bool = False,
) -> MapSheet:
    """The risk map of a county (by code) or of the city (``all``), `hatched` for printers without colour.

    Raises
    ------
    BadInput
        No county has the code, it has no area, or a layer that the hazard needs is missing.
    """
    subject = risk_subject(project, hazard, hatched=hatched)
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
    if extent is None:
        raise BadInput("region_without_area", region=region_name(subject, region, language))
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
        legends=(_theme_legend(subject, region, language), _base_legend(subject, language)),
        tables=(_ranking(subject, region, language),),
        inset=None if region == CITY else Inset(say("risksheet.inset", language), subject.county, region),
        notes=tuple(_notes(subject, region, language)),
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
    if subject.flood is not None:
        yield subject.flood.drawn(_within(subject.county, subject.flood.depth), language)
    else:
        yield Drawn(*_with_unknown(subject, subject.style(language)))
    for layer in subject.base:
        yield Drawn(layer, default_style(layer.kind, language))
    if subject.township is not None:
        township = default_style("township", language)
        yield Drawn(subject.township, _named(township, region != CITY), dense=False)
    county = default_style("county", language)
    yield Drawn(subject.county, _named(county, region == CITY), dense=False)
    if subject.flood is not None:
        yield from subject.flood.over(language)


def _within(regions: VectorLayer, grid: Grid) -> NDArray[np.bool_]:
    """Which cells lie in the regions."""
    cells: NDArray[np.bool_] = np.isfinite(burn(regions.shapes, np.ones(len(regions)), grid.lattice))
    return cells


def _with_unknown(subject: RiskSubject, style: Style) -> tuple[Grid, Style]:
    """No data is hatched within the regions; beyond them nothing was asked, so nothing is drawn."""
    grades = subject.result.grades
    inside = _within(subject.county, grades)
    shown = np.where(inside, np.nan_to_num(grades.values, nan=0.0), np.nan)
    unknown = StyleClass(style.symbol, style.other, 0.0)
    return grades.like(shown), replace(style, symbol=Symbol(), classes=(*style.classes, unknown), other="")


def _named(style: Style, named: bool) -> Style:
    """Borders; and names of townships on a county's sheet, of counties on the city's."""
    label = replace(style.label, smallest_scale=0.0) if style.label and named else None
    return replace(style, symbol=replace(style.symbol, fill=None), label=label, smallest_scale=0.0)


def _theme_legend(subject: RiskSubject, region: str, language: Language) -> Legend:
    if subject.flood is None:
        return _grade_legend(subject, region, language)
    areas = _areas(subject, region, subject.flood.coded())
    return subject.flood.legend(_lost(subject.flood, region), areas, language)


def _lost(flood: Flood, region: str) -> Mapping[str, int]:
    """The numbers of a county, or of the city."""
    return flood.loss.row("county", region)


def _grade_legend(subject: RiskSubject, region: str, language: Language) -> Legend:
    """Grades from high to low with their bounds and what lies in them; then no data."""
    style = subject.style(language)
    people = _people(subject.result.by_county, region)
    areas = _areas(subject, region, subject.result.grades)
    rows = []
    for each in (*style.classes, StyleClass(style.symbol, style.other, 0.0)):
        grade = int(each.value or 0)
        bounds = interval_words(*subject.result.scale.interval(RiskGrade(grade))) if grade else ""
        cells = (bounds, f"{people[grade]:,.0f}", f"{areas[grade]:,.1f}")
        rows.append(LegendRow(each.title, each.symbol, cells=cells))
    heads = tuple(say(f"risksheet.{head}", language) for head in ("grade", "bounds", "people", "area"))
    return Legend(say("risksheet.legend", language), tuple(rows), heads)


def _people(table: pd.DataFrame, region: str) -> list[int]:
    """People by grade of their cell: no data first, then from low to high."""
    rows = table if region == CITY else table[table["code"] == region]
    return [int(rows[f"people_{key}"].sum()) for key in ("nodata", *GRADE_KEYS)]


def _areas(subject: RiskSubject, region: str, grades: Grid) -> NDArray[np.float64]:
    """Area by grade or depth class in km², first where none is known: the region's own, shared as its cells
    are. Dry ground, class 0, is in none.
    """
    focus = _focus(subject, region)
    found = grades.values[_within(focus, grades)]
    codes = np.where(np.isnan(found), 0, np.where(found > 0, found, 6)).astype(np.intp)
    cells = np.bincount(codes, minlength=7)
    area = float(shapely.area(focus.shapes.geometries()).sum()) / 1e6
    shares: NDArray[np.float64] = cells[:6] / max(cells.sum(), 1) * area
    return shares


def _base_legend(subject: RiskSubject, language: Language) -> Legend:
    rows: dict[str, LegendRow] = {}
    for kind in ("county", "township", *dict.fromkeys(layer.kind for layer in subject.base)):
        style = default_style(kind, language)
        shape: PatchShape = "polygon" if kind == "lake" else "line"
        symbols = [(c.title, c.symbol) for c in style.classes] or [(style.title, style.symbol)]
        for title, symbol in symbols:
            lined = replace(symbol, fill=None) if kind in {"county", "township"} else symbol
            rows.setdefault(title, LegendRow(title, lined, shape))
    marks = () if subject.flood is None else tuple(subject.flood.marks(language))
    return Legend(say("risksheet.base", language), (*marks, *rows.values()), columns=2)


def _ranking(subject: RiskSubject, region: str, language: Language) -> Table:
    """The townships of the county, or the counties of the city, with the most affected first."""
    result = subject.result
    codes = _townships(subject, region)
    unit = "county" if codes is None else "township"
    if subject.flood is not None:
        return subject.flood.table(unit, codes, language)
    table = result.by_county if codes is None else result.by_township
    table = table if codes is None else table[table["code"].isin(codes)]
    ranked = table.sort_values("risk", ascending=False).head(MOST_ROWS)
    most = float(np.nan_to_num(ranked["risk"].max())) or 1.0
    colours = {c.value: c.symbol.fill.color for c in grade_style("", language).classes if c.symbol.fill}
    heads = tuple(say(f"risksheet.{head}", language) for head in (unit, "grade", "affected", "density"))
    return Table(
        ranking_title(f"risksheet.ranking_{unit}", len(table), language),
        heads,
        tuple(
            (
                str(row["name"]),
                say(f"grade.{('nodata', *GRADE_KEYS)[int(row['grade'])]}", language),
                f"{row['affected_people']:,.0f}",
                "—" if np.isnan(row["risk"]) else f"{row['risk']:,.1f}",
            )
            for _, row in ranked.iterrows()
        ),
        tuple(
            Bar(float(np.nan_to_num(row["risk"])) / most, colours.get(float(row["grade"]), "#999999"))
            for _, row in ranked.iterrows()
        ),
    )


def _townships(subject: RiskSubject, region: str) -> "pd.Series[str] | None":
    """Codes of the townships of a county; None for the city, whose counties are told."""
    if region == CITY or subject.township is None:
        return None
    held = subject.township["county_code"].astype(str) == region
    codes: pd.Series[str] = subject.township.attributes.loc[held, "code"].astype(str)
    return codes


def _notes(subject: RiskSubject, region: str, language: Language) -> Iterator[Note]:
    result = subject.result
    if subject.flood is not None:
        inside = _within(_focus(subject, region), subject.flood.depth)
        yield from subject.flood.notes(_lost(subject.flood, region), inside, language)
    between, after = ("；", "") if language == "zh_CN" else ("; ", " ")
    sources = each_once((*result.sources, *subject.base_sources))
    yield Note(say("risksheet.sources", language), between.join(sources))
    status = say(f"status.{result.scale.status}", language)
    limits = (*(say(key, language) for key in result.notes), say("risksheet.scale", language, status=status))
    yield Note(say("risksheet.method", language), after.join(limits))
    told = between.join(_parameters(result, language))
    if told:
        yield Note(say("risksheet.parameters", language), told)
    yield Note(say("risksheet.crs_head", language), say("risksheet.crs", language, crs=subject.county.crs))


def _parameters(result: RiskResult, language: Language) -> Iterator[str]:
    """The numbers that were chosen, each with its unit and how far it is sure."""
    for model in (result.hazard_result.model, result.vulnerability):
        for each in () if model is None else used_parameters(model):
            name = say(f"parameter.{model.name}.{each.name}", language) if model else ""
            value = say(f"choice.{each.value}", language) if each.choices else _number(each.value)
            status = say(f"status.{each.status}", language)
            yield say(
                "risksheet.parameter",
                language,
                name=name,
                value=f"{value} {unit_words(each.unit, language)}".strip(),
                status=status,
            )


def _number(value: float) -> str:
    """A parameter as one reads it: three figures after the point, or three that count."""
    return f"{value:.3g}" if abs(value) < 1 else f"{round(value, 3):.10g}"


def _today(language: Language) -> str:
    today = date.today()  # noqa: DTZ011  the office's own day
    return f"{today.year}年{today.month}月{today.day}日" if language == "zh_CN" else today.isoformat()
