"""The inks of both themes can be read on every ground on which they stand."""

from dataclasses import asdict

import pytest

from app.panels.marker import INK
from app.theme import THEMES

GROUNDS = ("ground", "surface", "raised")
SOFT = {"accent": "accent_soft", "warning": "warning_soft", "error": "error_soft", "ink": "accent_soft"}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """As WCAG 2.1 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_ink_has_a_contrast_of_four_and_a_half_to_one(theme: str) -> None:
    tokens = asdict(THEMES[theme])
    pairs = [
        (ink, ground)
        for ink in ("ink", "soft_ink", "faint_ink", "accent", "warning", "error")
        for ground in (*GROUNDS, *([SOFT[ink]] if ink in SOFT else []))
    ]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_hover")]
    faint = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


def test_icons_in_the_lists_are_seen_on_the_ground_of_either_theme() -> None:
    ratios = [contrast(INK, asdict(tokens)["surface"]) for tokens in THEMES.values()]
    assert min(ratios) > 3  # WCAG 1.4.11
