"""Priority groups 优先人群: how many of them set out from where, how much they count, how fast they walk.

A person counts once, in the first of the groups chosen. Where a township gives the number of a group, its
share is that; hospital patients lie where the hospitals with beds stand; else the group has the same share
everywhere, an assumed one, and then changes nothing about which sites are best.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.inputs import code_text, numbers
from layers.hazards.source import Reading, Source
from layers.hazards.standards import standard
from layers.late import Late
from layers.siting.arcs import Index
from layers.siting.demand import whole_people
from layers.siting.residents import Gathering

spatial = Late("scipy.spatial")

HOSPITAL_REACH = 3000.0
"""A hospital further from every demand point, m, belongs to none of them (assumed)."""


@dataclass(frozen=True)
class PriorityGroup:
    """People who are served first, and walk more slowly (``resources/standards/priority_groups.csv``).

    Parameters
    ----------
    group, zh, en : str
    share : float
        Of all people, where the project does not tell.
    weight : float
        How much one of them counts against 1 for others; at least 1.
    speed : float
        On foot, m/s.
    field : str
        Column of the townships with their number; ``beds``: of the hospitals.
    status, source : str

    Raises
    ------
    BadInput
        A share, weight or speed that makes no sense.
    """

    group: str
    zh: str
    en: str
    share: float
    weight: float
    speed: float
    field: str
    status: str
    source: str

    def __post_init__(self) -> None:
        limits = (("share", 0.0, 1.0), ("weight", 1.0, 100.0), ("speed", 0.1, 2.5))
        for name, low, high in limits:
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadInput("wish_range", name=f"{self.group} {name}", value=value, low=low, high=high)


@cache
def priority_groups() -> tuple[PriorityGroup, ...]:
    """The groups that are known, with their assumed numbers."""
    return tuple(PriorityGroup(**row) for row in standard("priority_groups").to_dict("records"))


def people_of_groups(
    project: Source, places: Gathering, people: Array, groups: tuple[PriorityGroup, ...]
) -> Array:
    """How many people of each group need a shelter at each place.

    Parameters
    ----------
    project : Source
    places : Gathering
    people : ndarray of float64, shape (k,)
        All who need a shelter, whole.
    groups : tuple of PriorityGroup

    Returns
    -------
    ndarray of float64, shape (groups, k)
        Whole; of no place are there more than `people`.
    """
    found, rest = np.zeros((len(groups), len(places))), people.astype(np.float64)
    for number, group in enumerate(groups):
        expected = np.minimum(people * _share(project, places, group), rest)
        found[number] = np.minimum(whole_people(expected), rest)
        rest = rest - found[number]
    return found


def _share(project: Source, places: Gathering, group: PriorityGroup) -> Array:
    """Share of a group among the people of each place."""
    if group.field == "beds":
        known = _beds(project, places)
        return np.full(len(places), group.share) if known is None else known / np.maximum(places.residents, 1)
    share = np.full(len(places), group.share)
    layer = Reading(project).read("township", "code", "population", group.field)
    if layer is None:
        return share
    told, population = numbers(layer[group.field]), numbers(layer["population"])
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.clip(told / population, 0.0, 1.0)
    by_code = dict(zip(layer["code"].map(code_text), own, strict=True))
    towns = np.array([by_code.get(code, np.nan) for code in places.towns.codes] + [np.nan])
    here = towns[places.township]
    return np.where(np.isfinite(here), here, share)


def _beds(project: Source, places: Gathering) -> Array | None:
    """Beds of the hospitals nearest to each place; nothing where no hospital tells."""
    layer = Reading(project).read("hospital", "beds")
    beds = None if layer is None else np.maximum(np.nan_to_num(numbers(layer["beds"])), 0.0)
    if layer is None or beds is None or not beds.any():
        return None
    boxes = layer.shapes.boxes
    middle = np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)])
    there = np.isfinite(middle).all(axis=1)
    nearest: Index = spatial.cKDTree(places.xy).query(middle[there], distance_upper_bound=HOSPITAL_REACH)[1]
    return np.bincount(nearest, beds[there], len(places) + 1)[:-1].astype(np.float64)


def weights_of(people: Array, of_groups: Array, groups: tuple[PriorityGroup, ...]) -> Array | None:
    """How much a person of each place counts on the mean, shape (k,); nothing without groups."""
    if not groups:
        return None
    more = np.array([group.weight - 1.0 for group in groups]) @ of_groups
    return np.asarray(1.0 + more / np.maximum(people, 1.0))
