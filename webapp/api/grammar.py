r"""Filters as people write them: `task.priority >= 50`, `data.state.state = "Submitted"`, `city in (Bonn, Rom)`.

The first operator after the field counts; an unquoted value runs to the end. Within quotes a backslash takes the sense
of the next character away. In a payload unquoted numbers, `true`, `false` and `null` are those values, everything else
is text. A time may be `now`: `task.dueDate < now`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from domain.errors import BadRequest
from domain.query.condition import OPERATORS, AllOf, AnyOf, Comparison, Condition, Not, Of, Present, together
from domain.query.fields import ENTRY, TASK, Fields
from domain.query.searched import leaf_value
from domain.values import iso, parse_time
from webapp.services import now

NOW = "now"
"""The moment at which is asked: a kept question about what is late stays true."""
MAX_LENGTH = 4_000
MAX_DEPTH, MAX_CONDITIONS = 10, 100
_GRAMMAR: Final = r"""
    start: field test
    field: NAME | QUOTED
    ?test: ORDER value                       -> compared
         | "[]" end "|" end                  -> between
         | IN "(" item ("," item)* ")"       -> one_of
    value: QUOTED | REST |
    end: QUOTED | END
    item: QUOTED | ITEM

    NAME: /(?:(?!!=|\[\]|(?<!\s)\s+in\s*\()[^=<>~"])+/i
    ORDER: ">=" | "<=" | "!=" | "=" | ">" | "<" | "~"
    IN: /in(?=\s*\()/i
    QUOTED.2: /"(?:[^"\\]|\\.)*"/s
    REST: /[^"\s](?:.*\S)?/s
    END: /[^"|\s](?:[^|]*[^|\s])?/
    ITEM: /[^",()\s](?:[^",]*?[^",\s])?(?=\s*(?:,|\)\s*$))/
    %ignore /\s+/
"""
_EXPECTED: Final = {
    "NAME": "a field",
    "ORDER": f"one of {' '.join(OPERATORS)}",
    "REST": "a value",
    "QUOTED": 'a text in "quotes"',
    "END": "an end of the range: from|to",
    "ITEM": "a value: (a, b)",
    "VBAR": "| between the ends of a range",
    "RPAR": ")",
    "COMMA": ",",
}


@dataclass(frozen=True, slots=True)
class _Value:
    """A value as it was written, and where, counted from 1."""

    text: str
    quoted: bool
    at: int


class _Read(Transformer[Token, tuple[Token, str, list[_Value]]]):
    """From the parsed text to field, operator and values."""

    def field(self, parts: list[Token]) -> Token:
        return parts[0]

    def value(self, parts: list[Token]) -> _Value:
        return _value(parts[0]) if parts else _Value("", quoted=False, at=0)

    def end(self, parts: list[Token]) -> _Value:
        return _value(parts[0])

    def item(self, parts: list[Token]) -> _Value:
        return _value(parts[0])

    def compared(self, parts: list[Any]) -> tuple[str, list[_Value]]:
        return str(parts[0]), [parts[1]]

    def between(self, parts: list[Any]) -> tuple[str, list[_Value]]:
        return "[]", parts

    def one_of(self, parts: list[Any]) -> tuple[str, list[_Value]]:
        return "in", parts[1:]

    def start(self, parts: list[Any]) -> tuple[Token, str, list[_Value]]:
        field, (op, values) = parts
        return field, op, values


_TRUTHS: Final = {"true": True, "false": False}
_A_TIME: Final = "an ISO-8601 time"
_parser: Final = Lark(_GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)


def parse_filter(text: str, fields: Fields = TASK) -> Condition:
    """Read one filter on things with these fields; raises `BadRequest` that says where it stopped."""
    if len(text) > MAX_LENGTH:
        raise BadRequest(f"filter: at most {MAX_LENGTH} characters, not {len(text)}")
    try:
        name, op, values = _Read().transform(_parser.parse(text))
    except UnexpectedInput as error:
        raise _unreadable(text, error) from None
    field = str(name)
    plain = _unquoted(field) if field.startswith('"') else field.strip()
    return _condition(plain, op, values, fields, _Where(text, (name.start_pos or 0) + 1))


def parse_node(node: Any, fields: Fields = TASK) -> Condition:
    """Read a filter, `{"field", "op", "value"}`, or a group of them: `{"and": […]}`, `{"or": […]}`, `{"not": …}`."""
    return _Nodes(fields).read(node, 1)


def named(name: str, fields: Fields = TASK) -> Comparison:
    """What a name in a filter speaks of, as a comparison with null; raises `BadRequest`."""
    own = _own_field(name, fields, _Where(name, 1))
    if own is None:
        return Comparison("payload", name, "=", (None,))
    of, field, kind = own
    if field in kind.together:
        raise BadRequest(f"{name} stands for {', '.join(kind.together[field])}")
    return Comparison(of, field, "=", (None,))


class _Nodes:
    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._left = MAX_CONDITIONS

    def read(self, node: Any, depth: int) -> Condition:
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            raise BadRequest(f"filter: at most {MAX_CONDITIONS} conditions, in groups {MAX_DEPTH} deep")
        if isinstance(node, str):
            return parse_filter(node, self._fields)
        if isinstance(node, list):
            return AllOf(tuple(self.read(one, depth + 1) for one in node))
        if not isinstance(node, Mapping):
            raise BadRequest(f"filter: a text, a list, or an object, not {json.dumps(node)[:60]}")
        match dict(node):
            case {"and": list(several), **rest} if not rest:
                return AllOf(tuple(self.read(one, depth + 1) for one in several))
            case {"or": list(several), **rest} if not rest:
                return AnyOf(tuple(self.read(one, depth + 1) for one in several))
            case {"not": inner, **rest} if not rest:
                return Not(self.read(inner, depth + 1))
            case {"field": str(field), "op": str(op), "value": value, **rest} if not rest and op in OPERATORS:
                return self._typed(field, op, value)
        raise BadRequest(
            'filter: an object is {"and": […]}, {"or": […]}, {"not": …} or {"field", "op", "value"}, '
            f"not {json.dumps(node, default=str)[:100]}"
        )

    def _typed(self, field: str, op: str, value: Any) -> Condition:
        """Values as JSON has them; a list for `in` and for both ends of a range."""
        several = value if op in ("in", "[]") else [value]
        ends = 2
        if not isinstance(several, list) or not several or (op == "[]" and len(several) != ends):
            raise BadRequest(f"filter {field[:60]!r}: the value of {op} is a list{' of two' if op == '[]' else ''}")
        if any(isinstance(one, Mapping | list) for one in several):
            raise BadRequest(f"filter {field[:60]!r}: {op} compares texts, numbers, true, false and null")
        where = _Where(field, 1)
        own = _own_field(field, self._fields, where)
        if own is None:
            return _checked("payload", field, op, [leaf_value(one) if op != "~" else one for one in several], where)
        _, name, kind = own
        values = [one if one is None else _typed(kind, name, _plain(one), where) for one in several]
        _check_kind(op, name, kind, where)
        return _together(own, op, values, where)


@dataclass(frozen=True, slots=True)
class _Where:
    """The filter, and the character of it that is spoken of, from 1."""

    text: str
    at: int

    def refuse(self, reason: str, at: int | None = None) -> BadRequest:
        return BadRequest(f"filter {self.text[:200]!r}: {reason} at character {at or self.at}")


def _condition(field: str, op: str, values: Sequence[_Value], fields: Fields, where: _Where) -> Condition:
    own = _own_field(field, fields, where)
    if own is None:
        return _checked("payload", field, op, [_json(one, op) for one in values], where)
    _, name, kind = own
    read = [None if _is_null(one) else _typed(kind, name, one.text, where, one.at) for one in values]
    _check_kind(op, name, kind, where)
    return _together(own, op, read, where)


def _together(own: tuple[Of, str, Fields], op: str, values: list[Any], where: _Where) -> Condition:
    of, name, kind = own
    _checked(of, name, op, values, where)
    return together(kind, name, of, op, tuple(values))


def _checked(of: Of, name: str, op: str, values: list[Any], where: _Where) -> Comparison:
    if op not in ("=", "!=", "in") and None in values:
        raise where.refuse("null has no order; use = or !=")
    if op == "~" and not isinstance(values[0], str):
        raise where.refuse("~ is for text")
    return Comparison(of, name, op, tuple(values))


def _own_field(field: str, fields: Fields, where: _Where) -> tuple[Of, str, Fields] | None:
    """Of whom it is a field, its name, and what kind has it; None: a path in the payload."""
    of_entries: list[tuple[Of, Fields]] = [("entry", ENTRY)] if fields is TASK else []
    kinds: list[tuple[Of, Fields]] = [("own", fields), *of_entries]
    for of, kind in kinds:
        name = field.removeprefix(f"{kind.prefix}.")
        if name != field:
            if name not in kind.names:
                raise where.refuse(f"unknown field {field[:60]!r}; {kind.prefix}. is followed by one of {_list(kind)}")
            return of, name, kind
    prefix = field.partition(".")[0]
    if prefix in ("task", "instance") and "." in field:
        raise where.refuse(f"unknown field {field[:60]!r}; here there is {fields.prefix}.{fields.names[0]} and others")
    if not field:
        raise where.refuse("a field was expected")
    return None


def _list(fields: Fields) -> str:
    return ", ".join(fields.names)


def _check_kind(op: str, name: str, fields: Fields, where: _Where) -> None:
    if op == "~" and name in (*fields.times, *fields.numbers, *fields.truths):
        raise where.refuse(f"~ is for text, {name} is not")


def _typed(fields: Fields, name: str, text: str, where: _Where, at: int | None = None) -> Any:
    try:
        if name in fields.numbers:
            return int(text)
        if name in fields.truths:
            return _TRUTHS[text]
        if name in fields.times:
            return Present(now()) if text.lower() == NOW else iso(parse_time(text))
        return text
    except (ValueError, KeyError):
        wanted = "a whole number" if name in fields.numbers else "true or false" if name in fields.truths else _A_TIME
        raise where.refuse(f"{text[:60]!r} is not {wanted}", at) from None


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _json(value: _Value, op: str) -> Any:
    """An unquoted number, truth or null is that; of a text as much as leaves keep."""
    if value.quoted or op == "~":
        return value.text if op == "~" else leaf_value(value.text)
    try:
        read = json.loads(value.text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return leaf_value(value.text)
    return leaf_value(value.text) if isinstance(read, str | list | dict) else read


def _refuse(_name: str) -> Any:
    raise ValueError("not JSON")


def _is_null(value: _Value) -> bool:
    return value.text == "null" and not value.quoted


def _value(token: Token) -> _Value:
    at = (token.start_pos or 0) + 1
    text = str(token)
    return _Value(_unquoted(text), quoted=True, at=at) if token.type == "QUOTED" else _Value(text, quoted=False, at=at)


def _unquoted(text: str) -> str:
    escaped, found = False, []
    for character in text[1:-1]:
        if character == "\\" and not escaped:
            escaped = True
            continue
        found.append(character)
        escaped = False
    return "".join(found)


def _unreadable(text: str, error: UnexpectedInput) -> BadRequest:
    # The end has no place of its own: the parser says where what came before it began.
    is_end = getattr(getattr(error, "token", None), "type", "") == "$END"
    at = (len(text) if is_end or error.pos_in_stream is None else error.pos_in_stream) + 1
    names: Callable[[str], str] = lambda name: _EXPECTED.get(name, "")  # noqa: E731 - one line, used once
    wanted = (
        getattr(error, "allowed", None) or getattr(error, "accepts", None) or getattr(error, "expected", None) or ()
    )
    expected = " or ".join(sorted({one for name in wanted if (one := names(name))})) or "nothing more"
    return BadRequest(f"filter {text[:200]!r}: {expected} expected at character {at}")
