"""Layers laid down between two processes: arrays without objects, texts as JSON; nothing in them can run.

Of a raster only its card is laid down: its file is one already.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layers.grid import Lattice
from layers.layer import Field, Layer, Provenance, RasterLayer, Shapes, VectorLayer


def lay(layer: Layer, folder: Path, name: str) -> None:
    """Write a layer as ``NAME.json``, its shapes and numbers as ``NAME.npz``."""
    card = asdict(layer) if isinstance(layer, RasterLayer) else _laid(layer, folder / f"{name}.npz")
    (folder / f"{name}.json").write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")


def _laid(layer: VectorLayer, path: Path) -> dict[str, Any]:
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
    np.savez(path, allow_pickle=False, **arrays)
    return {
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


def take(folder: Path, name: str) -> Layer:
    """The layer that `lay` wrote."""
    card = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    provenance = Provenance(**{**card["provenance"], "inputs": tuple(card["provenance"]["inputs"])})
    if "lattice" in card:
        return RasterLayer(**{**card, "lattice": Lattice(**card["lattice"]), "provenance": provenance})
    return _taken(card, folder / f"{name}.npz", provenance)


def _taken(card: dict[str, Any], path: Path, provenance: Provenance) -> VectorLayer:
    with np.load(path, allow_pickle=False) as arrays:
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
    table = pd.DataFrame(columns, index=pd.RangeIndex(card["rows"]))
    return VectorLayer(
        card["name"], card["kind"], card["crs"], shapes, table, card["title"], fields, provenance
    )
