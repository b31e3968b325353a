"""Values laid down between two processes: a tree in JSON, its arrays beside it; nothing in it can run.

Values are layers and other frozen dataclasses, named tuples, arrays, tables, sparse matrices, and what JSON
knows. Of a raster layer only its card is laid down: its file is one already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Lattice
from layers.late import Late
from layers.layer import Field, Layer, Provenance, RasterLayer, Shapes, VectorLayer

sparse = Late("scipy.sparse")

LAYER_KINDS: tuple[type[Any], ...] = (VectorLayer, RasterLayer, Shapes, Field, Provenance, Lattice)
"""What layers are made of."""


def lay(value: Any, folder: Path, name: str) -> None:
    """Write a value as ``NAME.json``, its arrays as ``NAME.npz``.

    Raises
    ------
    TypeError
        It holds something of another sort.
    """
    laying = _Laying()
    tree = laying.node(value)
    np.savez(folder / f"{name}.npz", allow_pickle=False, **laying.arrays)
    (folder / f"{name}.json").write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")


def take(folder: Path, name: str, kinds: Iterable[type[Any]]) -> Any:
    """The value that `lay` wrote; `kinds` are the dataclasses and named tuples that may be in it.

    Raises
    ------
    KeyError
        It holds one of another kind.
    """
    tree = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
        return _Taking(arrays, {kind.__name__: kind for kind in kinds}).value(tree)


def take_layer(folder: Path, name: str) -> Layer:
    """The layer that `lay` wrote."""
    layer: Layer = take(folder, name, LAYER_KINDS)
    return layer


def plain(value: Any) -> Any:
    """A value without arrays as plain values, for `of_plain`."""
    laying = _Laying()
    tree = laying.node(value)
    if laying.arrays:
        raise TypeError(type(value).__name__)
    return tree


def of_plain(tree: Any, kinds: Iterable[type[Any]]) -> Any:
    """The value of which `plain` made plain values."""
    return _Taking({}, {kind.__name__: kind for kind in kinds}).value(tree)


class _Laying:
    """Makes a tree of a value, and keeps its arrays; what is held twice is laid down once."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._laid: dict[int, int] = {}

    def node(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, pd.DataFrame):
            columns = [[str(name), self._column(value[name])] for name in value]
            return {"": "table", "of": columns, "rows": len(value)}
        return self._composed(value)

    def _composed(self, value: Any) -> Any:
        if is_dataclass(value):
            return self._of_fields(value)
        if isinstance(value, tuple) and hasattr(value, "_asdict"):
            return {"": type(value).__name__, "of": {k: self.node(v) for k, v in value._asdict().items()}}
        if isinstance(value, tuple):
            return {"": "tuple", "of": list(map(self.node, value))}
        if isinstance(value, list):
            return list(map(self.node, value))
        if isinstance(value, Mapping):
            return {"": "mapping", "of": [[self.node(k), self.node(v)] for k, v in value.items()]}
        if hasattr(value, "indptr"):
            parts = map(self.node, (value.data, value.indices, value.indptr))
            return {"": "sparse", "of": list(parts), "shape": list(map(int, value.shape))}
        raise TypeError(type(value).__name__)

    def _of_fields(self, value: Any) -> Any:
        if id(value) in self._laid:
            return {"": "again", "of": self._laid[id(value)]}
        of = {each.name: self.node(getattr(value, each.name)) for each in fields(value) if each.init}
        self._laid[id(value)] = len(self._laid)
        return {"": type(value).__name__, "of": of}

    def _array(self, array: NDArray[Any]) -> Any:
        if array.dtype != object:
            name = f"array_{len(self.arrays)}"
            self.arrays[name] = array
            return {"": "array", "of": name}
        wkb = shapely.to_wkb(array)
        sizes = np.array([-1 if each is None else len(each) for each in wkb], np.int64)
        joined = np.frombuffer(b"".join(each for each in wkb if each is not None), np.uint8)
        return {"": "shapes", "of": [self._array(sizes), self._array(joined)]}

    def _column(self, column: pd.Series[Any]) -> Any:
        """Numbers as an array, all else as texts."""
        if pd.api.types.is_numeric_dtype(column):
            return self._array(column.to_numpy())
        missing = column.isna().tolist()
        return [None if no else str(v) for no, v in zip(missing, column.tolist(), strict=True)]


class _Taking:
    """Makes a value of a tree."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], kinds: Mapping[str, type[Any]]) -> None:
        self._arrays, self._kinds = arrays, kinds
        self._made: list[Any] = []

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return list(map(self.value, node))
        if not isinstance(node, dict):
            return node
        kind, of = node[""], node["of"]
        if kind in self._plain:
            return self._plain[kind](node)
        made = self._kinds[kind](**{name: self.value(each) for name, each in of.items()})
        if is_dataclass(made):
            self._made.append(made)
        return made

    @cached_property
    def _plain(self) -> Mapping[str, Any]:
        return {
            "again": lambda node: self._made[node["of"]],
            "array": lambda node: self._arrays[node["of"]],
            "tuple": lambda node: tuple(map(self.value, node["of"])),
            "mapping": lambda node: {self.value(k): self.value(v) for k, v in node["of"]},
            "table": lambda node: self._table(node["of"], node["rows"]),
            "shapes": lambda node: _shapes(*map(self.value, node["of"])),
            "sparse": lambda node: sparse.csr_matrix(
                tuple(map(self.value, node["of"])), tuple(node["shape"])
            ),
        }

    def _table(self, columns: Sequence[Any], rows: int) -> pd.DataFrame:
        cells = {
            name: pd.Series(column, dtype=object)
            if isinstance(column, list)
            else pd.Series(self.value(column))
            for name, column in columns
        }
        return pd.DataFrame(cells, index=pd.RangeIndex(rows))


def _shapes(sizes: NDArray[np.int64], joined: NDArray[np.uint8]) -> NDArray[np.object_]:
    ends = np.cumsum(np.maximum(sizes, 0))
    whole = joined.tobytes()
    wkb = [
        None if size < 0 else whole[end - size : end]
        for size, end in zip(sizes.tolist(), ends.tolist(), strict=True)
    ]
    return np.asarray(shapely.from_wkb(np.array(wkb, object)), object)
