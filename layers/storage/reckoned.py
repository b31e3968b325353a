"""A field of many features filled by a formula, and what the rules say of the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from layers.census.catalogue import meanings
from layers.census.formula import parse
from layers.census.reckoning import measures
from layers.changes import Edit
from layers.editing import features
from layers.layer import Field, VectorLayer
from layers.progress import Progress, ignore
from layers.storage import pages
from layers.storage.checking import check_cells
from layers.storage.geopackage import ProjectFile

FEW = 20_000
"""Rows up to which they are read one by one, instead of all at once."""
JUDGED = 2000
"""Rows of the result that the rules look at."""


@dataclass(frozen=True)
class Filling:
    """A field that is to be filled by a formula.

    Parameters
    ----------
    layer : str
        A vector layer or table.
    keys : sequence of str, optional
        The features; all without them.
    field : Field
    formula : str
    name : str
        What the user did, in the user's language.
    """

    layer: str
    keys: Sequence[str] | None
    field: Field
    formula: str
    name: str


@dataclass(frozen=True, eq=False)
class Reckoned:
    """The edit that fills a field, and how much the rules find in its first rows."""

    edit: Edit
    findings: int


def reckoned(project: ProjectFile, wish: Filling, progress: Progress = ignore) -> Reckoned:
    """Fill a field of the features named, or of all.

    Raises
    ------
    BadInput
        The formula cannot be read, or its result does not fit the field.
    """
    edit = _filled(project, wish, progress)
    first = {change.key: change.after or {} for change in edit.changes[:JUDGED]}
    rows = pages.rows_of(project, wish.layer, list(first))
    cells = {key: {**row, **first[key]} for key, row in rows.items()}
    return Reckoned(edit, len(check_cells(project, wish.layer, cells)))


def titled(layer: VectorLayer) -> VectorLayer:
    """With the titles of the catalogue, by which formulas may name fields."""
    return replace(layer, fields=tuple(meanings(layer.kind, layer.fields).values()))


def _filled(project: ProjectFile, wish: Filling, progress: Progress) -> Edit:
    name, keys, field, formula = wish.layer, wish.keys, wish.field, wish.formula
    if keys is not None and len(keys) <= FEW:
        layer = titled(pages.held(project, name, keys))
        held = {key: row[field.name] for key, row in pages.rows_of(project, name, keys).items()}
        return features.reckoned(layer, held, field, formula, wish.name)
    read = project.read if measures(parse(formula)) else partial(pages.attributes, project)
    layer = titled(read(name, columns=_read_by(project, name, formula), progress=progress))
    if keys is not None:
        layer = layer.take(np.isin(layer.attributes["uuid"].to_numpy(str), np.array(keys, str)))
    return features.reckoned(layer, pages.cells(project, name, field.name), field, formula, wish.name)


def _read_by(project: ProjectFile, name: str, formula: str) -> list[str]:
    """The columns that a formula names, by name or title."""
    entry, columns = project.layer(name), project.columns(name)
    titles = {field.zh: field.name for field in meanings(entry.kind, entry.fields).values()}
    wanted = {each if each in columns else titles.get(each, "") for each in parse(formula).fields}
    return [column for column in columns if column in wanted]
