"""Edits of the list of layers, made from values: the desk carries them out."""

from dataclasses import replace

from layers.cartography.rings import ring_style
from layers.changes import Change, Edit, Row
from layers.layer import Layer, VectorLayer
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.words import Language

LAYERS = "layers"


def removal(name: str, project: ProjectFile, layer: str) -> Edit:
    """Take a layer out of the project; its rows stay, so that undo brings it back."""
    return Edit(name, (Change(LAYERS, layer, dict(project.table(LAYERS)[layer]), None),))


def rearrangement(
    name: str, project: ProjectFile, group: list[LayerEntry], layer: str, before: str
) -> Edit | None:
    """Put a layer above `before` (at the end if that is "") within its group; ``None`` if nothing changes."""
    order = [entry.name for entry in group if entry.name != layer]
    order.insert(order.index(before) if before in order else len(order), layer)
    places = sorted(entry.position for entry in group)
    rows = project.table(LAYERS)
    changes = [
        Change(LAYERS, key, dict(rows[key]), _at(rows[key], place))
        for key, place in zip(order, places, strict=True)
        if rows[key]["position"] != place
    ]
    return Edit(name, tuple(changes)) if changes else None


def restyling(name: str, project: ProjectFile, layer: str, style: str) -> Edit:
    """Give a layer a style, as JSON; ``""``: that of its kind."""
    row = dict(project.table(LAYERS)[layer])
    return Edit(name, (Change(LAYERS, layer, row, {**row, "style": style}),))


def ringed(edit: Edit, language: Language) -> Edit:
    """The edit that brings isochrones, with the rings that there are in their legend."""
    rings = {layer.name: layer for layer in edit.loads if layer.kind == "isochrone"}
    changes = [
        replace(change, after={**change.after, "style": _ring_style(rings[change.key], language)})
        if change.table == LAYERS and change.key in rings and change.after is not None
        else change
        for change in edit.changes
    ]
    return replace(edit, changes=tuple(changes)) if rings else edit


def _ring_style(layer: Layer, language: Language) -> str:
    assert isinstance(layer, VectorLayer)
    minutes = layer.attributes["minutes"].to_numpy(float)
    return ring_style(tuple(minutes.tolist()), language).to_json()


def _at(row: Row, position: int) -> Row:
    return {**row, "position": position}
