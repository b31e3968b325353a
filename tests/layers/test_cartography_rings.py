"""The legend of isochrones names the times that were asked for, and each ring lies in its own class."""

import pytest

from layers.cartography.rings import ring_style
from layers.cartography.style import Style
from layers.words import LANGUAGES


@pytest.mark.parametrize("minutes", [(15.0,), (5.0, 30.0), (10.0, 20.0, 30.0), tuple(range(5, 45, 5))])
def test_each_time_has_a_class_of_its_own(minutes: tuple[float, ...]) -> None:
    for language in LANGUAGES:
        style = Style.from_json(ring_style(minutes, language).to_json())
        assert len({each.symbol for each in style.classes}) == len(minutes)
        for number, time in enumerate(minutes):
            holding = [n for n, each in enumerate(style.classes) if each.lower <= time < each.upper]
            assert holding == [number]
            assert f"{time:g}" in style.classes[number].title
