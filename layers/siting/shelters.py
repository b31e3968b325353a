"""The shelter case: from what an officer wishes and a project holds to a siting problem, and to a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from layers.errors import BadInput
from layers.grid import Array, Grid
from layers.hazards.inputs import code_text, numbers
from layers.hazards.source import Reading, Source
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.siting.arcs import Index, Mask
from layers.siting.candidates import candidate_sites, walks
from layers.siting.closing import Closing, closing_of, roads_of
from layers.siting.demand import whole_people
from layers.siting.evidence import evidence_of
from layers.siting.network import Network, on_foot, road_network
from layers.siting.noted import Noted, last_edit
from layers.siting.paths import Access, travel_times
from layers.siting.priority import people_of_groups, weights_of
from layers.siting.problem import SitingProblem
from layers.siting.residents import Gathering, gather, residents_of
from layers.siting.rules import Judgement, Rule, judge, shelter_classes
from layers.siting.scenario import (
    SHAKEN,
    Scenario,
    area_of,
    depth_of,
    displaced_people,
    displaced_share,
    flood_depth,
    hazard_of,
)
from layers.siting.shelter_wish import ShelterWish

MOST_CELLS = 60_000_000
"""Cells of a cost matrix that an office PC holds: half a gigabyte."""
LIVED_IN = ("county", "township", "building")
"""Kinds of layers that say where people live."""
BESIDE = 3000.0
"""Candidates this far outside a region still serve it, m (assumed)."""


@dataclass(frozen=True, eq=False)
class ShelterCase:
    """Everything that is known before sites are chosen.

    Parameters
    ----------
    wish : ShelterWish
    points : Gathering
        Demand points with anybody to shelter in any scenario.
    demand : ndarray of float64, shape (scenarios, points)
        Whole people; the first row is the scenario asked for, or all of them combined.
    sites : VectorLayer
        All candidates, see `layers.siting.candidates.candidate_sites`.
    judgement : Judgement
    metres : ndarray of float64, shape (points, sites)
        Ways on foot; infinite where there is none or the site is too far by its class.
    access : Access
        Points, then candidates, on their roads.
    roads : VectorLayer
    closing : Closing
        Water and shaking that close roads.
    rules : tuple of Rule
        All that were judged.
    inputs : tuple of str
        Names of the layers that were read.
    is_synthetic : bool
        Some of them is made up.
    placeless : tuple of str
        Features that might be candidates but have no geometry.
    as_of : int
        The last line of the project's journal when it was read, see `layers.siting.noted`.
    groups : ndarray of float64, shape (groups, points), optional
        People of the priority groups in need, for the scenario asked for.
    miscounted : tuple of str
        Townships whose number of people is below 0: nobody is counted there.
    """

    wish: ShelterWish
    points: Gathering
    demand: Array
    sites: VectorLayer
    judgement: Judgement
    metres: Array
    access: Access
    roads: VectorLayer
    closing: Closing
    rules: tuple[Rule, ...] = ()
    inputs: tuple[str, ...] = ()
    is_synthetic: bool = False
    placeless: tuple[str, ...] = ()
    as_of: int = 0
    groups: Array | None = None
    miscounted: tuple[str, ...] = ()

    @cached_property
    def xy(self) -> Array:
        """Places of the candidates, shape (sites, 2)."""
        found: Array = shapely.get_coordinates(shapely.centroid(self.sites.shapes.geometries()))
        return found

    @cached_property
    def allowed(self) -> Index:
        """Candidates that no hard rule excludes."""
        return np.flatnonzero(self.judgement.is_allowed)

    @property
    def people(self) -> Array:
        """Who needs a shelter in the scenario asked for, shape (points,)."""
        return np.asarray(self.demand[0])

    @property
    def network(self) -> Network:
        """The roads that are open."""
        return self.access.network

    def kept(self, rows: Index) -> Mask:
        """Which of some candidates stay open."""
        existing = self.sites["existing"].to_numpy(np.float64)[rows] > 0
        return np.asarray(existing & self.wish.keep_existing)

    @cached_property
    def weight(self) -> Array | None:
        """How much a person of each demand point counts, shape (points,); nothing without priority groups."""
        return None if self.groups is None else weights_of(self.people, self.groups, self.wish.priority)

    def problem(self, scenario: int = 0) -> SitingProblem:
        """The siting problem on the allowed candidates, for one of the scenarios."""
        rows, wish = self.allowed, self.wish
        if not len(rows):
            raise BadInput("siting_all_excluded", sites=len(self.sites))
        kept = self.kept(rows)
        count = wish.count
        if count is not None and wish.keep_existing:
            count = count + int(kept.sum())
        capacity = self.sites["capacity"].to_numpy(np.float64)[rows]
        return SitingProblem(
            wish.objective,
            np.asarray(self.demand[scenario]),
            self.metres[:, rows],
            count=None if count is None else min(count, len(rows)),
            radius=self.radius,
            capacity=capacity if wish.with_capacity else None,
            kept=kept if kept.any() else None,
            prices=self.prices(rows) if wish.budget is not None else None,
            budget=wish.budget,
            weight=self.weight,
            single_source=wish.single_source,
        )

    def prices(self, rows: Index) -> Array:
        """What it costs to open some candidates, 万元; nothing for those that exist."""
        price = self.sites["price"].to_numpy(np.float64)[rows]
        return np.where(self.sites["existing"].to_numpy(np.float64)[rows] > 0, 0.0, price)

    @property
    def radius(self) -> float:
        """The farthest way of anybody, m."""
        return float(np.nanmax(walks(self.sites))) if self.wish.radius is None else self.wish.radius


def prepare(project: Source, wish: ShelterWish, progress: Progress = ignore) -> ShelterCase:
    """Read and reckon all that a wish needs.

    Parameters
    ----------
    project : Source
    wish : ShelterWish
    progress : Progress

    Raises
    ------
    KnownError
        A layer is missing, nobody needs a shelter, or the matrix would be too large.
    """
    as_of, noted = last_edit(project), Noted(project)
    points, demand = _demand(noted, wish, part(progress, 0.0, 0.4))
    found, placeless = candidate_sites(noted, wish.sources, wish.stay)
    sites = _within(noted, found, wish.region)
    if not len(sites):
        raise BadInput("siting_no_candidates_here", region=wish.region, placeless=len(placeless))
    if len(points) * len(sites) > MOST_CELLS:
        raise BadInput("siting_too_large", points=len(points), sites=len(sites))
    depth = _water(noted, wish)
    rules = rules_for(wish)
    judgement = judged(noted, wish, rules, sites, depth)
    progress(0.5)
    roads = roads_of(noted)
    closing = closing_of(noted, wish.scenario, depth, wish.bridges, wish.road_depth)
    network = closing.of(road_network(roads, on_foot(wish.speed)))
    xy: Array = shapely.get_coordinates(shapely.centroid(sites.shapes.geometries()))
    access = Access.of(network, np.concatenate([points.xy, xy]))
    progress(0.6)
    metres = ways_between(access, sites, wish, part(progress, 0.6, 1.0))
    groups = people_of_groups(noted, points, demand[0], wish.priority) if wish.priority else None
    inputs, synthetic = _origin(noted, wish)
    return ShelterCase(
        wish, points, demand, sites, judgement, metres, access, roads, closing, rules, inputs, synthetic,
        placeless, as_of, groups, _miscounted(noted),
    )  # fmt: skip


def _miscounted(project: Source) -> tuple[str, ...]:
    """Townships with fewer than no people."""
    layer = Reading(project).read("township", "name", "population")
    below = [] if layer is None else layer["name"][numbers(layer["population"]) < 0]
    return tuple(map(code_text, below))


def _origin(project: Noted, wish: ShelterWish) -> tuple[tuple[str, ...], bool]:
    """Layers behind a case, and whether any is made up; shaking that a plan knows by its numbers is none."""
    own = SHAKEN if wish.scenario.earthquake is not None else ()
    read = [each for each in project.layers() if each.name in project.names and each.kind not in own]
    return tuple(sorted(each.name for each in read)), any(each.provenance.synthetic for each in read)


def _demand(project: Noted, wish: ShelterWish, progress: Progress) -> tuple[Gathering, Array]:
    """Demand points, and the people of each in every scenario."""
    living = residents_of(project.source, by_day=wish.by_day, progress=progress)  # reads all exposed things
    project.note(LIVED_IN)
    everybody = living.within(wish.region)
    places = gather(everybody, wish.unit, wish.cell)
    rows = []
    for scenario in (wish.scenario, *wish.others):
        share = displaced_share(scenario, everybody, hazard_of(project, scenario))
        rows.append(displaced_people(places, everybody, share))
    demand = _combined(np.array(rows), wish.combine)
    used = np.flatnonzero((demand > 0).any(axis=0))
    if not len(used) or not demand[0].any():
        raise BadInput("siting_nobody_displaced")
    return places.take(used), demand[:, used]


def _combined(demand: Array, how: str) -> Array:
    """The people of all scenarios in one row before them, if that is asked for."""
    if not how:
        return demand
    together = demand.max(axis=0) if how == "largest" else whole_people(demand.mean(axis=0))
    return np.vstack([together, demand])


def _within(project: Source, sites: VectorLayer, region: str) -> VectorLayer:
    """The candidates in a region and a little beside it."""
    if region == "all":
        return sites
    for kind in ("county", "township"):
        layer = Reading(project).read_first(kind, "code")
        here = [] if layer is None else layer["code"].map(code_text).to_numpy() == region
        if layer is not None and np.any(here):
            ground = shapely.buffer(shapely.union_all(layer.shapes.geometries(np.asarray(here))), BESIDE)
            shapely.prepare(ground)
            return sites.take(shapely.intersects(ground, sites.shapes.geometries()))
    raise BadInput("region_unknown", region=region)


def _water(project: Source, wish: ShelterWish) -> Grid | None:
    if wish.flood is not None:
        return depth_of(project, wish.flood.layer, wish.flood.stage)
    return flood_depth(project, wish.scenario)


def rules_for(wish: ShelterWish) -> tuple[Rule, ...]:
    """The rules that count; a class that is asked for brings its least area, an area that it is left."""
    own = (_class_rule(wish.stay), _area_rule(wish.scenario))
    return (*wish.rules, *(each for each in own if each is not None))


def judged(
    project: Source, wish: ShelterWish, rules: Sequence[Rule], sites: VectorLayer, depth: Grid | None
) -> Judgement:
    """What the rules say of the candidates."""
    evidence = evidence_of(project, rules, sites, dict(wish.evidence))
    if wish.scenario.kind == "area":
        evidence["event_area"] = area_of(project, wish.scenario)
    if depth is not None:
        evidence.setdefault("flood_depth", depth)
    return judge(sites, evidence, rules)


def _area_rule(scenario: Scenario) -> Rule | None:
    """No site in the area that is cleared."""
    if scenario.kind != "area":
        return None
    zh, en = "位于情景划定的转移区域之外", "Outside the area that is cleared"
    return Rule(
        "A2", "hard", "inside", "event_area", float("nan"), "", "", 1.0, zh, en, "derived", "source.A2"
    )


def _class_rule(stay: str) -> Rule | None:
    found = next((each for each in shelter_classes() if each.name == stay), None)
    if found is None or np.isnan(found.effective_area):
        return None
    zh, en = f"{found.name}避难场所的最小有效面积", f"Least effective area of a {found.en} shelter"
    return Rule("A1", "hard", "field_at_least", "area", found.effective_area, "m²", "", 1.0, zh, en,
                found.status, found.source)  # fmt: skip


def ways_between(
    access: Access, candidates: VectorLayer, wish: ShelterWish, progress: Progress = ignore
) -> Array:
    """Metres on foot from every demand point to every candidate, infinite beyond its radius.

    Parameters
    ----------
    access : Access
        Points, then candidates, on their roads.
    candidates : VectorLayer
    wish : ShelterWish
    progress : Progress

    Returns
    -------
    ndarray of float64, shape (points, candidates)
    """
    sites = len(candidates)
    points = len(access.nodes) - sites
    limit = np.inf if wish.radius is None else wish.radius / wish.speed * 1.001
    origins, targets = np.arange(points), points + np.arange(sites)
    metres = travel_times(access, origins, targets, limit, progress) * access.network.travel.off_road
    if wish.radius is None:
        metres[metres > walks(candidates)] = np.inf
    return metres
