"""A spatial index filled in bulk: leaves packed along a space-filling curve, written as SQLite keeps them.

Node format: SQLite's R*Tree module, "Shadow tables" and the head of ``rtree.c`` (big endian; depth in node 1;
then count and cells of a 64-bit number and four 32-bit floats: min x, max x, min y, max y). Sorting by Morton
code (Morton 1966) keeps neighbours in one leaf. Row by row the same index takes ten times as long.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.storage.blobs import Boxes
from layers.storage.schema import has_table, index_table, quoted

_CELLS = 51  # the most that a node of SQLite's holds
_FILLED = 46  # room for edits to come
_NODE = 4 + _CELLS * 24
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", (4,))])
Ids = NDArray[np.int64]


def fill_index(connection: sqlite3.Connection, table: str, boxes: Boxes) -> None:
    """Fill the empty index of a table whose fids are 1 … n.

    Parameters
    ----------
    connection : sqlite3.Connection
    table : str
    boxes : ndarray of float64, shape (n, 4)
        West, south, east, north; NaN where a feature has no geometry.
    """
    _fill(connection, table, np.arange(1, len(boxes) + 1), boxes)


def refill_index(connection: sqlite3.Connection, table: str, ids: Ids, boxes: Boxes) -> None:
    """Make the index of a table anew; the caller holds the transaction.

    Parameters
    ----------
    connection : sqlite3.Connection
    table : str
    ids : ndarray of int64, shape (n,)
        The fids.
    boxes : ndarray of float64, shape (n, 4)
        As for `fill_index`.
    """
    for part in ("rowid", "parent", "node"):
        connection.execute(f"DELETE FROM {quoted(f'{index_table(table)}_{part}')}")  # noqa: S608
    _insert(connection, f"{index_table(table)}_node", [(1, bytes(_NODE))])
    _fill(connection, table, ids, boxes)


def index_cells(connection: sqlite3.Connection, table: str) -> tuple[Ids, Boxes]:
    """The fids and boxes in the index of a table, in its order; none without an index.

    It keeps 32 bits a number, rounded outwards: half a metre at a northing of 4,000 km.
    """
    name = f"{index_table(table)}_node"
    if not has_table(connection, name):
        return np.empty(0, np.int64), np.empty((0, 4))
    nodes = dict(connection.execute(f"SELECT nodeno, data FROM {quoted(name)} ORDER BY nodeno").fetchall())  # noqa: S608
    level = [1]
    for _ in range(int.from_bytes(nodes[1][:2], "big")):  # the root tells how deep the leaves lie
        level = np.concatenate([_cells(nodes[n])["id"] for n in level]).tolist()
    counts = [int.from_bytes(nodes[n][2:4], "big") for n in level]
    packed = b"".join(nodes[n][4 : 4 + c * _CELL.itemsize] for n, c in zip(level, counts, strict=True))
    cells = np.frombuffer(packed, _CELL)
    return cells["id"].astype(np.int64), cells["box"][:, [0, 2, 1, 3]].astype(np.float64)


def _cells(node: bytes) -> NDArray[np.void]:
    return np.frombuffer(node, _CELL, int.from_bytes(node[2:4], "big"), 4)


def _fill(connection: sqlite3.Connection, table: str, ids: Ids, boxes: Boxes) -> None:
    there = np.flatnonzero(~np.isnan(boxes[:, 0]))
    if len(there):
        order = there[_along_a_curve(boxes[there])]
        _write(connection, index_table(table), _levels(ids[order], _single(boxes[order])))


def _single(boxes: Boxes) -> Boxes:
    """Min x, max x, min y, max y in 32 bits, rounded outwards."""
    edges = boxes[:, [0, 2, 1, 3]]
    single = edges.astype(np.float32)
    low = np.where(single > edges, np.nextafter(single, np.float32(-np.inf)), single)
    high = np.where(single < edges, np.nextafter(single, np.float32(np.inf)), single)
    return np.stack([low[:, 0], high[:, 1], low[:, 2], high[:, 3]], axis=1).astype(np.float64)


def _levels(ids: NDArray[np.int64], boxes: Boxes) -> list[tuple[NDArray[np.int64], Boxes, NDArray[np.int64]]]:
    """From the leaves up: identities and boxes of the cells, and the numbers of the nodes they lie in.

    The root is node 1; the others are numbered upwards from 2, leaves first.
    """
    levels = []
    free = 2
    while True:
        nodes = -(-len(ids) // _FILLED)
        numbers = np.array([1]) if nodes == 1 else np.arange(free, free + nodes)
        free += nodes
        levels.append((ids, boxes, np.repeat(numbers, _FILLED)[: len(ids)]))
        if nodes == 1:
            return levels
        starts = np.arange(0, len(ids), _FILLED)
        low = np.minimum.reduceat(boxes, starts, axis=0)
        high = np.maximum.reduceat(boxes, starts, axis=0)
        ids, boxes = numbers, np.where([True, False, True, False], low, high)


def _write(
    connection: sqlite3.Connection,
    index: str,
    levels: list[tuple[NDArray[np.int64], Boxes, NDArray[np.int64]]],
) -> None:
    leaf_ids, _, leaf_nodes = levels[0]
    order = np.argsort(leaf_ids)
    rows = zip(leaf_ids[order].tolist(), leaf_nodes[order].tolist(), strict=True)
    _insert(connection, f"{index}_rowid", rows)
    for ids, _, nodes in levels[1:]:
        _insert(connection, f"{index}_parent", zip(ids.tolist(), nodes.tolist(), strict=True))
    connection.execute(f"DELETE FROM {quoted(f'{index}_node')}")  # noqa: S608  # the empty root
    for ids, boxes, nodes in levels:
        _insert(connection, f"{index}_node", _nodes(ids, boxes, nodes, len(levels) - 1))


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    connection.executemany(f"INSERT INTO {quoted(table)} VALUES (?, ?)", rows)  # noqa: S608


def _nodes(
    ids: NDArray[np.int64], boxes: Boxes, nodes: NDArray[np.int64], depth: int
) -> list[tuple[int, bytes]]:
    cells = np.zeros(len(ids), _CELL)
    cells["id"], cells["box"] = ids, boxes
    packed = cells.tobytes()
    made = []
    for start in range(0, len(ids), _FILLED):
        number = int(nodes[start])
        count = min(_FILLED, len(ids) - start)
        head = (depth if number == 1 else 0).to_bytes(2, "big") + count.to_bytes(2, "big")
        body = packed[start * _CELL.itemsize : (start + count) * _CELL.itemsize]
        made.append((number, (head + body).ljust(_NODE, b"\0")))
    return made


def _along_a_curve(boxes: Boxes) -> NDArray[np.intp]:
    """An order in which neighbours come together."""
    centres = boxes[:, :2] + boxes[:, 2:]
    low, span = centres.min(axis=0), np.ptp(centres, axis=0)
    cells = ((centres - low) / np.where(span > 0, span, 1) * 65535).astype(np.uint64)
    return np.argsort(_spread(cells[:, 0]) | (_spread(cells[:, 1]) << np.uint64(1)), kind="stable")


def _spread(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sixteen bits with a gap after each."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values
