"""What is asked for of a shelter plan: the event, who needs a place, which sites, and what is good."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from layers.errors import BadInput
from layers.siting.candidates import SOURCES
from layers.siting.closing import BRIDGES_FALL_AT, ROAD_CLOSED_AT
from layers.siting.network import WALKING
from layers.siting.priority import PriorityGroup
from layers.siting.problem import Objective
from layers.siting.residents import Unit
from layers.siting.rules import Rule, usual_rules
from layers.siting.scenario import Scenario

RANGES: Mapping[str, tuple[float, float]] = {
    "cell": (10, 50_000), "count": (1, 1_000_000), "budget": (0, 1e9), "radius": (1, 1e6),
    "time_limit": (0.1, 86_400), "gap": (0, 1), "speed": (0.3, 2.5), "bridges": (4, 12),
    "road_depth": (0.05, 2),
}  # fmt: skip
"""From where to where the numbers of a wish make sense."""


@dataclass(frozen=True)
class Exclusion:
    """A stored flood result in which no shelter may stand under water."""

    layer: str = ""
    stage: float = 2.0


@dataclass(frozen=True)
class ShelterWish:
    """What is asked for.

    Parameters
    ----------
    scenario : Scenario
        Who needs a shelter.
    others : tuple of Scenario
        Further ones under which a plan must hold too.
    combine : {"", "largest", "mean"}
        With further scenarios: every demand point counts with the largest, or the mean, of its people.
    by_day : bool
    unit : {"building", "grid", "village", "township"}
    cell : float
        Side of a grid's cells, m.
    region : str
        Code of a county or township, or ``all``.
    sources : tuple of str
        Kinds of layers whose features may be sites.
    keep_existing : bool
        Shelters that exist stay open.
    stay : str
        A class of shelters; empty: each site's own.
    objective : Objective
    count : int, optional
        Sites to open; where existing ones stay, in addition to them.
    budget : float, optional
        万元, for new sites.
    radius : float, optional
        Nobody is sent further, m; ``None``: the farthest way of each site's class.
    with_capacity, single_source : bool
    time_limit, gap : float
        Seconds; a relative gap that is good enough.
    rules : tuple of Rule
        Those that count.
    flood : Exclusion, optional
        The flood that rule S2a and the closed roads look at; ``None``: that of the scenario.
    evidence : tuple of (str, str)
        Layers that the user names for a rule's evidence.
    speed : float
        On foot, m/s.
    bridges : float
        Intensity from which an earthquake's bridges cannot be passed.
    road_depth : float
        Depth of water from which a road is closed, m.
    priority : tuple of PriorityGroup
        People who count more and walk more slowly.

    Raises
    ------
    BadInput
        A number outside `RANGES`.
    """

    scenario: Scenario = field(default_factory=Scenario)
    others: tuple[Scenario, ...] = ()
    combine: str = ""
    by_day: bool = False
    unit: Unit = "grid"
    cell: float = 1000.0
    region: str = "all"
    sources: tuple[str, ...] = SOURCES[:3]
    keep_existing: bool = False
    stay: str = ""
    objective: Objective = "p-median"
    count: int | None = 40
    budget: float | None = None
    radius: float | None = 5000.0
    with_capacity: bool = True
    single_source: bool = False
    time_limit: float = 60.0
    gap: float = 0.005
    rules: tuple[Rule, ...] = field(default_factory=usual_rules)
    flood: Exclusion | None = None
    evidence: tuple[tuple[str, str], ...] = ()
    speed: float = WALKING
    bridges: float = BRIDGES_FALL_AT
    road_depth: float = ROAD_CLOSED_AT
    priority: tuple[PriorityGroup, ...] = ()

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadInput("wish_range", name=name, value=value, low=low, high=high)
