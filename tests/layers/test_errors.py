"""Known errors are told in the language that is asked for, their facts included."""

from layers.errors import BadInput
from layers.hazards.inputs import MissingLayer


def test_lists_among_the_facts_are_written_as_the_language_does() -> None:
    error = BadInput("hazard_missing", hazard="x", missing="a、b")
    assert "a、b" in error.say("zh_CN")
    assert "a, b" in error.say("en")


def test_a_missing_layer_is_named_in_one_language_only() -> None:
    error = MissingLayer("county")
    assert "county" not in error.say("zh_CN")
    assert error.say("en").isascii()
