"""Column: legends, tables and the inset, stacked beside the map as large as they fit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from layers.cartography import typeface
from layers.cartography.legend import patch
from layers.cartography.page import Box
from layers.cartography.plate import INK, RULE, SOFT, Plate
from layers.cartography.sheet import Inset, Legend, LegendRow, MapSheet, Table
from layers.errors import BadInput

_TITLE = 9.0
_HEAD = 5.4
_ROW = 6.3
_GAP = 5.0
_TYPE = 8.5
_SWATCH = 9.0
_INSET = 46.0


@dataclass(frozen=True)
class _Block:
    """A part of the column: its height at full size, and how it is put on the plate."""

    name: str
    height: float
    draw: Callable[[Box, float], None]
    last: bool = False


def draw_columns(plate: Plate, sheet: MapSheet, dpi: float) -> None:
    """Stack all blocks from the top of the first column to the bottom of the last.

    Raises
    ------
    BadInput
        They do not fit even at six tenths of their size.
    """
    blocks = [_legend_block(plate, legend, dpi) for legend in sheet.legends]
    blocks += [_table_block(plate, table) for table in sheet.tables]
    if sheet.inset is not None:
        blocks.append(_inset_block(plate, sheet, sheet.inset))
    for size in np.arange(1.0, 0.59, -0.05):
        places = _places(blocks, sheet.layout.columns, float(size))
        if places is not None:
            break
    else:
        raise BadInput("sheet_too_full", title=sheet.title)
    for block, place in zip(blocks, places, strict=True):
        plate.claim(block.name, place)
        block.draw(place, float(size))


def _places(blocks: list[_Block], columns: tuple[Box, ...], size: float) -> list[Box] | None:
    """Where the blocks go; the inset takes what is left of the last column. ``None`` if they do not fit."""
    places: list[Box] = []
    rest = list(columns)
    top = rest[0].top
    for block in blocks:
        high = block.height * size
        while rest and (top - high < rest[0].y - 1e-6 or (block.last and len(rest) > 1)):
            rest.pop(0)
            top = rest[0].top if rest else 0.0
        if not rest:
            return None
        high = top - rest[0].y if block.last else high
        places.append(Box(rest[0].x, top - high, rest[0].width, high))
        top -= high + _GAP * size
    return places


def _heading(plate: Plate, box: Box, words: str, size: float) -> float:
    """The block's title over a rule; returns where the rest begins."""
    plate.text(box.x, box.top - 5.2 * size, words, typeface.fitted(words, 11 * size, box.width, 5))
    plate.rule(box.x, box.top - 7.3 * size, box.width, INK, 0.25)
    return box.top - _TITLE * size


def _legend_block(plate: Plate, legend: Legend, dpi: float) -> _Block:
    deep = -(-len(legend.rows) // legend.columns)
    height = _TITLE + (_HEAD if legend.heads else 0) + deep * _ROW
    return _Block(legend.title, height, lambda box, size: _legend(plate, legend, box, size, deep, dpi))


def _legend(plate: Plate, legend: Legend, box: Box, size: float, deep: int, dpi: float) -> None:
    top = _heading(plate, box, legend.title, size)
    wide = box.width / legend.columns
    rights = _rights(legend, wide, size)
    if legend.heads:
        base = top - 3.4 * size
        plate.text(box.x + (_SWATCH + 3) * size, base, legend.heads[0], 7 * size, color=SOFT)
        for head, right in zip(legend.heads[1:], rights, strict=True):
            plate.text(box.x + right, base, head, 7 * size, anchor="right", color=SOFT)
        top -= _HEAD * size
    for number, row in enumerate(legend.rows):
        column, line = divmod(number, deep)
        spot = Box(box.x + column * wide, top - (line + 1) * _ROW * size, wide - 2 * size, _ROW * size)
        _legend_row(plate, row, spot, size, rights, dpi)


def _legend_row(plate: Plate, row: LegendRow, box: Box, size: float, rights: list[float], dpi: float) -> None:
    swatch = Box(box.x, box.y + 1.0 * size, _SWATCH * size, box.height - 2.0 * size)
    plate.picture(_swatch(row, swatch, plate, dpi), swatch)
    if row.shape == "polygon":
        plate.box(swatch, line=SOFT, width=0.12)
    left = swatch.right + 3 * size
    base = box.y + 2.0 * size
    room = box.right - left if not row.cells else rights[0] - typeface.width(row.cells[0], _TYPE * size)
    fit = typeface.fitted(row.title, _TYPE * size, room, 4.5)
    plate.text(left, base, typeface.shortened(row.title, fit, room), fit)
    for cell, right in zip(row.cells, rights, strict=False):
        plate.text(box.x + right, base, cell, _TYPE * size, anchor="right")


def _rights(legend: Legend, wide: float, size: float) -> list[float]:
    """Right edges of the cells, from the left of the block: each as wide as its widest words."""
    cells = max((len(row.cells) for row in legend.rows), default=0)
    edges = [wide]
    for n in range(cells - 1, 0, -1):
        column = [typeface.width(row.cells[n], _TYPE * size) for row in legend.rows if len(row.cells) > n]
        head = typeface.width(legend.heads[n + 1], 7 * size) if len(legend.heads) > n + 1 else 0.0
        edges.append(edges[-1] - max(*column, head) - 4.5 * size)
    return edges[::-1] if cells else []


def _swatch(row: LegendRow, box: Box, plate: Plate, dpi: float) -> np.ndarray:
    dots = dpi * plate.page.scale
    wide, high = round(box.width / 25.4 * dots), round(box.height / 25.4 * dots)
    return patch(row.symbol, wide, high, dots, row.shape)


def _table_block(plate: Plate, table: Table) -> _Block:
    height = _TITLE + _HEAD + len(table.rows) * 5.2
    return _Block(table.title, height, lambda box, size: _table(plate, table, box, size))


def _table(plate: Plate, table: Table, box: Box, size: float) -> None:
    top = _heading(plate, box, table.title, size)
    bar_room = 24.0 * size if table.bars else 0.0
    names = _table_names(table, size)
    rest = box.width - bar_room - names
    rights = [names + rest * (n + 1) / (len(table.heads) - 1) for n in range(len(table.heads) - 1)]
    base = top - 3.4 * size
    _table_row(plate, table.heads, box.x, base, 7 * size, rights, SOFT)
    top -= _HEAD * size
    for number, row in enumerate(table.rows):
        base = top - (number * 5.2 + 3.8) * size
        _table_row(plate, row, box.x, base, 8 * size, rights, INK)
        if table.bars:
            bar = table.bars[number]
            room = bar_room - 4 * size
            left = box.right - room
            plate.box(Box(left, base - 0.4 * size, room, 2.9 * size), fill="#eef1f3", line="none")
            plate.box(Box(left, base - 0.4 * size, room * bar.share, 2.9 * size), fill=bar.color, line="none")
        plate.rule(box.x, base - 1.5 * size, box.width, "#e1e5e8", 0.1)


def _table_names(table: Table, size: float) -> float:
    widest = max(typeface.width(row[0], 8 * size) for row in (table.heads, *table.rows))
    return min(widest, 30 * size)


def _table_row(
    plate: Plate, cells: tuple[str, ...], x: float, base: float, size: float, rights: list[float], color: str
) -> None:
    plate.text(x, base, typeface.shortened(cells[0], size, 30), size, color=color)
    for cell, right in zip(cells[1:], rights, strict=True):
        plate.text(x + right, base, cell, size, anchor="right", color=color)


def _inset_block(plate: Plate, sheet: MapSheet, inset: Inset) -> _Block:
    return _Block(
        inset.title, _TITLE + _INSET, lambda box, size: _inset(plate, sheet, inset, box, size), last=True
    )


def _inset(plate: Plate, sheet: MapSheet, inset: Inset, box: Box, size: float) -> None:
    """The regions in the largest size that fits, the marked one in colour."""
    top = _heading(plate, box, inset.title, size)
    room = Box(box.x, box.y, box.width, top - box.y)
    extent = inset.regions.shapes.extent
    if extent is None:
        return
    per_mm = max(extent.width / (room.width - 4), extent.height / (room.height - 3))
    shift = np.array(
        [
            room.x + (room.width - extent.width / per_mm) / 2,
            room.y + (room.height - extent.height / per_mm) / 2,
        ]
    )
    shapes = shapely.simplify(inset.regions.shapes.geometries(), per_mm * 0.1)
    codes = inset.regions["code"].astype(str)
    for code, shape in zip(codes, shapes, strict=True):
        marked = code == inset.marked
        for part in shapely.get_parts(shape):
            ring = (shapely.get_coordinates(part.exterior) - (extent.west, extent.south)) / per_mm + shift
            plate.area(ring, "#d9846b" if marked else "#f0f2f4", SOFT, 0.15, zorder=5 + marked)
    if inset.marked:
        return
    frame = sheet.extent
    corner = (np.array([frame.west, frame.south]) - (extent.west, extent.south)) / per_mm + shift
    seen = Box(float(corner[0]), float(corner[1]), frame.width / per_mm, frame.height / per_mm)
    plate.box(seen, line=RULE, clip=room, zorder=7)
