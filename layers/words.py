"""Words for what the domain emits: one CSV a theme in ``resources/words``, columns ``key, zh_CN, en``.

The domain emits keys and values; whoever shows them passes the language down. A theme is a file, so that
parts of the program keep their words side by side without sharing a page.
"""

import csv
from collections.abc import Iterable
from functools import cache
from typing import Literal, get_args

from layers.resources import resource

Language = Literal["zh_CN", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def dictionary(language: Language) -> dict[str, str]:
    """All words of one language by key."""
    words: dict[str, str] = {}
    for path in sorted(resource("words").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            key, word = map(next(rows).index, ("key", language))
            words.update((row[key], row[word]) for row in rows if row)
    return words


def has(key: str) -> bool:
    """Whether there are words for `key`."""
    return key in dictionary("zh_CN")


def told(text: str, language: Language) -> str:
    """The words if the text is a key, else the text itself: a title, an address, a person's words."""
    return say(text, language) if has(text) else text


def say(key: str, language: Language, **facts: object) -> str:
    """The words for `key`, with `facts` put in their places.

    Parameters
    ----------
    key : str
        ``theme.name``, for example ``grade.high``.
    language : {"zh_CN", "en"}
    **facts
        Values for the ``{places}`` of the words.

    Raises
    ------
    KeyError
        No such key: a bug, which the house tests find.

    Examples
    --------
    >>> say("grade.high", "zh_CN")
    '高'
    >>> say("grade.high", "en")
    'high'
    """
    words = dictionary(language)[key]
    return words.format(**facts) if facts else words


def listed(words: Iterable[str], language: Language) -> str:
    """Names one after the other, as the language parts them."""
    return ("、" if language == "zh_CN" else ", ").join(words)


def sentences(words: Iterable[str], language: Language) -> str:
    """Sentences in one line."""
    return ("；" if language == "zh_CN" else "; ").join(words)
