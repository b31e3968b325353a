"""What a relief study is asked with, works on, and answers with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pandas as pd

from layers.changes import Edit
from layers.errors import BadInput
from layers.grid import Extent
from layers.layer import VectorLayer
from layers.progress import Progress
from layers.risk.needs import DAYS, SEASONS
from layers.siting.closing import BRIDGES_FALL_AT, ROAD_CLOSED_AT, Closing, closing_of
from layers.siting.network import WALKING, Travel, by_vehicle, on_foot
from layers.siting.reach import BESIDE
from layers.siting.relief import FIRST_HELP_HOURS
from layers.siting.relief_study import Hours
from layers.siting.scenario import closers, event_named
from layers.siting.shelter_plan import ShelterPlan
from layers.storage.geopackage import ProjectFile, load
from layers.words import Language, listed, say

OPEN = "none"
"""The event that closes nothing."""
AROUND = 3000.0
"""What is shown about a place that is gone to, m."""


RANGES: Mapping[str, tuple[float, float]] = {
    "days": (1, 60), "limit": (0.5, 48), "mobilise": (0, 24), "transfer": (0, 24), "minutes": (5, 180),
    "beside": (50, 3000), "count": (1, 50), "flood": (0.5, 20), "access": (100, 50_000),
    "hazard": (30, 10_000), "fire": (5, 1000), "pace": (0.3, 2.5), "stage": (0.1, 20), "depth": (0.05, 2),
    "bridges": (6, 12),
}  # fmt: skip
"""From where to where the numbers that are given make sense."""
RESPONDERS = ("fire_station", "rescue_team", "hospital", "responder", "depot")
SOURCES = ("place", "plan", "shelter", *RESPONDERS, "school")
"""Whence isochrones are reckoned: a place, the open sites of the plan, or all features of a kind."""
CHOICES: Mapping[str, Sequence[str]] = {
    "season": SEASONS, "travel": ("vehicle", "foot"), "kind": RESPONDERS, "source": SOURCES,
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What a study is asked with; each uses some of it.

    Parameters
    ----------
    days : int
        For what is used up day by day.
    season : str
    day : date
        On which the stock is looked at.
    limit, mobilise, transfer : float
        Hours of the ten-hour rule.
    minutes : float
        Of fire engines.
    beside : float
        How far from the road they work, m.
    kind : str
        Of responders.
    count : int
        Responders a shelter; new depots.
    origin, target : tuple of float
        Easting and northing, m, of the ends of a route.
    travel : {"vehicle", "foot"}
    source : str
        Whence isochrones are reckoned: ``place`` (the origin), ``plan`` (its open sites), or a kind of layer.
    bands : str
        Minutes of isochrones, with commas.
    pace : float
        On foot, m/s.
    event : str
        A stored hazard result that closes roads, by name or title; empty: the event of the plan, if there is
        one; ``none``: all roads are open.
    stage, depth, bridges : float
        Of a flood that is held as stages, m; water that closes a road, m; intensity that brings bridges down.
    flood, access, hazard, fire : float
        Values of the criteria of a depot's place, see `layers.siting.depots.depot_criteria`.

    Raises
    ------
    BadInput
        A number outside `RANGES`, a word that is none of `CHOICES`.
    """

    days: int = DAYS
    season: str = "summer"
    day: date = field(default_factory=date.today)
    limit: float = FIRST_HELP_HOURS
    mobilise: float = 2.0
    transfer: float = 2.0
    minutes: float = 30.0
    beside: float = BESIDE
    kind: str = "fire_station"
    count: int = 3
    origin: tuple[float, float] = (0.0, 0.0)
    target: tuple[float, float] = (0.0, 0.0)
    travel: str = "vehicle"
    source: str = "place"
    bands: str = "10,20,30"
    pace: float = WALKING
    event: str = ""
    stage: float = 1.0
    depth: float = ROAD_CLOSED_AT
    bridges: float = BRIDGES_FALL_AT
    flood: float = 1.0
    access: float = 5000.0
    hazard: float = 1000.0
    fire: float = 30.0

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise BadInput("relief_range", name=name, value=getattr(self, name), low=low, high=high)
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise BadInput("relief_choice", name=name, value=getattr(self, name), known=", ".join(known))

    @property
    def hours(self) -> Hours:
        """The ten-hour rule."""
        return Hours(self.limit, self.mobilise, self.transfer)

    @property
    def criteria(self) -> Mapping[str, float]:
        """Values of the criteria of a depot."""
        return {"flood": self.flood, "access": self.access, "hazard": self.hazard, "fire": self.fire,
                "hours": self.limit}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study found.

    Parameters
    ----------
    verdict : str
        One sentence.
    heads : sequence of str
    rows : pandas.DataFrame
        As many columns as heads.
    table : pandas.DataFrame, optional
        All that was found, under plain names, for files; by default `rows`.
    parent : sequence of int
        For each row, the row under which it stands; -1 or nothing: none.
    details : sequence of str
        For each row, a sentence or two more.
    places : sequence of Extent or None
        For each row, where it lies.
    edit : Edit, optional
        Keeps a map.
    offer : Edit, optional
        An outflow of the ledgers that may be approved.
    more : mapping of str to pandas.DataFrame
        Further tables for a workbook, by title.
    """

    verdict: str
    heads: Sequence[str]
    rows: pd.DataFrame
    table: pd.DataFrame | None = None
    parent: Sequence[int] = ()
    details: Sequence[str] = ()
    places: Sequence[Extent | None] = ()
    edit: Edit | None = None
    offer: Edit | None = None
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def plain(self) -> pd.DataFrame:
        """The table for files."""
        return self.rows if self.table is None else self.table


@dataclass(frozen=True, eq=False)
class Study:
    """What a study works on."""

    own: ProjectFile
    plan: ShelterPlan | None
    given: Given
    language: Language
    progress: Progress

    def say(self, key: str, **facts: object) -> str:
        """Words in the user's language."""
        return say(key, self.language, **facts)

    def heads(self, *names: str) -> list[str]:
        """Heads of a table."""
        return [self.say(f"relief.head.{name}") for name in names]

    def kept(self, layer: VectorLayer | None) -> Edit | None:
        """The edit that keeps a map in place of an earlier one."""
        return None if layer is None else load(layer.title, [layer], self.own, replace_kind=True)

    @cached_property
    def closing(self) -> Closing | None:
        """What closes roads: the event that is asked for, else that of the plan.

        Raises
        ------
        BadInput
            The project holds no such event.
        """
        given = self.given
        if given.event == OPEN:
            return None
        if given.event:
            scenario = event_named(self.own, given.event, given.stage)
            return closing_of(self.own, scenario, None, given.bridges, given.depth)
        return None if self.plan is None else self.plan.case.closing

    @property
    def closed_words(self) -> str:
        """By what roads are closed, in one sentence; if by nothing, which stored events could be chosen."""
        given = self.given
        if given.event == OPEN:
            return self.say("relief.all_open")
        if given.event:
            event = event_named(self.own, given.event, given.stage).title(self.language)
            return self.say("relief.closed_by_event", event=event)
        if self.plan is None or self.plan.case.closing.is_idle:
            stored = [entry.title or entry.name for entry in closers(self.own)]
            named = listed(stored, self.language)
            return self.say("relief.open_though", events=named) if stored else self.say("relief.all_open")
        event = self.plan.case.wish.scenario.title(self.language)
        return self.say("relief.closed_by_plan", plan=self.plan.name, event=event)

    @property
    def travel(self) -> Travel:
        """How people or vehicles move."""
        return on_foot(self.given.pace) if self.given.travel == "foot" else by_vehicle()

    @property
    def chosen(self) -> ShelterPlan:
        """The plan, of a study that needs one."""
        assert self.plan is not None
        return self.plan


LONG_END = 4
"""An end that all names have in common is left out in narrow tables if it is this long."""


def without_common_end(names: Sequence[str]) -> list[str]:
    """Names without what all of them end in: in a narrow table it says nothing.

    Examples
    --------
    >>> without_common_end(["甲县救灾物资储备库", "乙镇救灾物资储备库"])
    ['甲县', '乙镇']
    >>> without_common_end(["甲县", "乙县"])
    ['甲县', '乙县']
    """
    if len(set(names)) < 2:
        return list(names)
    shortest = min(map(len, names))
    same = [len({name[-k:] for name in names}) == 1 for k in range(1, shortest)]
    end = same.index(False) if False in same else len(same)
    return [name[:-end] if end >= LONG_END else name for name in names]
