"""Layers laid down between two processes: arrays without objects, texts as JSON; nothing in them can run."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.layer import Field, Provenance, Shapes, VectorLayer


def lay(layer: VectorLayer, folder: Path, name: str) -> None:
    """Write a layer as ``NAME.npz`` and ``NAME.json``."""
    arrays: dict[str, Any] = {"xy": layer.shapes.xy}
    arrays |= {f"offsets_{n}": offsets for n, offsets in enumerate(layer.shapes.offsets)}
    texts: dict[str, list[Any]] = {}
    columns = [str(column) for column in layer.attributes]
    for place, column in enumerate(columns):
        values = layer.attributes[column]
        if pd.api.types.is_numeric_dtype(values):
            arrays[f"column_{place}"] = values.to_numpy()
        else:
            missing = values.isna().tolist()
            texts[str(place)] = [
                None if no else str(v) for no, v in zip(missing, values.tolist(), strict=True)
            ]
    np.savez(folder / f"{name}.npz", allow_pickle=False, **arrays)
    card = {
        "name": layer.name,
        "kind": layer.kind,
        "crs": layer.crs,
        "title": layer.title,
        "geometry": layer.shapes.kind,
        "rows": len(layer),
        "columns": columns,
        "texts": texts,
        "fields": [asdict(field) for field in layer.fields],
        "provenance": asdict(layer.provenance),
    }
    (folder / f"{name}.json").write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")


def take(folder: Path, name: str) -> VectorLayer:
    """The layer that `lay` wrote."""
    card = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
        offsets = tuple(arrays[f"offsets_{n}"] for n in range(sum(k.startswith("offsets_") for k in arrays)))
        shapes = Shapes(card["geometry"], arrays["xy"], offsets)
        columns = {
            column: pd.Series(card["texts"][str(place)], dtype=object)
            if str(place) in card["texts"]
            else pd.Series(arrays[f"column_{place}"])
            for place, column in enumerate(card["columns"])
        }
    fields = tuple(
        Field(**{**f, "domain": tuple(f["domain"]), "aliases": tuple(f["aliases"])}) for f in card["fields"]
    )
    provenance = Provenance(**{**card["provenance"], "inputs": tuple(card["provenance"]["inputs"])})
    table = pd.DataFrame(columns, index=pd.RangeIndex(card["rows"]))
    return VectorLayer(
        card["name"], card["kind"], card["crs"], shapes, table, card["title"], fields, provenance
    )
