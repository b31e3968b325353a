"""The relief studies as people read them: a verdict, a table, a map to keep, an outflow to approve."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from layers.changes import Edit
from layers.hazards.standards import standard
from layers.progress import Progress
from layers.risk.naming import unit_words
from layers.siting import relief_checks, relief_study
from layers.siting.answers import Answer, Given, Study, without_common_end
from layers.siting.balance import Balance, balance
from layers.siting.depot_answers import depot_siting, depots
from layers.siting.isochrone_answer import isochrone_answer
from layers.siting.reach import fire_reach
from layers.siting.relief import WARNING_TARGET
from layers.siting.routing import route_between, route_layer
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.stock import Books, outflow
from layers.storage.geopackage import ProjectFile, load
from layers.words import Language

DRIVEN = ("balance", "ten_hours", "fire", "responders", "route", "isochrones")
"""Studies of ways: each says what closes its roads."""


def needs_plan(name: str, given: Given) -> bool:
    """Whether a study cannot do without a plan."""
    return name in ("balance", "responders") or (name == "isochrones" and given.source == "plan")


def answer(
    name: str,
    own: ProjectFile,
    plan: ShelterPlan | None,
    given: Given,
    language: Language,
    progress: Progress,
) -> Answer:
    """Reckon a study of `STUDIES`.

    Raises
    ------
    KnownError
        A layer is missing, or a ledger does not add up.
    """
    study = Study(own, plan, given, language, progress)
    found = STUDIES[name](study)
    return replace(found, verdict=f"{found.verdict}\n{study.closed_words}") if name in DRIVEN else found


def _stock(study: Study) -> Answer:
    rows = Books.of(study.own).table(study.given.day)
    words = _item_words(study.language)
    verdict = study.say(
        "relief.stock.verdict", depots=rows["depot"].nunique(), items=len(rows), day=study.given.day
    )
    names = list(dict.fromkeys(rows["depot"]))
    short = dict(zip(names, without_common_end(names), strict=True))
    shown = rows.assign(depot=rows["depot"].map(short), item=[words.get(each, each) for each in rows["item"]])
    return Answer(verdict, study.heads("depot", "item", "amount"), shown, rows)


def _balance(study: Study) -> Answer:
    given, plan = study.given, study.chosen
    found = balance(study.own, plan, given.days, given.season, given.day, study.progress, study.closing)
    items = found.items
    name = items["zh"] if study.language == "zh_CN" else items["en"]
    rows: list[tuple[str, str, str]] = []
    parent: list[int] = []
    details: list[str] = []
    for title, line in zip(name, items.to_dict("records"), strict=True):
        top = len(rows)
        unit = unit_words(line["unit"], study.language)
        rows.append((f"{title} {unit}".rstrip(), _or_dash(line["needed"]), _or_dash(line["gap"])))
        parent.append(-1)
        facts = {name: _or_dash(line[name]) for name in ("stock", "given")}
        details.append(
            study.say("relief.balance.stock", status=study.say(f"status.{line['status']}"), **facts)
        )
        for depot, amount, words in _givers(study, found, str(line["item"])):
            rows.append((depot, f"→ {amount:,.0f}", ""))
            parent.append(top)
            details.append(words)
    short = int((items["gap"] > 0.5).sum())
    source = study.say("relief.by_ledger" if found.by_ledger else "relief.by_layer", day=given.day,
                       unknown=len(found.unknown))  # fmt: skip
    verdict = study.say("relief.balance.verdict", short=short, number=len(items)) + "\n" + source
    if found.strangers:
        verdict += "\n" + study.say("relief.strangers", names="、".join(found.strangers))
    heads, table = study.heads("item", "needed", "gap"), pd.DataFrame(rows, columns=["item", "needed", "gap"])
    more = {study.say("relief.deliveries"): found.deliveries, study.say("relief.lots"): found.lines}
    return Answer(verdict, heads, table, items, parent, details, offer=_offer(study, found), more=more)


def _givers(study: Study, found: Balance, item: str) -> list[tuple[str, float, str]]:
    """Which depot gives how much of an item, from which lines of its ledger, to which shelters."""
    moves = found.deliveries[found.deliveries["item"] == item]
    givers = []
    for depot, sent in moves.groupby("depot", sort=False):
        lines = found.lines[(found.lines["depot"] == depot) & (found.lines["item"] == item)]
        drawn = [study.say("relief.line", received=line.received, expires=line.expires or "—",
                           amount=f"{line.amount:,.0f}") for line in lines.itertuples()]  # fmt: skip
        ways = [study.say("relief.way", site=way.site, amount=f"{way.amount:,.0f}",
                          minutes=f"{way.minutes:.0f}") for way in sent.itertuples()]  # fmt: skip
        givers.append((str(depot), float(sent["amount"].sum()), "\n".join((*drawn, *ways))))
    return givers


def _offer(study: Study, found: Balance) -> Edit | None:
    """The outflow of the ledgers, to be approved."""
    if not found.by_ledger or not len(found.deliveries):
        return None
    plan, day = study.chosen.name, study.given.day
    title = study.say("edit.outflow", plan=plan)
    return outflow(study.own, found.deliveries, day, study.say("relief.purpose", plan=plan), title)


def _or_dash(value: float) -> str:
    return "—" if value != value else f"{value:,.0f}"


def _item_words(language: Language) -> dict[str, str]:
    table = standard("relief_needs").drop_duplicates("item")
    return dict(zip(table["item"], table["zh" if language == "zh_CN" else "en"], strict=True))


def _ten_hours(study: Study) -> Answer:
    found = relief_study.ten_hours(
        study.own, study.closing, study.given.hours, study.language, study.progress
    )
    rows = found.table.sort_values("late", ascending=False)[["name", "people", "late", "share"]]
    share, hours = f"{found.share:.1%}", f"{study.given.limit:g}"
    verdict = study.say("relief.ten_hours.verdict", share=share, hours=hours)
    heads = study.heads("town", "people", "late", "share")
    return Answer(verdict, heads, rows, found.table, edit=study.kept(found.layer))


def _fire(study: Study) -> Answer:
    given = study.given
    found = fire_reach(study.own, given.minutes, study.language, study.progress, kind=given.kind,
                       beside=given.beside, closing=study.closing)  # fmt: skip
    facts = {"minutes": f"{given.minutes:g}", "kind": study.say(f"relief.by.{given.kind}")}
    if found.burnable > 0:
        facts |= {
            "share": f"{found.reached / found.burnable:.1%}",
            "km2": f"{found.burnable - found.reached:,.1f}",
        }
    verdict = study.say("relief.fire.verdict" if found.burnable > 0 else "relief.fire.no_fuel", **facts)
    maps = [layer for layer in (found.layer, found.beyond) if layer is not None]
    edit = load(found.layer.title, maps, study.own, replace_kind=True)
    return Answer(verdict, study.heads("county", "burnable", "reached", "percent"), found.table, edit=edit)


def _responders(study: Study) -> Answer:
    given = study.given
    found = relief_study.responders_for(study.own, study.chosen, study.closing, given.kind, given.count,
                                        study.progress)  # fmt: skip
    rows: list[tuple[str, float]] = []
    parent: list[int] = []
    for site, lines in found.groupby("site", sort=False):
        top, known = len(rows), lines[lines["name"] != ""]
        rows += [
            (str(site), float(lines["minutes"].min())),
            *zip(known["name"], known["minutes"], strict=True),
        ]
        parent += [-1, *[top] * len(known)]
    first = found[found["rank"] == 1]
    near = first[first["name"] != ""]
    slowest = f"{near['minutes'].max():.0f}" if len(near) else "—"
    verdict = study.say("relief.responders.verdict", sites=len(near), minutes=slowest)
    if len(near) < len(first):
        names = "、".join(first["site"][first["name"] == ""])
        verdict += "\n" + study.say("relief.responders.cut_off", number=len(first) - len(near), names=names)
    shown = pd.DataFrame(rows, columns=["site", "minutes"])
    return Answer(verdict, study.heads("site", "minutes"), shown, found, parent)


def _warning(study: Study) -> Answer:
    found = relief_checks.warned(study.own, study.language, study.progress)
    key = "met" if found.share >= WARNING_TARGET else "missed"
    shares = {name: f"{getattr(found, name):.1%}" for name in ("share", "sirens", "staff")}
    verdict = study.say(f"relief.warning.{key}", target=f"{WARNING_TARGET:.0%}", **shares)
    rows = found.table[["name", "sirens", "staff", "share"]]
    heads = study.heads("county", "sirens", "staff", "heard")
    return Answer(verdict, heads, rows, found.table, edit=study.kept(found.layer))


def _patches(study: Study) -> Answer:
    found = relief_checks.grid_findings(study.own, study.language)
    verdict = study.say("relief.patches.verdict", number=len(found.table))
    rows = found.table[["where", "what", "area_m2"]]
    return Answer(verdict, study.heads("where", "what", "area"), rows, found.table, places=found.places,
                  edit=study.kept(found.layer))  # fmt: skip


def _route(study: Study) -> Answer:
    given = study.given
    found = route_between(study.own, given.origin, given.target, study.travel, study.closing)
    steps = found.table
    rows = pd.DataFrame({
        "road": [f"{study.say(f'route.{turn}')} · {road}" for turn, road in
                 zip(steps["turn"], steps["road"], strict=True)],
        "metres": np.round(steps["metres"]), "minutes": steps["seconds"] / 60.0,
    })  # fmt: skip
    facts = {"km": f"{found.line.length / 1000:.1f}", "minutes": f"{found.seconds / 60:.0f}"}
    verdict = study.say("relief.route.verdict", travel=study.say(f"relief.travel.{given.travel}"), **facts)
    layer = route_layer(study.own, found, verdict)
    return Answer(verdict, study.heads("turn", "metres", "minutes"), rows, steps, edit=study.kept(layer))


STUDIES: Mapping[str, Callable[[Study], Answer]] = {
    "depots": depots,
    "depot_siting": depot_siting,
    "stock": _stock,
    "balance": _balance,
    "ten_hours": _ten_hours,
    "fire": _fire,
    "responders": _responders,
    "warning": _warning,
    "patches": _patches,
    "route": _route,
    "isochrones": isochrone_answer,
}
