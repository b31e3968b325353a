"""What-if by words: sites of a kept plan opened, closed, moved, resized; everybody is allocated anew."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.reckoning import Reckoning
from layers.errors import BadInput
from layers.siting.as_kept import amended, amended_words, as_kept, differences
from layers.siting.shelter_plan import ShelterPlan, closed, moved, opened, resized
from layers.siting.shelter_store import cards, revived
from layers.storage.geopackage import ProjectFile
from layers.words import Language


def changed_plan(project: ProjectFile, options: argparse.Namespace, reckoning: Reckoning) -> ShelterPlan:
    """A kept plan, changed as the words say: first opened, then moved, resized, closed.

    Raises
    ------
    BadInput
        No such plan or site, a site that is excluded by a rule, or a number that is none.
    """
    held = cards(project)
    if options.plan not in held:
        raise BadInput("plan_unknown", name=options.plan, known="、".join(held) or "—")
    plan = _revived(project, options, held[options.plan], reckoning)
    for text in options.open:
        plan = opened(plan, _closed_site(plan, text))
    for site, (x, y) in _given(plan, options.move, 2):
        plan = moved(plan, site, np.array([x, y]))
    for site, (people,) in _given(plan, options.room, 1):
        if people < 0:
            raise BadInput("site_value", text=f"{plan.ids[site]}={people:g}")
        plan = resized(plan, site, np.floor(people))
    gone = [_site(plan, text) for text in options.close]
    return closed(plan, np.unique(np.array(gone, np.int64))) if gone else plan


def changed_since(project: ProjectFile, name: str, language: Language) -> list[str]:
    """What was done to the layers of a kept plan since it was found, in words; nothing for a new one."""
    card = cards(project).get(name)
    return [] if card is None else [amended_words(change, language) for change in amended(project, card)]


def _revived(
    project: ProjectFile, options: argparse.Namespace, card: Mapping[str, Any], reckoning: Reckoning
) -> ShelterPlan:
    """A kept plan; where the project has changed since, that is said, and what it does to the plan."""
    changes = changed_since(project, options.plan, reckoning.language)
    progress = reckoning.progress("cli.distances")
    for change in changes:
        reckoning.warn("shelter.amended", plan=options.plan, what=change)
    if options.as_kept:
        return as_kept(project, options.plan, progress)
    plan = revived(project, options.plan, progress, is_proven=not changes)
    if changes:
        reckoning.warn("shelter.reckoned_anew", **differences(card, plan))
    return plan


def _given(plan: ShelterPlan, texts: Sequence[str], numbers: int) -> list[tuple[int, list[float]]]:
    """Sites and numbers from words such as ``C0001=300``."""
    found = []
    for text in texts:
        name, _, value = text.rpartition("=")
        try:
            values = [float(part) for part in value.split(",")]
        except ValueError:
            raise BadInput("site_value", text=text) from None
        if len(values) != numbers or not np.isfinite(values).all():
            raise BadInput("site_value", text=text)
        found.append((_site(plan, name), values))
    return found


def _site(plan: ShelterPlan, text: str) -> int:
    """An open site by its id, or by a name that only it has."""
    for names in (plan.ids, plan.names):
        if names.count(text) == 1:
            return names.index(text)
    raise BadInput("site_unknown", site=text, known="、".join(plan.ids))


def _closed_site(plan: ShelterPlan, text: str) -> int:
    """A candidate that may be opened, by id or name."""
    sites = plan.case.sites
    rest = np.setdiff1d(plan.case.allowed, plan.row)
    for column in ("id", "name"):
        rows = rest[sites[column].to_numpy()[rest] == text]
        if len(rows) == 1:
            return int(rows[0])
    known = sites["id"].to_numpy()[rest]
    raise BadInput("site_unknown", site=text, known="、".join(map(str, known[:20])) or "—")
