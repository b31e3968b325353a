"""Village cards: for each place where to go, by which roads, how long, with a map; four on a page."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from matplotlib.path import Path as Outline

from layers.cartography import typeface
from layers.cartography.page import Box, Page
from layers.cartography.plate import INK, RULE, SOFT, Plate
from layers.errors import BadInput
from layers.grid import Array, Extent
from layers.progress import Progress, ignore, part
from layers.reports.book import write_book
from layers.reports.shelter_book import BookSubject, book_subject, today, wide_enough
from layers.siting.arcs import Index
from layers.siting.rules import siting_rules
from layers.siting.served_first import group_words, served_first
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelters import ShelterCase
from layers.storage.geopackage import ProjectFile
from layers.words import Language, dictionary, say

EACH = 4
"""Cards on a page."""
MOST_PLACES = 3000
HIGH, TOP, LEFT, WIDE = 96.5, 400.0, 15.0, 267.0
MAP = 112.0
ROAD, WATER, WAY, START, SITE = "#c9c2b4", "#a9d0ea", "#1f7a8c", "#d9742b", "#2e8b57"
MOST_FLOWS = 3
NORTH = "N ↑"
NEAR = 500.0
"""Who walks no further, m, needs no roads named."""
HEAD, FLOW, ROADS, NOTE, FOOT = 28.0, 13.0, 4.6, 5.0, 4.0
"""Heights on a card, mm: its heading, a shelter, a line of its roads, a note, and what stays free."""


def write_village_cards(
    project: ProjectFile,
    plan: ShelterPlan,
    path: Path,
    language: Language,
    region: str = "all",
    progress: Progress = ignore,
) -> int:
    """Cards of the places of a region (a county's or township's code, or ``all``); returns how many.

    Raises
    ------
    BadInput
        No such region, nobody in need there, or too many places for one file.
    CannotWrite
    """
    places = places_in(plan.case, region)
    subject = book_subject(project, plan, language, progress=part(progress, 0.0, 0.1))
    cards = VillageCards(subject)
    groups = [places[start : start + EACH] for start in range(0, len(places), EACH)]
    pages = [partial(cards.page, group, number, len(groups)) for number, group in enumerate(groups, 1)]
    write_book(pages, cards.words(places), path, plan.name, progress=part(progress, 0.1, 1.0))
    return len(places)


def places_in(case: ShelterCase, region: str) -> Index:
    """Demand points with anybody in need in a region, by township and name: known before a plan is.

    Raises
    ------
    BadInput
        Nobody is in need there, or there are too many places for one file.
    """
    points = case.points
    towns = points.towns
    known = [k for k in range(len(towns)) if region in ("all", towns.codes[k], towns.parents[k])]
    rows = np.flatnonzero(np.isin(points.township, known) & (case.people > 0))
    if not len(rows):
        raise BadInput("cards_none", region=region)
    if len(rows) > MOST_PLACES:
        raise BadInput("cards_many", places=len(rows), most=MOST_PLACES)
    order = sorted(rows.tolist(), key=lambda row: (points.township[row], points.names[row]))
    return np.array(order, np.int64)


def road_lines(shelters: int, notes: int, height: float) -> int:
    """How many lines of roads each shelter of a card may have: what its height leaves, three at most.

    Examples
    --------
    >>> road_lines(1, 0, 90.5), road_lines(3, 1, 90.5), road_lines(2, 2, 90.5)
    (3, 1, 2)
    """
    free = height - HEAD - FOOT - shelters * FLOW - notes * NOTE
    return min(int(free / ROADS) // max(shelters, 1), 3)


class VillageCards:
    """Draws cards; roads and water are looked up once."""

    def __init__(self, subject: BookSubject) -> None:
        self._subject, self._plan, self._language = subject, subject.plan, subject.language
        self._first = served_first(subject.plan)
        self._minutes = None if self._first is None else self._first.minutes(subject.plan)
        lines = {layer.kind: layer.shapes.geometries() for layer in subject.base}
        self._under = [(kind, lines[kind], shapely.STRtree(lines[kind])) for kind in ("lake", "river", "road")
                       if kind in lines]  # fmt: skip

    def words(self, places: Index) -> Iterator[str]:
        """All that is written on the cards."""
        yield from dictionary(self._language).values()
        yield from (self._plan.case.points.names[place] for place in places)
        yield from self._plan.names
        yield from (road for way in self._subject.ways for road in way.roads)
        yield self._plan.name + NORTH
        for group in self._plan.case.wish.priority:
            yield group.zh + group.en

    def page(self, places: Index, number: int, count: int) -> Plate:
        """A page of cards."""
        plate = Plate(Page("A4", portrait=True))
        for place, row in enumerate(places.tolist()):
            self._card(plate, row, Box(LEFT, TOP - (place + 1) * HIGH, WIDE, HIGH - 6))
        event = self._plan.case.wish.scenario.title(self._language)
        status = next(rule.status for rule in siting_rules() if rule.id == "S19")
        told = say(f"status.{status}", self._language)
        basis = say("village.basis", self._language, speed=f"{self._plan.case.wish.speed:g}", status=told)
        foot = f"{self._plan.name} · {event} · {today(self._language)} · {basis}{self._slow_basis()}"
        plate.text(LEFT, 8, typeface.shortened(foot, 8, WIDE - 30), 8, color=SOFT)
        plate.text(LEFT + WIDE, 8, f"{number} / {count}", 8, anchor="right", color=SOFT)
        if self._plan.case.is_synthetic:
            plate.text(LEFT, 404, say("risksheet.synthetic", self._language), 8, color="#b3261e")
        return plate

    def _slow_basis(self) -> str:
        """How fast priority groups are taken to walk."""
        speeds = sorted({group.speed for group in self._plan.case.wish.priority})
        if not speeds:
            return ""
        told = "–".join(f"{speed:g}" for speed in (speeds if len(speeds) == 1 else (speeds[0], speeds[-1])))
        return say("village.slow_basis", self._language, speed=told)

    def _card(self, plate: Plate, place: int, box: Box) -> None:
        plan, tell = self._plan, partial(say, language=self._language)
        flows = np.flatnonzero(plan.flows.point == place)
        flows = flows[np.argsort(-plan.flows.people[flows], kind="stable")]
        shown = flows if len(flows) <= MOST_FLOWS else flows[: MOST_FLOWS - 1]
        others = flows[len(shown) :]
        plate.box(box, line=RULE, width=0.3)
        x, y, room = box.x + 6, box.top - 12, box.width - MAP - 20
        plate.text(x, y, typeface.shortened(plan.case.points.names[place], 18, room), 18)
        people = tell("village.people", number=f"{plan.demand[place]:,.0f}") + self._priority_of(place)
        plate.text(x, y - 8, typeface.shortened(people, 11, room), 11, color=SOFT)
        notes = []
        if len(others):
            more = f"{plan.flows.people[others].sum():,.0f}"
            notes.append((tell("village.others", number=more, sites=len(others)), INK))
        if plan.unmet[place] > 0:
            key = "village.unmet" if len(flows) else "village.nowhere"
            notes.append((tell(key, number=f"{plan.unmet[place]:,.0f}"), "#b3261e"))
            if self._first is not None and self._first.unmet[:, place].any():
                left = group_words(plan, self._first.unmet[:, place], self._language)
                notes.append((tell("village.priority_unmet", groups=left), "#b3261e"))
        slower = sum(bool(self._slow(flow)) for flow in shown.tolist())
        y, lines = box.top - HEAD, road_lines(len(shown), len(notes) + slower, box.height)
        for flow in shown.tolist():
            y = self._flow(plate, flow, x, y, room, lines)
        for words, colour in notes:
            plate.text(x, y, typeface.shortened(words, 9.5, room), 9.5, color=colour)
            y -= NOTE
        frame = Box(box.right - MAP - 4, box.y + 4, MAP, box.height - 8)
        self._map(plate, place, flows, frame)

    def _flow(self, plate: Plate, flow: int, x: float, y: float, room: float, most: int) -> float:
        """Where some people go: shelter, number, way; returns where the next line stands."""
        plan, language = self._plan, self._language
        plate.text(x, y, typeface.shortened(plan.names[plan.flows.site[flow]], 13, room), 13, color=SITE)
        metres = plan.flows.cost[flow]
        facts = {"people": f"{plan.flows.people[flow]:,.0f}", "metres": f"{metres:,.0f}",
                 "minutes": f"{metres / plan.case.wish.speed / 60:.0f}"}  # fmt: skip
        plate.text(x, y - 5.5, say("village.way", language, **facts), 10.5, color=INK)
        slow = self._slow(flow)
        if slow:
            y -= NOTE
            plate.text(x, y - 5.5, typeface.shortened(slow, 9.5, room), 9.5, color=START)
        roads = self._subject.ways[flow].roads
        joined = "→".join(roads)
        unnamed = "village.near" if metres <= NEAR else "village.unnamed"
        words = say("village.roads", language, roads=joined) if roads else say(unnamed, language)
        lines = typeface.wrapped(words, 9, room)
        if len(lines) > most:
            lines = [*lines[: most - 1], typeface.shortened("".join(lines[most - 1 :]), 9, room)]
        for number, line in enumerate(lines):
            plate.text(x, y - 10.5 - number * ROADS, line, 9, color=SOFT)
        return y - FLOW - len(lines) * ROADS

    def _priority_of(self, place: int) -> str:
        """How many of a place belong to priority groups."""
        groups = self._plan.case.groups
        if groups is None or not groups[:, place].any():
            return ""
        return say("village.priority", self._language, number=f"{groups[:, place].sum():,.0f}")

    def _slow(self, flow: int) -> str:
        """Who of the priority groups goes this way, and how long the slowest of them take."""
        first, plan = self._first, self._plan
        if first is None or self._minutes is None or not first.flows[:, flow].any():
            return ""
        minutes = f"{self._minutes[flow]:.0f}"
        groups = group_words(plan, first.flows[:, flow], self._language)
        return say("village.priority_way", self._language, groups=groups, minutes=minutes)

    def _map(self, plate: Plate, place: int, flows: Index, frame: Box) -> None:
        plan, start = self._plan, self._plan.case.points.xy[place]
        ways = [self._subject.ways[flow].line for flow in flows.tolist()]
        box = Extent(*shapely.total_bounds([*ways, shapely.Point(start)]).tolist())
        view = wide_enough(box)
        scale = max(view.width / frame.width, view.height / frame.height)
        middle = np.array([(view.west + view.east) / 2, (view.south + view.north) / 2])
        corner = middle - np.array([frame.width, frame.height]) * scale / 2
        ground = shapely.box(*corner, *(corner + np.array([frame.width, frame.height]) * scale))

        def on_paper(xy: Array) -> Array:
            return np.asarray((xy - corner) / scale + (frame.x, frame.y))

        plate.box(frame, fill="#fbfaf7", line="none", zorder=1)
        for kind, shapes, tree in self._under:
            near = shapely.intersection(shapes[tree.query(ground)], ground)
            _lines(plate, near, on_paper, frame, kind)
        for way in ways:
            plate.path(
                Outline(on_paper(shapely.get_coordinates(way))), line=WAY, width=0.9, clip=frame, zorder=6
            )
        for site in np.unique(plan.flows.site[flows]).tolist():
            _square(plate, on_paper(plan.xy[site]), 3.4, SITE)
            name = typeface.shortened(plan.names[site], 8, frame.width / 2)
            at = on_paper(plan.xy[site])
            right = at[0] > frame.x + frame.width / 2
            plate.text(float(at[0]) + (-3 if right else 3), float(at[1]) + 2.5, name, 8, halo="#ffffff",
                       anchor="right" if right else "left")  # fmt: skip
        _square(plate, on_paper(start), 2.4, START)
        plate.box(frame, fill="none", line=RULE, width=0.3, zorder=8)
        _bar(plate, frame, scale)
        plate.text(frame.right - 3, frame.top - 7, NORTH, 8, anchor="right", halo="#ffffff")


def _lines(plate: Plate, shapes: Sequence[shapely.Geometry], on_paper: object, frame: Box, kind: str) -> None:
    assert callable(on_paper)
    for shape in shapely.get_parts(shapely.union_all(shapes)):
        if shape.is_empty or shapely.get_dimensions(shape) == 0:
            continue
        if kind == "lake":
            ring = Outline(on_paper(shapely.get_coordinates(shape.exterior)))
            plate.path(ring, line="none", fill="#cfe5f4", clip=frame, zorder=2)
            continue
        colour, width = (WATER, 0.8) if kind == "river" else (ROAD, 0.45)
        plate.path(
            Outline(on_paper(shapely.get_coordinates(shape))), line=colour, width=width, clip=frame, zorder=4
        )


def _square(plate: Plate, at: Array, size: float, colour: str) -> None:
    x, y = float(at[0]), float(at[1])
    plate.box(Box(x - size / 2, y - size / 2, size, size), fill=colour, line="#ffffff", width=0.25, zorder=9)


def _bar(plate: Plate, frame: Box, scale: float) -> None:
    """A scale bar in the lower left corner."""
    longest = frame.width * scale / 4
    step = 10.0 ** np.floor(np.log10(longest))
    metres = max(k * step for k in (1, 2, 5) if k * step <= longest)
    long = metres / scale
    plate.box(Box(frame.x + 4, frame.y + 4, long, 1.0), fill=INK, line="none", zorder=9)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    plate.text(frame.x + 4, frame.y + 6.5, words, 7.5, halo="#ffffff")
