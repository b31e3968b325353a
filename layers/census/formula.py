"""Formulas over the columns of a layer: read by a small parser, reckoned by column, never evaluated as code.

Grammar, from the loosest to the closest: ``or``; ``and``; ``not``; comparisons, ``is null``, ``in (…)``,
``between … and …``, ``like``; ``+ - ||``; ``* / %``; sign; numbers, ``'texts'``, fields (bare, or in double
quotes or backquotes), functions. A missing value makes what is reckoned from it missing, as in SQL.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from layers.errors import BadInput

LONGEST = 4_000
DEEPEST = 60

Kind = Literal["number", "text", "name", "word", "sign", "end"]
_WORDS = {"and", "or", "not", "is", "null", "in", "between", "like", "true", "false"}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)"
    r"|'(?P<text>(?:[^']|'')*)'"
    r"|\"(?P<quoted>[^\"]+)\"|`(?P<back>[^`]+)`"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\|\||<=|>=|<>|!=|==|[-+*/%(),=<>])"
    r"|(?P<end>$))"
)
_SAME = {"==": "=", "<>": "!="}


class Token(NamedTuple):
    """A piece of the text and where it begins."""

    kind: Kind
    value: str
    place: int


@dataclass(frozen=True)
class Node:
    """A part of a formula.

    Parameters
    ----------
    act : str
        ``number``, ``text``, ``field``, ``null``, ``call`` or an operator.
    value : str
        Of a number, text, field or function.
    parts : tuple of Node
    """

    act: str
    value: str = ""
    parts: tuple["Node", ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """Names of the fields that are read."""
        own = {self.value} if self.act == "field" else set()
        return frozenset(own.union(*(part.fields for part in self.parts)))


@lru_cache(maxsize=512)
def parse(text: str) -> Node:
    """The formula of a text.

    Raises
    ------
    BadInput
        It is none; the facts name the place.

    Examples
    --------
    >>> sorted(parse("storeys >= 1 and floor_area <= 1.2 * area()").fields)
    ['floor_area', 'storeys']
    """
    if len(text) > LONGEST:
        raise BadInput("formula_unreadable", formula=text[:40], place=LONGEST)
    reader = _Reader(text)
    node = reader.disjunction(0)
    reader.end()
    return node


def named_field(name: str) -> str:
    """A field's name as a formula writes it: in double quotes, where bare it would be something else.

    Examples
    --------
    >>> named_field("storeys"), named_field("年 份"), named_field("in")
    ('storeys', '"年 份"', '"in"')
    """
    is_bare = re.fullmatch(r"[^\W\d]\w*", name) and name.casefold() not in _WORDS
    return name if is_bare else f'"{name}"'


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while True:
        found = _TOKEN.match(text, place)
        if found is None:
            raise BadInput("formula_unreadable", formula=text, place=place + 1)
        kind, value = str(found.lastgroup), found[found.lastgroup or 0]
        begin, place = found.start(found.lastgroup or 0), found.end()
        if kind in {"quoted", "back"}:
            yield Token("name", value, begin)
        elif kind == "name" and value.casefold() in _WORDS:
            yield Token("word", value.casefold(), begin)
        elif kind == "text":
            yield Token("text", value.replace("''", "'"), begin)
        else:
            yield Token(kind, _SAME.get(value, value), begin)  # type: ignore[arg-type]  # groups are kinds
        if kind == "end":
            return


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _fail(self) -> BadInput:
        return BadInput("formula_unreadable", formula=self._text, place=self._next.place + 1)

    def _takes(self, *values: str, kind: str = "") -> Token | None:
        token = self._next
        fits = token.value in values and token.kind in {"sign", "word"} if values else token.kind == kind
        if not fits or token.kind == "end":
            return None
        self._at += 1
        return token

    def _needs(self, value: str) -> None:
        if self._takes(value) is None:
            raise self._fail()

    def end(self) -> None:
        if self._next.kind != "end":
            raise self._fail()

    def disjunction(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._fail()
        node = self._conjunction(depth)
        while self._takes("or"):
            node = Node("or", parts=(node, self._conjunction(depth)))
        return node

    def _conjunction(self, depth: int) -> Node:
        node = self._negation(depth)
        while self._takes("and"):
            node = Node("and", parts=(node, self._negation(depth)))
        return node

    def _negation(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._fail()
        if self._takes("not"):
            return Node("not", parts=(self._negation(depth + 1),))
        return self._comparison(depth)

    def _comparison(self, depth: int) -> Node:
        left = self._sum(depth)
        sign = self._takes("=", "!=", "<", "<=", ">", ">=")
        if sign:
            return Node(sign.value, parts=(left, self._sum(depth)))
        if self._takes("is"):
            denied = self._takes("not")
            self._needs("null")
            missing = Node("missing", parts=(left,))
            return Node("not", parts=(missing,)) if denied else missing
        denied = self._takes("not")
        node = self._membership(left, depth)
        if node is None and denied:
            raise self._fail()
        if node is None:
            return left
        return Node("not", parts=(node,)) if denied else node

    def _membership(self, left: Node, depth: int) -> Node | None:
        if self._takes("in"):
            self._needs("(")
            return Node("in", parts=(left, *self._list(depth)))
        if self._takes("like"):
            return Node("like", parts=(left, self._sum(depth)))
        if self._takes("between"):
            low = self._sum(depth)
            self._needs("and")
            high = self._sum(depth)
            return Node("and", parts=(Node(">=", parts=(left, low)), Node("<=", parts=(left, high))))
        return None

    def _sum(self, depth: int) -> Node:
        node = self._product(depth)
        while sign := self._takes("+", "-", "||"):
            node = Node(sign.value, parts=(node, self._product(depth)))
        return node

    def _product(self, depth: int) -> Node:
        node = self._signed(depth)
        while sign := self._takes("*", "/", "%"):
            node = Node(sign.value, parts=(node, self._signed(depth)))
        return node

    def _signed(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._fail()
        if self._takes("-"):
            return Node("negative", parts=(self._signed(depth + 1),))
        if self._takes("+"):
            return self._signed(depth + 1)
        return self._primary(depth)

    def _primary(self, depth: int) -> Node:
        if self._takes("("):
            node = self.disjunction(depth + 1)
            self._needs(")")
            return node
        for kind in ("number", "text"):
            token = self._takes(kind=kind)
            if token:
                return Node(kind, token.value)
        word = self._takes("null", "true", "false")
        if word:
            return Node("null") if word.value == "null" else Node("truth", word.value)
        name = self._takes(kind="name")
        if name is None:
            raise self._fail()
        if self._takes("("):
            return Node("call", name.value.casefold(), tuple(self._list(depth)))
        return Node("field", name.value)

    def _list(self, depth: int) -> list[Node]:
        """Up to the closing bracket, which is taken too."""
        parts: list[Node] = []
        if self._takes(")"):
            return parts
        while True:
            parts.append(self.disjunction(depth + 1))
            if self._takes(")"):
                return parts
            self._needs(",")
