"""The map book of a shelter plan: an overview, and a card for each shelter: whom it serves, how full."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from layers.cartography.engrave import letters
from layers.cartography.page import Page
from layers.cartography.sheet import Drawn, Legend, LegendRow, MapSheet, Note, Table, fitting_scale
from layers.cartography.style import Style, Symbol, default_style
from layers.cartography.symbols import Fill, Marker, Stroke
from layers.grid import Extent
from layers.hazards.source import each_once, entries_of
from layers.layer import Shapes, VectorLayer
from layers.progress import Progress, ignore, part
from layers.reports.book import write_book
from layers.siting.plan_rules import judged_by_plan, plan_findings, plan_words, unjudged
from layers.siting.rules import shelter_classes
from layers.siting.shelter_layers import plan_layers, site_table, summary, township_table, with_outside
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelter_routes import Way, ways_of
from layers.storage.geopackage import ProjectFile
from layers.words import Language, listed, say, sentences

BASE = ("lake", "river", "road")
SMALLEST = 2500.0
"""Width of the ground that a card shows at least, m."""
LISTED = 14
FIGURES = ("demand", "assigned", "unmet", "sites", "mean_m", "furthest_m", "fullness")
WAY = Stroke(color="#1f7a8c", width_mm=0.45, cap="round")
PEOPLE = Marker("circle", 1.5, Fill("#d9742b"), Stroke("#ffffff", width_mm=0.15))
SITE = Marker("square", 4.2, Fill("#2e8b57"), Stroke("#ffffff", width_mm=0.25), "shelter")
OTHER = Marker("square", 3.0, Fill("#8fb89f"), Stroke("#ffffff", width_mm=0.2), "shelter")


@dataclass(frozen=True, eq=False)
class BookSubject:
    """What all pages of a plan's book are made of, read once.

    Parameters
    ----------
    plan : ShelterPlan
    ways : tuple of Way
        Of all flows.
    base : tuple of VectorLayer
        From the lowest.
    township, county : VectorLayer or None
    sources : tuple of str
    maker : str
    language : {"zh_CN", "en"}
    """

    plan: ShelterPlan
    ways: tuple[Way, ...]
    base: tuple[VectorLayer, ...]
    township: VectorLayer | None
    county: VectorLayer | None
    sources: tuple[str, ...]
    maker: str
    language: Language


def book_subject(
    project: ProjectFile, plan: ShelterPlan, language: Language, maker: str = "", progress: Progress = ignore
) -> BookSubject:
    """Read what the pages need."""
    ways = ways_of(plan, progress=part(progress, 0.0, 0.6))
    shown = [entry for kind in BASE for entry in entries_of(project, kind)]
    regions = {kind: next(iter(entries_of(project, kind)), None) for kind in ("township", "county")}
    read = {kind: None if entry is None else project.read(entry.name) for kind, entry in regions.items()}
    sources = each_once(entry.provenance.source for entry in (*shown, *filter(None, regions.values())))
    base = tuple(project.read(entry.name) for entry in shown)
    progress(1.0)
    return BookSubject(plan, tuple(ways), base, read["township"], read["county"], sources, maker, language)


def write_shelter_book(
    project: ProjectFile,
    plan: ShelterPlan,
    path: Path,
    language: Language,
    maker: str = "",
    progress: Progress = ignore,
) -> int:
    """The overview on A3 and a card on A4 for each shelter with people, as one PDF; returns the pages.

    Raises
    ------
    CannotWrite
    """
    subject = book_subject(project, plan, language, maker, part(progress, 0.0, 0.1))
    pages = [overview(subject), *cards_of(subject)]
    pages = [replace(page, number=number, count=len(pages)) for number, page in enumerate(pages, start=1)]
    words = (word for page in pages for word in letters(page))
    write_book(pages, words, path, plan.name, progress=part(progress, 0.1, 1.0))
    return len(pages)


def cards_of(subject: BookSubject) -> Iterator[MapSheet]:
    """A card for each shelter that somebody is sent to, the fullest first."""
    load = subject.plan.load
    for site in np.argsort(-load, kind="stable"):
        if load[site] > 0:
            yield card(subject, int(site))


def card(subject: BookSubject, site: int) -> MapSheet:
    """The card of one shelter."""
    plan, language = subject.plan, subject.language
    flows = np.flatnonzero(plan.flows.site == site)
    ways = VectorLayer("way", "", plan.case.sites.crs,
                       Shapes.of([subject.ways[flow].line for flow in flows], "line"),
                       pd.DataFrame(index=pd.RangeIndex(len(flows))))  # fmt: skip
    lived = plan.case.points.xy[plan.flows.point[flows]]
    extent = wide_enough(ways.shapes.extent or _box(plan.xy[[site]]))
    others = np.delete(np.arange(len(plan.row)), site)
    drawn = (
        *base_layers(subject),
        Drawn(ways, Style(symbol=Symbol(stroke=WAY))),
        Drawn(points_layer(plan, lived), Style(symbol=Symbol(marker=PEOPLE))),
        Drawn(points_layer(plan, plan.xy[others]), Style(symbol=Symbol(marker=OTHER))),
        Drawn(points_layer(plan, plan.xy[[site]]), Style(symbol=Symbol(marker=SITE))),
    )
    titles = say("book.card", language, name=plan.names[site])
    tables = _site_figures(subject, site), _served(subject, flows)
    sheet = _sheet(subject, titles, "A4-portrait", extent, drawn, tables)
    return replace(sheet, notes=(*sheet.notes, _judged(subject, site)))


def overview(subject: BookSubject) -> MapSheet:
    """All shelters and the gap of every township, on A3."""
    plan, language = subject.plan, subject.language
    made = {layer.kind: layer for layer in plan_layers(plan, language)}
    order = [kind for kind in ("plan_gap", "plan_allocation", "plan_site") if kind in made]
    styles: dict[str, Style] = {kind: solid(default_style(kind, language)) for kind in order}
    drawn = [Drawn(made[kind], styles[kind]) for kind in order[:1]]
    drawn += base_layers(subject, roads=False)
    drawn += [Drawn(made[kind], styles[kind]) for kind in order[1:]]
    towns = _towns_in_need(plan)
    facts = summary(plan)
    figures = tuple(
        (
            say(f"shelter.figure.{name}", language),
            f"{facts[name]:,.0f} {say(f'shelter.unit.{name}', language)}",
        )
        for name in FIGURES
    )
    ranking = _ranking(plan, language)
    heads = tuple(say(f"evacuation.{name}", language) for name in ("township", "demand", "unmet"))
    names = (say("evacuation.item", language), say("evacuation.value", language))
    tables = (
        Table(say("book.figures", language), names, figures),
        Table(say("book.ranking", language), heads, ranking),
    )
    legend = Legend(say("book.legend", language), tuple(_legend_rows(styles)))
    sheet = _sheet(subject, say("book.overview", language, plan=plan.name), "A3", towns, tuple(drawn), tables)
    return replace(sheet, legends=(legend,))


def _ranking(plan: ShelterPlan, language: Language) -> tuple[tuple[str, str, str], ...]:
    """Townships with the largest gap, the others in one line, and the sum."""
    table = with_outside(plan, township_table(plan), language).sort_values("unmet", ascending=False)
    most, rest = table.head(LISTED), table.iloc[LISTED:]
    rows = [(str(name), float(demand), float(unmet)) for name, demand, unmet in
            most[["name", "demand", "unmet"]].itertuples(index=False)]  # fmt: skip
    if len(rest):
        words = say("book.rest", language, number=len(rest))
        rows.append((words, float(rest["demand"].sum()), float(rest["unmet"].sum())))
    rows.append((say("book.total", language), float(table["demand"].sum()), float(table["unmet"].sum())))
    return tuple((name, f"{demand:,.0f}", f"{unmet:,.0f}") for name, demand, unmet in rows)


def _towns_in_need(plan: ShelterPlan) -> Extent:
    """The box of the townships from which anybody has to go."""
    points = plan.case.points
    concerned = np.unique(points.township[(plan.demand > 0) & (points.township >= 0)])
    boxes = points.towns.shapes.boxes[concerned if len(concerned) else slice(None)]
    whole = Extent(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    return whole.grown(max((SMALLEST - min(whole.width, whole.height)) / 2, 0.0))  # the frame has a rim


def solid(style: Style) -> Style:
    """The style for paper: colours mixed with white instead of shining through, no names, at every scale."""
    classes = tuple(replace(each, symbol=_solid(each.symbol)) for each in style.classes)
    return replace(style, symbol=_solid(style.symbol), classes=classes, label=None, smallest_scale=0.0)


def _solid(symbol: Symbol) -> Symbol:
    fill = symbol.fill
    if fill is None or not fill.opacity:
        return replace(symbol, fill=None)
    parts = (int(fill.color[k : k + 2], 16) for k in (1, 3, 5))
    mixed = "".join(f"{round(255 + (part - 255) * fill.opacity):02x}" for part in parts)
    return replace(symbol, fill=replace(fill, color=f"#{mixed}", opacity=1.0))


def _legend_rows(styles: Mapping[str, Style]) -> Iterator[LegendRow]:
    for kind, style in reversed(list(styles.items())):
        shape = {"plan_site": "point", "plan_allocation": "line"}.get(kind, "polygon")
        for each in style.classes:
            yield LegendRow(each.title, each.symbol, shape)  # type: ignore[arg-type]
        if not style.classes:
            yield LegendRow(style.title, style.symbol, shape)  # type: ignore[arg-type]


def base_layers(subject: BookSubject, *, roads: bool = True) -> list[Drawn]:
    """Water, roads, borders with names."""
    language = subject.language
    drawn = [Drawn(layer, default_style(layer.kind, language)) for layer in subject.base
             if roads or layer.kind != "road"]  # fmt: skip
    for layer in (subject.township, subject.county):
        if layer is not None:
            style = default_style(layer.kind, language)
            named = replace(style.label, smallest_scale=400_000) if style.label else None
            line = replace(style.symbol, fill=None)
            drawn.append(Drawn(layer, replace(style, symbol=line, label=named), dense=False))
    return drawn


def points_layer(plan: ShelterPlan, xy: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> VectorLayer:
    """Places as a layer."""
    table = pd.DataFrame(index=pd.RangeIndex(len(xy)))
    return VectorLayer("place", "", plan.case.sites.crs, Shapes.of(shapely.points(xy), "point"), table)


def wide_enough(extent: Extent) -> Extent:
    """A box with some air, and at least `SMALLEST` wide and high."""
    more = max(
        0.08 * max(extent.width, extent.height), (SMALLEST - min(extent.width, extent.height)) / 2, 100.0
    )
    return extent.grown(more)


def _box(xy: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Extent:
    return Extent(*xy.min(axis=0).tolist(), *xy.max(axis=0).tolist())


def _site_figures(subject: BookSubject, site: int) -> Table:
    line, language = site_table(subject.plan).iloc[site], subject.language
    room = "—" if np.isnan(line["capacity"]) else f"{line['capacity']:,.0f}"
    full = "—" if np.isnan(line["fullness"]) else f"{line['fullness']:.0f} %"
    minutes = line["mean_m"] / subject.plan.case.wish.speed / 60
    if subject.plan.is_resized[site]:
        room_by = "hand"
    else:
        room_by = str(subject.plan.case.sites["room_by"].iloc[subject.plan.row[site]])
    room = room if room == "—" else say(f"book.room_by.{room_by}", language, room=room)
    rows = [("id", str(line["id"])), ("class", _class_words(str(line["class"]), language)),
            ("people", f"{line['people']:,.0f}"), ("capacity", room), ("fullness", full),
            ("mean_m", f"{line['mean_m']:,.0f}"), ("minutes", f"{minutes:.0f}"),
            ("furthest_m", f"{line['furthest_m']:,.0f}")]  # fmt: skip
    heads = (say("evacuation.item", language), say("evacuation.value", language))
    if "priority" in line:
        rows.insert(3, ("priority", f"{line['priority']:,.0f}"))
    told = tuple((say(f"evacuation.{key}", language), value) for key, value in rows)
    return Table(say("book.site", language), heads, told)


def _class_words(name: str, language: Language) -> str:
    """A class, its area a person, and how far that is known."""
    known = next(each for each in shelter_classes() if each.name == name)
    status = say(f"status.{known.status}", language)
    told = known.name if language == "zh_CN" else known.en
    return say("book.class", language, name=told, area=f"{known.area_per_person:g}", status=status)


def _judged(subject: BookSubject, site: int) -> Note:
    """Which rules an open shelter passed, and which it was not held to."""
    plan, language = subject.plan, subject.language
    row, open_rows = int(plan.row[site]), judged_by_plan(plan)
    missing = [rule for rule, _ in unjudged(plan.case, row, language, open_rows)]
    found = plan.case.judgement.findings
    rules = [
        str(rule) for rule in found[(found["site"] == row) & found["passes"]]["rule"] if rule not in missing
    ]
    told = [(each.rule, plan_words(each, language)) for each in plan_findings(plan) if each.site == site]
    words = say("book.judged", language, passed=listed(rules, language) or "—",
                unjudged=listed(missing, language) or "—")  # fmt: skip
    return Note(
        say("book.rules", language), sentences([words, *(f"{rule} {said}" for rule, said in told)], language)
    )


def _served(subject: BookSubject, flows: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Table:
    """Whom the shelter serves, the largest groups first; the rest in one line."""
    plan, language = subject.plan, subject.language
    order = flows[np.argsort(-plan.flows.people[flows], kind="stable")]
    rows = [(plan.case.points.names[plan.flows.point[flow]], f"{plan.flows.people[flow]:,.0f}",
             f"{plan.flows.cost[flow]:,.0f}") for flow in order[:LISTED]]  # fmt: skip
    if len(order) > LISTED:
        rest = order[LISTED:]
        rows.append(
            (say("book.more", language, number=len(rest)), f"{plan.flows.people[rest].sum():,.0f}", "")
        )
    heads = tuple(say(f"evacuation.{name}", language) for name in ("place", "people", "metres"))
    return Table(say("book.served", language), heads, tuple(rows))


def _sheet(
    subject: BookSubject,
    title: str,
    page: str,
    extent: Extent,
    drawn: tuple[Drawn, ...],
    tables: tuple[Table, ...],
) -> MapSheet:
    plan, language = subject.plan, subject.language
    paper = Page.of(page)
    crs = plan.case.sites.crs
    centre, scale = fitting_scale(extent, paper, crs)
    rows = (LegendRow(say("book.here", language), Symbol(marker=SITE), "point"),
            LegendRow(say("book.other", language), Symbol(marker=OTHER), "point"),
            LegendRow(say("book.people", language), Symbol(marker=PEOPLE), "point"),
            LegendRow(say("book.way", language), Symbol(stroke=WAY), "line"))  # fmt: skip
    return MapSheet(
        title=title,
        subtitle=f"{plan.name} · {plan.case.wish.scenario.title(language)}",
        page=paper,
        crs=crs,
        centre=centre,
        scale=scale,
        layers=drawn,
        legends=(Legend(say("book.legend", language), rows),),
        tables=tables,
        notes=tuple(notes(subject)),
        maker=subject.maker or say("risksheet.no_maker", language),
        date=today(language),
        stamp=say("risksheet.internal", language),
        language=language,
        warning=say("risksheet.synthetic", language) if plan.case.is_synthetic else "",
        keywords=("shelters",),
    )


def notes(subject: BookSubject) -> Iterator[Note]:
    """Sources, how the plan was found, what is assumed."""
    plan, language = subject.plan, subject.language
    yield Note(say("risksheet.sources", language), sentences(subject.sources, language))
    gap = "" if plan.gap != plan.gap else f"  {say('evacuation.gap', language)} {plan.gap:.2%}"
    goal = say(f"shelter.objective.{plan.case.wish.objective}", language)
    yield Note(say("risksheet.method", language), f"{goal} · {say(f'siting.{plan.status}', language)}{gap}")
    yield Note(say("evacuation.caution", language), say("evacuation.caution_words", language))


def today(language: Language) -> str:
    """The date as it is printed."""
    day = date.today()  # noqa: DTZ011  the office's own day
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh_CN" else day.isoformat()
