"""Flood sheet: what a scenario shows in place of risk grades: depths, whom they hit, where it began."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.cartography.classify import hatched
from layers.cartography.legend import PatchShape
from layers.cartography.sheet import Bar, Drawn, Legend, LegendRow, Note, Table
from layers.cartography.style import Style, StyleClass, Symbol, default_style, grade_style
from layers.grid import Grid
from layers.hazards.inundation_scenario import InundationScenario
from layers.layer import Shapes, VectorLayer
from layers.risk.evacuation_units import BY_UNIT
from layers.risk.loss import LossResult
from layers.words import Language, say

Array = NDArray[np.float64]

TERRAIN_ERROR = 3.0
"""Error of the heights of open 30 m terrain models, root of the mean square, m: 2 to 5 (recalled)."""
MOST_ROWS = 18
"""Lines of a ranking; the heading says of how many."""


def ranking_title(key: str, count: int, language: Language) -> str:
    """What stands over a ranking; where not all are in it, how many there are."""
    title = say(key, language)
    if count <= MOST_ROWS:
        return title
    return say("risksheet.most", language, title=title, shown=MOST_ROWS, count=count)


@dataclass(frozen=True, eq=False)
class Flood:
    """A scenario on a sheet.

    Parameters
    ----------
    depth : Grid
        Greatest, m.
    loss : LossResult
    roads : VectorLayer or None
        Closed ones.
    units : VectorLayer or None
        Those to evacuate.
    hatched : bool
        Depths are told apart by hatches too, for printers without colour.
    """

    depth: Grid
    loss: LossResult
    roads: VectorLayer | None
    units: VectorLayer | None = None
    hatched: bool = False

    @property
    def model(self) -> InundationScenario | None:
        """What was run, if it is known."""
        model = self.loss.hazard_result.model
        return model if isinstance(model, InundationScenario) else None

    def classes(self, language: Language) -> tuple[StyleClass, ...]:
        """Depth classes from deep to shallow, by their number in `coded`."""
        style = default_style("hazard_inundation", language)
        rising = replace(style, classes=style.classes[::-1])
        shown = hatched(rising, lowest=True) if self.hatched else rising
        classes = enumerate(shown.classes, start=1)
        return tuple(StyleClass(opaque(each.symbol), each.title, float(k)) for k, each in classes)[::-1]

    def coded(self) -> Grid:
        """The number of the depth class, 1 the shallowest; 0 where dry; NaN where not known."""
        classes = default_style("hazard_inundation", "zh_CN").classes
        lower = sorted(float(each.lower or 0.0) for each in classes)
        codes = np.searchsorted(lower, self.depth.values, side="right").astype(np.float64)
        codes[np.isnan(self.depth.values)] = np.nan
        return self.depth.like(codes, "")

    def drawn(self, inside: NDArray[np.bool_], language: Language) -> Drawn:
        """Depths; dry ground is left as it is, and what is not known within the regions is hatched."""
        codes, unknown = self.coded().values, grade_style("", language)
        shown = np.where(codes > 0, codes, np.nan)
        shown[inside & np.isnan(codes)] = 0.0
        nothing = StyleClass(unknown.symbol, unknown.other, 0.0)
        style = Style(kind="categorised", classes=(*self.classes(language), nothing))
        return Drawn(self.depth.like(shown, ""), style)

    def over(self, language: Language) -> Iterator[Drawn]:
        """Closed roads and breaches."""
        if self.roads is not None:
            yield Drawn(self.roads, default_style("closed_road", language))
        places = () if self.model is None else self.model.places
        if places:
            points = Shapes.of([shapely.Point(*place) for place in places])
            rows = pd.DataFrame({"name": [str(number) for number in range(1, len(places) + 1)]})
            layer = VectorLayer("breach", "breach", self.depth.lattice.crs, points, rows)
            yield Drawn(layer, default_style("breach", language))

    def legend(self, row: Mapping[str, int], areas: Array, language: Language) -> Legend:
        """Depth classes with people and area; then what is not known.

        Parameters
        ----------
        row : mapping of str to int
            Of the region, as `LossResult.row`.
        areas : ndarray of float64
            km² by number of the class; the first: not known.
        language : {"zh_CN", "en"}
        """
        rows = []
        for each in self.classes(language):
            number = int(float(each.value))  # type: ignore[arg-type]
            cells = (f"{row[f'people_depth_{number}']:,}", f"{areas[number]:,.1f}")
            rows.append(LegendRow(each.title, each.symbol, cells=cells))
        unknown = grade_style("", language)
        rows.append(
            LegendRow(unknown.other, unknown.symbol, cells=(f"{row['people_nodata']:,}", f"{areas[0]:,.1f}"))
        )
        heads = tuple(say(f"floodsheet.{head}", language) for head in ("depth", "people", "area"))
        return Legend(say("floodsheet.legend", language), tuple(rows), heads)

    def marks(self, language: Language) -> Iterator[LegendRow]:
        """What the sheet has besides."""
        shown: tuple[tuple[bool, str, PatchShape], ...] = (
            (bool(self.model and self.model.places), "breach", "point"),
            (self.roads is not None, "closed_road", "line"),
        )
        for is_there, kind, shape in shown:
            if is_there:
                style = default_style(kind, language)
                yield LegendRow(style.title or say(f"floodsheet.{kind}", language), style.symbol, shape)

    def table(self, unit: str, codes: "pd.Series[str] | None", language: Language) -> Table:
        """The units with the most people in the water: hit, displaced, loss."""
        frame = self.loss.by(unit)
        frame = frame[frame["code"] != "outside"]
        frame = frame if codes is None else frame[frame["code"].isin(codes)]
        ranked = frame.sort_values(["people_hit", "loss"], ascending=False).head(MOST_ROWS)
        most = max(int(ranked["people_hit"].max()) if len(ranked) else 0, 1)
        heads = tuple(say(f"floodsheet.{head}", language) for head in (unit, "hit", "displaced", "loss"))
        rows = tuple(
            (str(line.name), f"{line.people_hit:,}", f"{line.displaced:,}", f"{line.loss / 1e4:,.0f}")
            for line in ranked.itertuples()
        )
        bars = tuple(Bar(line.people_hit / most, "#4a9fd0") for line in ranked.itertuples())
        title = ranking_title(f"floodsheet.ranking_{unit}", len(frame), language)
        return Table(title, heads, rows, bars)

    def notes(self, row: Mapping[str, int], inside: NDArray[np.bool_], language: Language) -> Iterator[Note]:
        """Where it began, what it costs from low to high, and whether the terrain is good enough."""
        if self.model is not None and self.model.places:
            between = "；" if language == "zh_CN" else "; "
            places = between.join(
                f"{n}: {x:,.0f} E {y:,.0f} N" for n, (x, y) in enumerate(self.model.places, 1)
            )
            yield Note(say("floodsheet.breaches", language), places)
        people = {name: row[name] for name in ("displaced_low", "displaced", "displaced_high")}
        money = {name: row[name] / 1e4 for name in ("loss_low", "loss", "loss_high")}
        effects = say("floodsheet.effects_told", language, **people, **money)
        yield Note(say("floodsheet.effects", language), effects)
        if self.units is not None:
            unit = next(unit for unit, kind in BY_UNIT.items() if kind == self.units.kind)
            facts = {"count": len(self.units), "unit": say(f"floodsheet.unit_{unit}", language)}
            yield Note(say("floodsheet.units", language), say("floodsheet.units_told", language, **facts))
        depths = self.depth.values[inside & (np.nan_to_num(self.depth.values) >= 0.05)]
        if depths.size and np.median(depths) < TERRAIN_ERROR:
            told = say(
                "floodsheet.terrain_told", language, error=TERRAIN_ERROR, depth=float(np.median(depths))
            )
            yield Note(say("floodsheet.terrain", language), told)


def opaque(symbol: Symbol) -> Symbol:
    """The symbol opaque: paper has nothing to shine through."""
    return symbol if symbol.fill is None else replace(symbol, fill=replace(symbol.fill, opacity=1.0))
