"""The evacuation plan 转移预案 as a workbook, and the ground that shelters need, for the land planners."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from layers.census.catalogue import catalogue
from layers.layer import Provenance, Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.reports.naming import file_stem
from layers.reports.spreadsheet import write_tables
from layers.siting.priority import PriorityGroup
from layers.siting.rules import shelter_classes
from layers.siting.served_first import group_words, served_first
from layers.siting.shelter_layers import flow_table, site_table, summary, township_table, with_outside
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelter_routes import Way, ways_of
from layers.siting.verdicts import candidate_table, connection_rows, exclusion_counts, rule_table
from layers.storage.export import write_file, write_layers
from layers.words import Language, say


def evacuation_tables(
    plan: ShelterPlan, language: Language, ways: list[Way] | None = None, progress: Progress = ignore
) -> dict[str, pd.DataFrame]:
    """The tables of the plan by title: who goes where by which roads, shelters, townships, people left out.

    Parameters
    ----------
    plan : ShelterPlan
    language : {"zh_CN", "en"}
    ways : list of Way, optional
        Of all flows, if they are at hand.
    """
    found = ways_of(plan, progress=progress) if ways is None else ways
    moves = flow_table(plan)
    moves["roads"] = [(" → " if language == "en" else "→").join(way.roads) or "—" for way in found]
    first = served_first(plan)
    if first is not None:
        moves["groups"] = [group_words(plan, people, language) for people in first.flows.T]
    moves = moves.sort_values(["township", "place", "people"], ascending=[True, True, False])
    sites = _worded(site_table(plan).drop(columns=["row", "moved"]), language)
    sites["room_left"] = sites["capacity"] - sites["people"]
    left = np.flatnonzero(plan.unmet > 0)
    points = plan.case.points
    names = np.array([*points.towns.names, "—"], object)
    places = np.array(points.names, object)[left]
    columns = {"township": names[points.township[left]], "place": places, "people": plan.unmet[left]}
    if first is not None:
        columns["priority"] = first.unmet.sum(axis=0)[left]
        columns["groups"] = np.array([group_words(plan, each, language) for each in first.unmet.T], object)[
            left
        ]
    unmet = pd.DataFrame(columns)
    candidates = _worded(candidate_table(plan, language), language)
    towns = with_outside(plan, township_table(plan), language)
    tables = {"moves": moves, "sites": sites, "townships": towns, "unmet": unmet,
              "candidates": candidates, "rules": _rules(plan, language),
              "about": _about(plan, language)}  # fmt: skip
    return {say(f"evacuation.{title}", language): table for title, table in tables.items()}


def _worded(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Sources, classes and verdicts as people read them."""
    english = {each.name: each.en for each in shelter_classes()}
    own = {"source": [say(f"shelter.source.{each}", language) for each in table["source"]]}
    if language == "en":
        own["class"] = [english.get(each, each) for each in table["class"]]
    if "verdict" in table:
        own["verdict"] = [say(f"evacuation.verdict.{each}", language) for each in table["verdict"]]
    return table.assign(**own)


def _rules(plan: ShelterPlan, language: Language) -> pd.DataFrame:
    table = rule_table(plan, language)
    worded = {"kind": "evacuation.kind", "status": "status", "judged": "evacuation.judged"}
    words = {column: [say(f"{theme}.{each}", language) for each in table[column]]
             for column, theme in worded.items()}  # fmt: skip
    return table.assign(**words).rename(
        columns={"value": "asked", "status": "standing", "excluded": "broken"}
    )


def _about(plan: ShelterPlan, language: Language) -> pd.DataFrame:
    """What the plan rests on: scenario, rules, proof, assumptions."""
    figures, wish = summary(plan), plan.case.wish
    lines: list[tuple[str, Any]] = [("plan", plan.name), ("scenario", wish.scenario.title(language))]
    whole = ("demand", "assigned", "unmet", "sites", "mean_m", "furthest_m")
    lines += [(name, round(figures[name])) for name in whole]
    lines += [("status", say(f"siting.{plan.status}", language))]
    if plan.gap == plan.gap:
        lines += [
            ("objective", round(plan.objective, 1)),
            ("bound", round(plan.bound, 1)),
            ("gap", f"{plan.gap:.2%}"),
        ]
    if wish.priority:
        lines += [("objective", say("shelter.proof.weighed", language))]
        lines += [(name, round(figures[name])) for name in ("priority", "priority_unmet")]
    excluded, by_rule = int((~plan.case.judgement.is_allowed).sum()), exclusion_counts(plan.case)
    lines += [("excluded", excluded), ("excluded_by", rule_counts(by_rule))]
    lines += [("radius", plan.case.radius), ("speed", wish.speed)]
    lines += [("group", group_line(group, language)) for group in wish.priority]
    told = [(say(f"evacuation.{key}", language), value) for key, value in lines]
    told += connection_rows(plan.case, language)
    told += [(say("evacuation.caution", language), say("evacuation.caution_words", language))]
    return pd.DataFrame(told, columns=["item", "value"])


def rule_counts(counts: Mapping[str, int]) -> str:
    """Rules and how many candidates each excludes, in one line."""
    return "  ".join(f"{rule} {number}" for rule, number in counts.items()) or "—"


def group_line(group: PriorityGroup, language: Language) -> str:
    """What a priority group is reckoned with, and how far that is known."""
    name = group.zh if language == "zh_CN" else group.en
    return say("priority.line", language, name=name, share=f"{group.share:.1%}", weight=f"{group.weight:g}",
               speed=f"{group.speed:g}", status=say(f"status.{group.status}", language))  # fmt: skip


def write_evacuation(
    plan: ShelterPlan,
    path: Path,
    language: Language,
    ways: list[Way] | None = None,
    progress: Progress = ignore,
) -> None:
    """The evacuation plan as XLSX.

    Raises
    ------
    CannotWrite
    """
    columns = ("place", "township", "site", "people", "metres", "minutes", "roads", "id", "name", "source",
               "class", "capacity", "fullness", "mean_m", "furthest_m", "room_left", "code", "demand",
               "assigned", "unmet", "share", "item", "value", "verdict", "score", "rule", "why", "unjudged",
               "clause", "kind", "asked", "unit", "standing", "judged", "broken", "priority",
               "slow_minutes", "groups")  # fmt: skip
    heads = {name: say(f"evacuation.{name}", language) for name in columns}
    write_tables(path, evacuation_tables(plan, language, ways, progress), heads)


def spatial_need(plan: ShelterPlan, language: Language) -> tuple[VectorLayer, VectorLayer]:
    """Ground that must be kept free: at each open site, and by township for those left out.

    The area of a site is what the people sent there need by its class; of a township, what those left out
    need by the area a person of the short-term class.
    """
    area = {each.name: each.area_per_person for each in shelter_classes()}
    table = site_table(plan)[["id", "name", "class", "people", "capacity"]]
    table["need_m2"] = np.ceil(table["people"] * table["class"].map(area))
    table["has_m2"] = plan.case.sites["area"].to_numpy(float)[plan.row]
    table["lacks_m2"] = np.maximum(table["need_m2"] - table["has_m2"], 0.0)
    crs, origin = plan.case.sites.crs, _origin(plan, language)
    points = Shapes.of(shapely.points(plan.xy), "point")
    towns = township_table(plan)
    shapes = plan.case.points.towns.shapes.take(towns.index.to_numpy())
    towns = towns.reset_index(drop=True)
    towns["need_m2"] = np.ceil(towns["unmet"] * area["短期"])
    return (
        VectorLayer(
            "site_need",
            "site_need",
            crs,
            points,
            table,
            say("evacuation.site_need", language),
            catalogue()["site_need"].fields,
            origin,
        ),
        VectorLayer(
            "town_need",
            "town_need",
            crs,
            shapes,
            towns,
            say("evacuation.town_need", language),
            catalogue()["town_need"].fields,
            origin,
        ),
    )


def _origin(plan: ShelterPlan, language: Language) -> Provenance:
    source = f"{plan.name} · {plan.case.wish.scenario.title(language)}"
    return Provenance(source=source, synthetic=plan.case.is_synthetic)


def write_need(plan: ShelterPlan, folder: Path, language: Language) -> tuple[Path, ...]:
    """The ground needed as one GeoPackage and two Shapefiles.

    Raises
    ------
    CannotWrite
    """
    layers = spatial_need(plan, language)
    stem = file_stem(say("evacuation.need_file", language, plan=plan.name))
    package = folder / f"{stem}.gpkg"
    write_layers(layers, package)
    shapes = [folder / f"{stem}_{layer.name}.shp" for layer in layers]
    for layer, path in zip(layers, shapes, strict=True):
        write_file(layer, path)
    return (package, *shapes)
