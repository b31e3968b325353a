"""`join`: the values of a table brought to a layer's features, by a key."""

import argparse
from typing import Any

from app.reckoning import Reckoning
from app.verbs.editing import layer_named
from app.verbs.shared import opened
from layers.census.catalogue import meanings
from layers.editing import EditSession
from layers.errors import BadInput
from layers.layer import Field
from layers.storage import matching, pages
from layers.words import say

NAMED = 12
"""Keys that are named."""


def join(options: argparse.Namespace, reckoning: Reckoning) -> dict[str, Any]:
    """Fill fields of a layer from a table."""
    table = matching.read_table(options.table, options.encoding)
    columns = [str(column) for column in table.columns]
    with opened(options.project, write=True, reckoning=reckoning) as project:
        entry = layer_named(project, options.layer)
        known = meanings(entry.kind, entry.fields)
        fields = {name: known.get(name, Field(name)) for name in project.columns(entry.name)}
        layer = pages.attributes(project, entry.name, list(fields))
        key, column = _keys(options.key, fields, columns) or matching.likely_keys(layer, table)
        if not key:
            raise BadInput("match_none")
        wanted = dict(_pair(text, fields, columns) for text in options.fill)
        if key in wanted:
            raise BadInput("match_key_filled", field=key)
        wanted = wanted or matching.likely_fields(entry.kind, list(fields.values()), columns)
        wanted.pop(key, None)
        found = matching.match(layer.attributes[key], table[column])
        title = say("edit.match", reckoning.language, table=options.table.name, layer=entry.title)
        edit = matching.brought(layer, fields, table, found, wanted, title)
        if edit.changes:
            EditSession(project).do(edit)
    facts = {"layer": len(layer), "count": found.count, "changes": len(edit.changes)}
    reckoning.tell("cli.matched", **facts, fields="、".join(wanted))
    for word in ("unused", "repeated"):
        keys = getattr(found, word)
        if keys:
            reckoning.warn(f"cli.match_{word}", keys="、".join(keys[:NAMED]))
    return {
        "layer": entry.name,
        "key": {"field": key, "column": column},
        "filled": wanted,
        "matched": found.count,
        "changed": len(edit.changes),
        "unused": list(found.unused),
        "repeated": list(found.repeated),
    }


def _keys(text: str, fields: dict[str, Field], columns: list[str]) -> tuple[str, str] | None:
    return _pair(text, fields, columns) if text else None


def _pair(text: str, fields: dict[str, Field], columns: list[str]) -> tuple[str, str]:
    """``FIELD=COLUMN``, the field by name or title; one word for both."""
    titles = {field.zh: name for name, field in fields.items() if field.zh}
    left, _, right = text.partition("=")
    field, column = titles.get(left, left), right or left
    for name, known in ((field, list(fields)), (column, columns)):
        if name not in known:
            raise BadInput(
                "match_key", given=name, fields="、".join(fields), columns="、".join(columns[:NAMED])
            )
    return field, column
