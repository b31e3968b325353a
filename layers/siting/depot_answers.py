"""Depots as people read them: what each fails and lacks, and where further ones should stand."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from layers.census.catalogue import catalogue
from layers.grid import Extent
from layers.hazards.standards import standard
from layers.risk.naming import unit_words
from layers.siting.answers import AROUND, Answer, Study, without_common_end
from layers.siting.depot_siting import site_depots
from layers.siting.depots import compliance, depot_criteria
from layers.siting.relief_study import Depots
from layers.words import Language, told


def depots(study: Study) -> Answer:
    """Every depot against every criterion; one line a depot, its criteria below it."""
    criteria = depot_criteria(study.given.criteria)
    found = compliance(study.own, criteria, study.given.hours, study.progress)
    titles = {each.id: each.title(study.language) for each in criteria}
    rows: list[tuple[str, str, str]] = []
    parent: list[int] = []
    details: list[str] = []
    stands = Depots.of(study.own)
    spots = dict(zip(stands.names, stands.xy.tolist(), strict=True))
    short = dict(zip(stands.names, without_common_end(stands.names), strict=True))
    places: list[Extent | None] = []
    for (name, tier), lines in found.groupby(["depot", "tier"], sort=False):
        asked = lines[lines["verdict"] != "not_asked"]
        met = int((asked["verdict"] == "met").sum())
        top = len(rows)
        rows.append((short[str(name)], _tier(str(tier), study.language), f"{met}/{len(asked)}"))
        parent.append(-1)
        details.append("")
        places += [Extent(*spots[str(name)], *spots[str(name)]).grown(AROUND)] * (1 + len(lines))
        for line in lines.to_dict("records"):
            words = study.say(f"depot.{line['id']}")
            rows.append((words, _measure(line, study.language), study.say(f"depot.{line['verdict']}")))
            parent.append(top)
            details.append(f"{titles[line['id']]} · {_clause(study, line)}")
    failing = found[found["verdict"] == "failed"]["depot"].nunique()
    verdict = study.say("relief.depots.verdict", number=found["depot"].nunique(), short=failing)
    found = found.assign(
        clause=[study.say(f"depot.clause.{each}") for each in found["clause"]],
        source=[told(each, study.language) for each in found["source"]],
    )
    table = found.assign(criterion=found["id"].map(titles),
                         verdict=[study.say(f"depot.{each}") for each in found["verdict"]])  # fmt: skip
    heads = study.heads("depot", "found", "complies")
    return Answer(
        verdict,
        heads,
        pd.DataFrame(rows, columns=["depot", "found", "complies"]),
        table,
        parent,
        details,
        places,
    )


def _tier(name: str, language: Language) -> str:
    """The tier of a depot; a name that the standard has not stays as the layer gives it."""
    table = standard("relief_depots")
    english = {**dict(zip(table["zh"], table["level"], strict=True)), "乡镇": "township"}
    return name if language == "zh_CN" else english.get(name, name)


def _measure(line: Mapping[str, Any], language: Language) -> str:
    found, unit = float(line["found"]), unit_words(line["unit"], language)
    if found != found:
        return "—" if line["verdict"] != "met" else f"> {line['asked']:,.0f} {unit}"
    if found == float("inf"):
        return "∞"
    return _amount(found, unit)


def _amount(value: float, unit: str) -> str:
    """A number with its unit; small ones have a decimal, if it says something."""
    digits = 1 if abs(value) < 100 and not value.is_integer() else 0
    return f"{value:,.{digits}f} {unit}".rstrip()


def _clause(study: Study, line: Mapping[str, Any]) -> str:
    """Clause, what is asked, what is missing, status and source."""
    asked, unit = float(line["asked"]), unit_words(line["unit"], study.language)
    parts = [study.say(f"depot.clause.{line['clause']}")]
    if line["id"] == "D3":
        parts.append(study.say("depot.dry", stage=f"{study.given.flood:g}"))
    elif asked == asked:
        parts.append(study.say("depot.asked", asked=f"{asked:,.0f} {unit}"))
    if line["verdict"] == "failed" and float(line["found"]) < float("inf"):
        lack = _amount(abs(asked - float(line["found"])), unit)
        parts.append(study.say("depot.lack", lack=lack))
    if line["missing"]:
        parts.append(study.say("depot.without", kind=catalogue()[str(line["missing"])].title(study.language)))
    status = study.say(f"status.{line['status']}")
    return f"{' · '.join(parts)}\n{status} · {told(str(line['source']), study.language)}"


def depot_siting(study: Study) -> Answer:
    """New depots and those that stand, with whom each serves."""
    given = study.given
    criteria = depot_criteria(given.criteria)
    found = site_depots(study.own, given.count, criteria, given.hours, study.language, study.progress)
    sites = found.sites.sort_values(["is_new", "people"], ascending=False, ignore_index=True)
    rows = sites[["name", "people", "furthest", "alone"]].copy()
    new = sites["is_new"].to_numpy(bool)
    rows.loc[new, "name"] = [study.say("relief.new_depot", name=name) for name in sites["name"][new]]
    rows.loc[~new, "name"] = without_common_end(list(sites["name"][~new]))
    shares = {"before": f"{found.before:.2%}", "after": f"{found.after:.2%}", "best": f"{found.at_best:.2%}",
              "drive": " → ".join(f"{minutes:.0f}" for minutes in found.drive)}  # fmt: skip
    key = "proven" if found.gap <= 1e-6 else "bounded"
    facts = {"count": int(sites["is_new"].sum()), "limit": f"{given.limit:g}", "gap": f"{found.gap:.2%}"}
    verdict = study.say(f"relief.depot_siting.{key}", excluded=len(found.excluded), **facts, **shares)
    heads = study.heads("depot", "people", "hours", "alone")
    return Answer(verdict, heads, rows, sites, edit=study.kept(found.layer))
