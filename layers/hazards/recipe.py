"""Recipe: a model written in a result's provenance, and read from there again.

The ``repr`` of a frozen model is its recipe: ``FloodDamage(stage=4.0)``. Reading one runs nothing: it is
taken apart as text, and only known models with literal values are made of it.
"""

import ast
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

M = TypeVar("M")


def revived(text: str, kinds: Iterable[type[M]]) -> M | None:
    """The first model of one of the kinds that a recipe names.

    Parameters
    ----------
    text : str
        ``repr`` of models, with semicolons between them.
    kinds : iterable of type
        Frozen dataclasses; they may hold one another.

    Returns
    -------
    model or None
        None if none is named, or its values no longer fit the kind.

    Examples
    --------
    >>> from layers.hazards.flood import HeightAboveDrainage
    >>> revived("HeightAboveDrainage(head_loss=0.5)", [HeightAboveDrainage])
    HeightAboveDrainage(head_loss=0.5)
    >>> revived("__import__('os').getcwd()", [HeightAboveDrainage]) is None
    True
    """
    known = {kind.__name__: kind for kind in kinds}
    try:
        calls = [line.value for line in ast.parse(text).body if isinstance(line, ast.Expr)]
        for call in calls:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in known:
                made: M = _value(call, known)
                return made
    except (SyntaxError, ValueError, TypeError, RecursionError):
        return None
    return None


def _value(node: ast.expr, known: Mapping[str, type[Any]]) -> Any:
    """A literal, or a model of literals and models."""
    if isinstance(node, ast.Tuple):
        return tuple(_value(each, known) for each in node.elts)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
        return known[node.func.id](**{str(each.arg): _value(each.value, known) for each in node.keywords})
    return ast.literal_eval(node)
