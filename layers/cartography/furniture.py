"""Furniture: what stands around the map: title, stamp, scale, north, notes, imprint, graticule figures."""

import math

import numpy as np

from layers.cartography import graticule, typeface
from layers.cartography.page import Box
from layers.cartography.plate import INK, PAPER, RULE, SOFT, Plate
from layers.cartography.sheet import MapSheet, Note
from layers.words import say

RED = "#b3261e"


def draw_furniture(plate: Plate, sheet: MapSheet) -> None:
    """Everything around the map except the columns with legend and tables."""
    page = Box(0, 0, sheet.page.width / sheet.page.scale, sheet.page.height / sheet.page.scale)
    plate.box(page.grown(-5), line=SOFT, width=0.3)
    _title(plate, sheet)
    _stamp(plate, sheet)
    _frame(plate, sheet)
    _scale(plate, sheet)
    _notes(plate, sheet)
    _imprint(plate, sheet)


def _title(plate: Plate, sheet: MapSheet) -> None:
    box = sheet.layout.title
    plate.claim("title", box)
    middle = box.x + box.width / 2
    size = typeface.fitted(sheet.title, 27, box.width, 12)
    plate.text(middle, box.y + (7.6 if sheet.subtitle else 4.5), sheet.title, size, anchor="center")
    size = typeface.fitted(sheet.subtitle, 10.5, box.width, 6)
    plate.text(middle, box.y + 1.2, sheet.subtitle, size, anchor="center", color=SOFT)


def _stamp(plate: Plate, sheet: MapSheet) -> None:
    box = sheet.layout.stamp
    plate.claim("stamp", box)
    if not sheet.stamp:
        return
    size = typeface.fitted(sheet.stamp, 11, box.width - 3, 5)
    wide = typeface.width(sheet.stamp, size) + 5
    high = size * typeface.POINT * 1.9
    seal = Box(box.right - wide, box.top - high, wide, high)
    plate.box(seal, line=RED, width=0.4)
    plate.text(seal.x + wide / 2, seal.y + high * 0.33, sheet.stamp, size, anchor="center", color=RED)


def _frame(plate: Plate, sheet: MapSheet) -> None:
    frame = sheet.layout.frame
    plate.claim("frame", frame.grown(5))
    minutes = graticule.spacing(sheet.extent, sheet.crs)
    for line in graticule.lines(sheet.extent, sheet.crs, minutes):
        plate.line(sheet.on_paper(line), "#4a6a80", 0.09, clip=frame, opacity=0.35, zorder=3)
    for tick in graticule.ticks(sheet.extent, sheet.crs, minutes):
        _tick(plate, sheet, tick)
    plate.box(frame, line=INK, width=0.25, zorder=8)
    plate.box(frame.grown(1.0), line=INK, width=0.6, zorder=8)


def _tick(plate: Plate, sheet: MapSheet, tick: graticule.Tick) -> None:
    """A stroke across the double frame and its figures, unless they would run into a corner."""
    ((x, y),) = sheet.on_paper(np.array([[tick.x, tick.y]]))
    frame = sheet.layout.frame
    out = {"west": (-1, 0), "east": (1, 0), "south": (0, -1), "north": (0, 1)}[tick.edge]
    plate.line([(x, y), (x + out[0], y + out[1])], INK, 0.2, zorder=8)
    size = 6.5
    room = typeface.width(tick.words, size) / 2 + 0.5
    along, low, high = (x, frame.x, frame.right) if out[0] == 0 else (y, frame.y, frame.top)
    if not low + room < along < high - room:
        return
    if out[0] == 0:
        plate.text(x, y + (1.9 if out[1] > 0 else -3.8), tick.words, size, anchor="center")
    else:
        plate.text(x + (-1.9 if out[0] < 0 else 3.8), y, tick.words, size, anchor="center", angle=90)


def _scale(plate: Plate, sheet: MapSheet) -> None:
    box = sheet.layout.scale
    plate.claim("scale", box)
    _north(plate, sheet, Box(box.x, box.y, 18, box.height))
    left = box.x + 23
    words = say("sheet.scale", sheet.language, denominator=f"{sheet.scale:,}".replace(",", " "))
    plate.text(left, box.top - 7.5, words, 11)
    _bar(plate, sheet, left, box.y + 8.5, box.width - 31)


def bar_length(ground_mm: float, room: float) -> float:
    """The longest decent length that fits into `room` mm on paper, ground metres.

    Parameters
    ----------
    ground_mm : float
        Ground metres that a millimetre covers.
    room : float
        Millimetres.
    """
    longest = ground_mm * room
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 4, 5, 8) if step * power <= longest)


def _bar(plate: Plate, sheet: MapSheet, x: float, y: float, room: float) -> None:
    """A bar in four parts, of ground lengths at the map's centre, as the number beside it."""
    ground_mm = sheet.scale * sheet.page.scale / 1000
    length = bar_length(ground_mm, room)
    kilometres = length >= 2000
    for part in range(4):
        cell = Box(x + part * length / 4 / ground_mm, y, length / 4 / ground_mm, 1.5)
        plate.box(cell, fill=INK if part % 2 == 0 else PAPER, line=INK, width=0.15)
    for part in (0, 1, 2, 4):
        value = length * part / 4 / (1000 if kilometres else 1)
        unit = (" km" if kilometres else " m") if part == 4 else ""
        plate.text(x + part * length / 4 / ground_mm, y + 2.6, f"{value:g}{unit}", 7, anchor="center")


def _north(plate: Plate, sheet: MapSheet, box: Box) -> None:
    """An arrow to true north, which on Gauss-Krüger is not quite the top of the page."""
    middle = np.array([box.x + box.width / 2, box.y + box.height * 0.42])
    turn = math.radians(graticule.north(sheet.crs, sheet.centre))
    turned = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    tip, left, right, notch = np.array([(0, 8.6), (-4.0, -7.4), (4.0, -7.4), (0, -4.2)]) @ turned + middle
    plate.area([tip, left, notch], PAPER, INK, 0.25)
    plate.area([tip, right, notch], INK, INK, 0.25)
    x, y = np.array([0, 10.6]) @ turned + middle
    plate.text(float(x), float(y), "N", 11, anchor="center")


def _notes(plate: Plate, sheet: MapSheet) -> None:
    """Paragraphs in two columns, as large as they fit."""
    box = sheet.layout.notes
    plate.claim("notes", box)
    notes = (Note("", sheet.warning), *sheet.notes) if sheet.warning else sheet.notes
    gap = 5.0
    room = (box.width - gap) / 2
    for size in (7.5, 7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0):
        lines = _set(notes, size, room, sheet)
        leading = size * typeface.POINT * 1.42
        deep = int(box.height / leading)
        if len(lines) <= 2 * deep:
            break
    first = min(deep, (len(lines) + 1) // 2)
    for number, (words, color) in enumerate(lines[: 2 * deep]):
        column, row = divmod(number, first)
        plate.text(box.x + column * (room + gap), box.top - (row + 0.85) * leading, words, size, color=color)


def _set(notes: tuple[Note, ...], size: float, room: float, sheet: MapSheet) -> list[tuple[str, str]]:
    colon = "：" if sheet.language == "zh_CN" else ": "
    lines: list[tuple[str, str]] = []
    for note in notes:
        words = f"{note.head}{colon}{note.words}" if note.head else note.words
        color = SOFT if note.head else RED
        lines.extend((line, color) for line in typeface.wrapped(words, size, room))
    return lines


def _imprint(plate: Plate, sheet: MapSheet) -> None:
    box = sheet.layout.imprint
    plate.claim("imprint", box)
    plate.rule(box.x, box.top, box.width, RULE)
    rows = [
        (say("sheet.maker", sheet.language), sheet.maker),
        (say("sheet.date", sheet.language), sheet.date),
        (say("sheet.page", sheet.language), f"{sheet.number} / {sheet.count}" if sheet.count else ""),
    ]
    y = box.top - 6.5
    for head, words in rows:
        if not words:
            continue
        plate.text(box.x, y, head, 8.5, color=SOFT)
        left = box.x + 24
        size = typeface.fitted(words, 8.5, box.right - left, 5)
        for line in typeface.wrapped(words, size, box.right - left)[:2]:
            plate.text(left, y, line, size)
            y -= 4.4
        y -= 2.2
