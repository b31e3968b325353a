"""The relief studies as people read them: a verdict, a table, a map to keep, an outflow to approve."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from layers.census.catalogue import catalogue
from layers.changes import Edit
from layers.grid import Extent
from layers.hazards.standards import standard
from layers.layer import VectorLayer
from layers.progress import Progress
from layers.risk.needs import DAYS
from layers.siting import relief_checks, relief_study
from layers.siting.balance import Balance, balance
from layers.siting.depot_siting import site_depots
from layers.siting.depots import compliance, depot_criteria
from layers.siting.reach import BESIDE, fire_reach
from layers.siting.relief import FIRST_HELP_HOURS, WARNING_TARGET
from layers.siting.relief_study import Depots, Hours
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.stock import Books, outflow
from layers.storage.geopackage import ProjectFile, load
from layers.words import Language, say

AROUND = 3000.0
"""What is shown about a place that is gone to, m."""
WITH_PLAN = ("balance", "responders")
"""Studies that need a plan."""


@dataclass(frozen=True)
class Given:
    """What a study is asked with; each uses some of it.

    Parameters
    ----------
    days : int
        For what is used up day by day.
    season : str
    day : date
        On which the stock is looked at.
    limit, mobilise, transfer : float
        Hours of the ten-hour rule.
    minutes : float
        Of fire engines.
    beside : float
        How far from the road they work, m.
    kind : str
        Of responders.
    count : int
        Responders a shelter; new depots.
    flood, access, hazard, fire : float
        Values of the criteria of a depot's place, see `layers.siting.depots.depot_criteria`.
    """

    days: int = DAYS
    season: str = "summer"
    day: date = field(default_factory=date.today)
    limit: float = FIRST_HELP_HOURS
    mobilise: float = 2.0
    transfer: float = 2.0
    minutes: float = 30.0
    beside: float = BESIDE
    kind: str = "fire_station"
    count: int = 3
    flood: float = 1.0
    access: float = 5000.0
    hazard: float = 1000.0
    fire: float = 30.0

    @property
    def hours(self) -> Hours:
        """The ten-hour rule."""
        return Hours(self.limit, self.mobilise, self.transfer)

    @property
    def criteria(self) -> Mapping[str, float]:
        """Values of the criteria of a depot."""
        return {"flood": self.flood, "access": self.access, "hazard": self.hazard, "fire": self.fire,
                "hours": self.limit}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study found.

    Parameters
    ----------
    verdict : str
        One sentence.
    heads : sequence of str
    rows : pandas.DataFrame
        As many columns as heads.
    table : pandas.DataFrame, optional
        All that was found, under plain names, for files; by default `rows`.
    parent : sequence of int
        For each row, the row under which it stands; -1 or nothing: none.
    details : sequence of str
        For each row, a sentence or two more.
    places : sequence of Extent or None
        For each row, where it lies.
    edit : Edit, optional
        Keeps a map.
    offer : Edit, optional
        An outflow of the ledgers that may be approved.
    """

    verdict: str
    heads: Sequence[str]
    rows: pd.DataFrame
    table: pd.DataFrame | None = None
    parent: Sequence[int] = ()
    details: Sequence[str] = ()
    places: Sequence[Extent | None] = ()
    edit: Edit | None = None
    offer: Edit | None = None

    @property
    def plain(self) -> pd.DataFrame:
        """The table for files."""
        return self.rows if self.table is None else self.table


@dataclass(frozen=True, eq=False)
class Study:
    """What a study works on."""

    own: ProjectFile
    plan: ShelterPlan | None
    given: Given
    language: Language
    progress: Progress

    def say(self, key: str, **facts: object) -> str:
        """Words in the user's language."""
        return say(key, self.language, **facts)

    def heads(self, *names: str) -> list[str]:
        """Heads of a table."""
        return [self.say(f"relief.head.{name}") for name in names]

    def kept(self, layer: VectorLayer | None) -> Edit | None:
        """The edit that keeps a map in place of an earlier one."""
        return None if layer is None else load(layer.title, [layer], self.own, replace_kind=True)

    @property
    def chosen(self) -> ShelterPlan:
        """The plan, of a study that needs one."""
        assert self.plan is not None
        return self.plan


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
    return STUDIES[name](Study(own, plan, given, language, progress))


def _depots(study: Study) -> Answer:
    criteria = depot_criteria(study.given.criteria)
    found = compliance(study.own, criteria, study.given.hours, study.progress)
    titles = {each.id: each.title(study.language) for each in criteria}
    rows: list[tuple[str, str, str]] = []
    parent: list[int] = []
    details: list[str] = []
    stands = Depots.of(study.own)
    spots = dict(zip(stands.names, stands.xy.tolist(), strict=True))
    places: list[Extent | None] = []
    for (name, tier), lines in found.groupby(["depot", "tier"], sort=False):
        asked = lines[lines["verdict"] != "not_asked"]
        met = int((asked["verdict"] == "met").sum())
        top = len(rows)
        rows.append((str(name), str(tier), f"{met}/{len(asked)}"))
        parent.append(-1)
        details.append("")
        places += [Extent(*spots[str(name)], *spots[str(name)]).grown(AROUND)] * (1 + len(lines))
        for line in lines.to_dict("records"):
            rows.append((titles[line["id"]], _measure(line), study.say(f"depot.{line['verdict']}")))
            parent.append(top)
            details.append(_clause(study, line))
    short = found[found["verdict"] == "failed"]["depot"].nunique()
    verdict = study.say("relief.depots.verdict", number=found["depot"].nunique(), short=short)
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


def _measure(line: Mapping[str, Any]) -> str:
    found, unit = float(line["found"]), line["unit"]
    if found != found:
        return "—" if line["verdict"] != "met" else f"> {line['asked']:,.0f} {unit}"
    if found == float("inf"):
        return "∞"
    return f"{found:,.1f} {unit}" if abs(found) < 100 else f"{found:,.0f} {unit}"


def _clause(study: Study, line: Mapping[str, Any]) -> str:
    """Clause, what is asked, what is missing, status and source."""
    asked = float(line["asked"])
    parts = [str(line["clause"])]
    if line["id"] == "D3":
        parts.append(study.say("depot.dry", stage=f"{study.given.flood:g}"))
    elif asked == asked:
        parts.append(study.say("depot.asked", asked=f"{asked:,.0f} {line['unit']}"))
    if line["verdict"] == "failed" and float(line["found"]) < float("inf"):
        lack = abs(asked - float(line["found"]))
        parts.append(study.say("depot.lack", lack=f"{lack:,.1f} {line['unit']}"))
    if line["missing"]:
        parts.append(study.say("depot.without", kind=catalogue()[str(line["missing"])].title(study.language)))
    status = study.say(f"status.{line['status']}")
    return f"{' · '.join(parts)}\n{status} · {line['source']}"


def _depot_siting(study: Study) -> Answer:
    given = study.given
    criteria = depot_criteria(given.criteria)
    found = site_depots(study.own, given.count, criteria, given.hours, study.language, study.progress)
    sites = found.sites.sort_values(["is_new", "people"], ascending=False, ignore_index=True)
    rows = sites[["name", "people", "furthest", "alone"]].copy()
    rows["name"] = [study.say("relief.new_depot", name=name) if new else name
                    for name, new in zip(sites["name"], sites["is_new"], strict=True)]  # fmt: skip
    shares = {"before": f"{found.before:.2%}", "after": f"{found.after:.2%}", "best": f"{found.at_best:.2%}",
              "drive": " → ".join(f"{minutes:.0f}" for minutes in found.drive)}  # fmt: skip
    key = "proven" if found.gap <= 1e-6 else "bounded"
    facts = {"count": int(sites["is_new"].sum()), "limit": f"{given.limit:g}", "gap": f"{found.gap:.2%}"}
    verdict = study.say(f"relief.depot_siting.{key}", excluded=len(found.excluded), **facts, **shares)
    heads = study.heads("depot", "people", "hours", "alone")
    return Answer(verdict, heads, rows, sites, edit=study.kept(found.layer))


def _stock(study: Study) -> Answer:
    rows = Books.of(study.own).table(study.given.day)
    words = _item_words(study.language)
    verdict = study.say(
        "relief.stock.verdict", depots=rows["depot"].nunique(), items=len(rows), day=study.given.day
    )
    shown = rows.assign(item=[words.get(item, item) for item in rows["item"]])
    return Answer(verdict, study.heads("depot", "item", "amount"), shown, rows)


def _balance(study: Study) -> Answer:
    given, plan = study.given, study.chosen
    found = balance(study.own, plan, given.days, given.season, given.day, study.progress)
    items = found.items
    name = items["zh"] if study.language == "zh_CN" else items["en"]
    rows: list[tuple[str, float, float, float]] = []
    parent: list[int] = []
    details: list[str] = []
    for title, line in zip(name, items.to_dict("records"), strict=True):
        top = len(rows)
        rows.append((f"{title} ({line['unit']})", float(line["needed"]), line["given"], line["gap"]))
        parent.append(-1)
        details.append(study.say("relief.balance.stock", stock=_or_dash(line["stock"]),
                                 status=study.say(f"status.{line['status']}")))  # fmt: skip
        for depot, amount, words in _givers(study, found, str(line["item"])):
            rows.append((depot, float("nan"), amount, float("nan")))
            parent.append(top)
            details.append(words)
    short = int((items["gap"] > 0.5).sum())
    source = study.say("relief.by_ledger" if found.by_ledger else "relief.by_layer", day=given.day,
                       unknown=len(found.unknown))  # fmt: skip
    verdict = study.say("relief.balance.verdict", short=short, number=len(items)) + "\n" + source
    heads = study.heads("item", "needed", "given", "gap")
    table = pd.DataFrame(rows, columns=["item", "needed", "given", "gap"])
    return Answer(verdict, heads, table, items, parent, details, offer=_offer(study, found))


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
    found = relief_study.ten_hours(study.own, study.plan, study.given.hours, study.language, study.progress)
    rows = found.table.sort_values("late", ascending=False)[["name", "people", "late", "share"]]
    share, hours = f"{found.share:.1%}", f"{study.given.limit:g}"
    verdict = study.say("relief.ten_hours.verdict", share=share, hours=hours)
    return Answer(verdict, study.heads("town", "people", "late", "share"), rows, edit=study.kept(found.layer))


def _fire(study: Study) -> Answer:
    given = study.given
    found = fire_reach(study.own, given.minutes, study.language, study.progress, kind=given.kind,
                       beside=given.beside, plan=study.plan)  # fmt: skip
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
    rows = relief_study.responders_for(study.own, study.chosen, given.kind, given.count, study.progress)
    first = rows[rows["rank"] == 1]
    slowest = float(first["minutes"].max()) if len(first) else float("nan")
    verdict = study.say("relief.responders.verdict", sites=first["site"].nunique(), minutes=f"{slowest:.0f}")
    return Answer(
        verdict, study.heads("site", "responder", "minutes"), rows[["site", "name", "minutes"]], rows
    )


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


STUDIES: Mapping[str, Callable[[Study], Answer]] = {
    "depots": _depots,
    "depot_siting": _depot_siting,
    "stock": _stock,
    "balance": _balance,
    "ten_hours": _ten_hours,
    "fire": _fire,
    "responders": _responders,
    "warning": _warning,
    "patches": _patches,
}
