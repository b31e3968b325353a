"""Rules and findings in words, for the window, the command line and workbooks alike."""

from layers.census.catalogue import catalogue
from layers.census.quality import Finding
from layers.words import Language, has, say

_FACTS = ("field", "value", "other", "area", "distance", "sum", "reason")


def rule_words(rule: str, language: Language) -> str:
    """What one reads for a rule: those shipped have words in both languages, others their name.

    Examples
    --------
    >>> rule_words("duplicate", "zh_CN"), rule_words("村不超过四百人", "en")
    ('重复要素', '村不超过四百人')
    """
    key = f"rule.{rule}"
    return say(key, language) if has(key) else rule


def finding_words(finding: Finding, language: Language) -> str:
    """What is wrong, with the facts.

    Examples
    --------
    >>> finding_words(Finding("duplicate", "school", "k", (0.0, 0.0), facts={"other": "一小"}), "zh_CN")
    '重复要素：一小'
    """
    what = rule_words(finding.rule, language)
    facts = [(name, finding.facts[name]) for name in _FACTS if finding.facts.get(name) not in (None, "")]
    said = [_fact_words(name, fact, language) for name, fact in facts]
    comma, colon = ("，", "：") if language == "zh_CN" else (", ", ": ")
    return f"{what}{colon}{comma.join(text for text in said if text)}" if any(said) else what


def _fact_words(name: str, fact: object, language: Language) -> str:
    """A fact as one reads it; a field by the title that it has in every kind of layer, if that is one."""
    if isinstance(fact, float):
        return f"{fact:,.2f}".rstrip("0").rstrip(".")
    if name != "field":
        return str(fact)
    known = [
        field for kind in catalogue().values() for field in kind.fields if fact in {field.name, field.zh}
    ]
    titles = {field.zh if language == "zh_CN" else field.en for field in known}
    if not known:
        return str(fact)
    return titles.pop() if len(titles) == 1 else ("" if any(f.name == fact for f in known) else str(fact))
