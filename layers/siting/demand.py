"""Who needs a site: people by place, by day or night, and those whom a hazard drives out."""

from dataclasses import dataclass, replace

import numpy as np

from layers.errors import BadInput
from layers.grid import Array, Grid
from layers.layer import VectorLayer


@dataclass(frozen=True, eq=False)
class Demand:
    """People at places.

    Parameters
    ----------
    xy : ndarray of float64, shape (n, 2)
        Easting, northing.
    people : ndarray of float64, shape (n,)
        Whole.
    crs : str
    """

    xy: Array
    people: Array
    crs: str


def people_of(layer: VectorLayer, column: str = "population") -> Demand:
    """The people of each feature at the middle of its box; no number means nobody.

    Parameters
    ----------
    layer : VectorLayer
        Buildings, villages, townships.
    column : str
        Of people: by day or by night, as the layer has it.

    Raises
    ------
    BadInput
        No such column.
    """
    if column not in layer.attributes:
        names = "、".join(map(str, layer.attributes))
        raise BadInput("siting_no_column", path=layer.title or layer.name, column=column, columns=names)
    boxes = layer.shapes.boxes
    xy = np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)])
    people = np.nan_to_num(np.asarray(layer[column], np.float64))
    return Demand(xy, whole_people(people), layer.crs)


def gathered(demand: Demand, cell: float) -> Demand:
    """The people of each square cell at their middle: fewer places, nobody lost.

    Parameters
    ----------
    demand : Demand
    cell : float
        Side, metres.
    """
    lived_in = demand.people > 0
    xy, people = demand.xy[lived_in], demand.people[lived_in]
    cells, cell_of = np.unique(np.floor(xy / cell), axis=0, return_inverse=True)
    cell_of = cell_of.ravel()
    total = np.bincount(cell_of, people, len(cells)).astype(np.float64)
    middle = np.column_stack([np.bincount(cell_of, people * xy[:, k], len(cells)) / total for k in (0, 1)])
    return Demand(middle.reshape(-1, 2), total, demand.crs)


def displaced(demand: Demand, hazard: Grid, bounds: Array, shares: Array) -> Demand:
    """The people whom a hazard drives out.

    Parameters
    ----------
    demand : Demand
    hazard : Grid
        Water depth, intensity, concentration …, in the CRS of the demand. No data drives nobody out.
    bounds, shares : ndarray of float64, shape (k,)
        Rising values of the hazard and the share of people that leaves at each; linear between, none below
        the first.

    Returns
    -------
    Demand
        The same places; whole people, whose sum is the rounded sum of the shares.
    """
    value = hazard.at(demand.xy[:, 0], demand.xy[:, 1])
    share = np.where(value < bounds[0], 0.0, np.interp(value, bounds, shares))
    return replace(demand, people=whole_people(demand.people * np.nan_to_num(share)))


def whole_people(people: Array) -> Array:
    """Whole numbers with the rounded sum of the given ones: the largest remainders are rounded up.

    Examples
    --------
    >>> whole_people(np.array([0.4, 0.4, 0.4, 2.0])).tolist()
    [1.0, 0.0, 0.0, 2.0]
    """
    whole = np.floor(people)
    missing = round(float(people.sum())) - int(whole.sum())
    whole[np.argsort(whole - people, kind="stable")[:missing]] += 1
    return whole
