"""Isochrones as people read them: who is reached within how many minutes, by county and township."""

import numpy as np
import pandas as pd

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.inputs import code_text
from layers.hazards.source import Reading
from layers.siting.answers import Answer, Study
from layers.siting.isochrones import isochrones, minutes_of
from layers.siting.relief_study import open_roads, places_of, stations_of


def isochrone_answer(study: Study) -> Answer:
    """Ground and people within some minutes; a line a county, its townships below it."""
    given = study.given
    minutes, sources = minutes_of(given.bands), sources_of(study)
    facts = {"source": study.say(f"relief.from.{given.source}"),
             "travel": study.say(f"relief.travel.{given.travel}"),
             "minutes": _listed([f"{m:g}" for m in minutes], study)}  # fmt: skip
    title = study.say("relief.isochrone_layer", **facts)
    network = open_roads(study.own, study.travel, study.closing)
    found = isochrones(study.own, network, sources, minutes, title, study.language, study.progress)
    table = found.table
    columns = [name for name in table.columns if name.startswith("within_")]
    total, within = float(table["people"].sum()), table[columns].sum()
    shares = [study.say("relief.within", minutes=f"{m:g}", people=f"{n:,.0f}", share=f"{n / total:.1%}")
              for m, n in zip(minutes, within, strict=True)]  # fmt: skip
    reached = _listed(shares, study)
    verdict = study.say("relief.isochrones.verdict", reached=reached, beyond=f"{table['beyond'].sum():,.0f}",
                        people=f"{total:,.0f}", **facts)  # fmt: skip
    rows, parent = _tree(study, table.rename(columns={"name": "town"}), columns)
    heads = [*study.heads("county"), *(f"≤{m:g}" for m in minutes), *study.heads("beyond")]
    return Answer(verdict, heads, rows, table, parent, edit=study.kept(found.layer))


def _listed(words: list[str], study: Study) -> str:
    return ("、" if study.language == "zh_CN" else ", ").join(words)


def sources_of(study: Study) -> Array:
    """The places from which time is counted, shape (k, 2).

    Raises
    ------
    MissingLayer
        The project has no such features.
    BadInput
        No place is given, or there is no plan.
    """
    source = study.given.source
    if source == "place":
        if study.given.origin == (0.0, 0.0):
            raise BadInput("isochrone_origin")
        return np.array([study.given.origin])
    if source == "plan":
        if study.plan is None:
            raise BadInput("plan_unknown", name="—", known="—")
        return study.plan.xy
    return places_of(stations_of(study.own, source))


def _tree(study: Study, table: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, list[int]]:
    """Counties with their townships, most people beyond reach first."""
    names = _county_names(study)
    table["county"] = table["county"].where(table["county"] != "", table["code"])
    rows: list[tuple[object, ...]] = []
    parent: list[int] = []
    shown = [*columns, "beyond"]
    sums = table.groupby("county", sort=False)[shown].sum().sort_values("beyond", ascending=False)
    for code, line in sums.iterrows():
        top, towns = len(rows), table[table["county"] == code].sort_values("beyond", ascending=False)
        rows.append((names.get(str(code)) or study.say("relief.outside"), *line))
        parent.append(-1)
        rows += towns[["town", *shown]].itertuples(index=False, name=None)
        parent += [top] * len(towns)
    return pd.DataFrame(rows, columns=["county", *shown]), parent


def _county_names(study: Study) -> dict[str, str]:
    counties = Reading(study.own).read_first("county", "code", "name")
    if counties is None:
        return {}
    return {code_text(code): code_text(name)
            for code, name in zip(counties["code"], counties["name"], strict=True)}  # fmt: skip
