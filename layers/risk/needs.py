"""Needs: what people who lost their home, and injured ones, need."""

import numpy as np
import pandas as pd

from layers.hazards.standards import standard

SEASONS = ("summer", "winter", "spring_autumn")

DAYS = 10
"""For how many days what is used up is reckoned, unless the user says otherwise (relief codes: 10 d)."""


def needs_of(homeless: float, injured: float, days: int, season: str) -> pd.DataFrame:
    """What people need.

    Parameters
    ----------
    homeless, injured : float
        NaN where not known: what they need is NaN then, not 0.
    days : int
        For what is used up day by day.
    season : {"summer", "winter", "spring_autumn"}

    Returns
    -------
    pandas.DataFrame
        ``item, zh, en, unit, amount, status, source``; an item without a number for the season takes the
        largest of the others.
    """
    table = standard("relief_needs")
    table["fits"] = table["season"].isin((season, "any"))
    chosen = table.sort_values(["fits", "per_person"]).groupby("item", sort=False).tail(1)
    people = chosen["of"].map({"homeless": homeless, "injured": injured})
    times = np.where(chosen["per_day"] == 1, days, 1)
    chosen = chosen.assign(amount=np.ceil(people * chosen["per_person"] * times - 1e-9))
    return chosen[["item", "zh", "en", "unit", "amount", "status", "source"]].reset_index(drop=True)
