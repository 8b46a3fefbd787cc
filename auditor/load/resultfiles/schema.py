"""Whether outputs keep to a JSON Schema: the keywords that say what a value is, and no others without a word."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from auditor.errors import DataError, suggest
from auditor.load.jsonfaults import parse
from auditor.load.ledger import Fault, shown

Schema = Any
"""A JSON Schema is an object, or true or false."""
Test = Callable[[Any, Any, Mapping[str, Any], Schema], bool]
"""(value, what stands at the keyword, the schema it stands in, the whole schema) -> whether the value keeps to it."""

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: _is_number(value),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
}


def validity(outputs: pl.Series, path: str) -> pl.Series:
    """Whether each output is JSON that keeps to the schema in a file; null where there is no output.

    Raises:
        DataError: the schema cannot be read, or uses a keyword that is not understood.
    """
    try:
        schema = read_schema(path)
        found = [None if output is None else keeps(output, schema) for output in outputs.to_list()]
    except RecursionError:
        message = f"{path}: the schema refers to itself without end"
        raise DataError(message) from None
    except (TypeError, ValueError, LookupError, re.error) as error:
        message = (
            f"{path}: the schema cannot be applied ({shown(str(error))}); check it with a JSON Schema linter"
        )
        raise DataError(message) from None
    return pl.Series("valid", found, dtype=pl.Boolean)


def keeps(output: str, schema: Schema) -> bool:
    """Whether a text is JSON that keeps to a schema."""
    value = parse(output.encode("utf-8", "surrogatepass"))
    return not isinstance(value, Fault) and _fits(value, schema, schema)


def read_schema(path: str) -> Schema:
    """The schema in a file.

    Raises:
        DataError: it cannot be read, or uses a keyword that is not understood.
    """
    try:
        found = parse(Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise DataError(message) from None
    if isinstance(found, Fault):
        message = f"{path} is no JSON: {found.what}"
        raise DataError(message)
    _check(path, found)
    return found


def _check(path: str, schema: Schema) -> None:
    """Refuse what would be passed over: an output that only seems to keep to a schema is not valid."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        message = f"{path}: a schema is an object, true or false, not {shown(str(schema), 40)!r}"
        raise DataError(message)
    for word, given in schema.items():
        if word not in _TESTS and word not in _SAID_ALONE and word not in _BESIDE:
            message = f"{path}: the keyword {shown(word, 40)!r} is not understood{suggest(word, [*_TESTS, *_BESIDE])}"
            raise DataError(message)
        inner: list[Schema] = []
        if word in _OF_SCHEMAS and isinstance(given, dict):
            inner = list(given.values())
        elif isinstance(given, list) and word in _LISTS:
            inner = given
        elif word in _ONE and isinstance(given, dict):
            inner = [given]
        for one in inner:
            _check(path, one)


def _fits(value: Any, schema: Schema, root: Schema) -> bool:  # noqa: ANN401  JSON is any value
    if isinstance(schema, bool):
        return schema
    return all(test(value, schema[word], schema, root) for word, test in _TESTS.items() if word in schema)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told_apart(value: Any) -> Any:  # noqa: ANN401  as above
    """A value in which true is not 1, as it is for Python."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return ("list", tuple(map(_told_apart, value)))
    if isinstance(value, dict):
        return ("dict", tuple(sorted((key, _told_apart(one)) for key, one in value.items())))
    return value


def _type(value: Any, given: Any, _schema: Any, _root: Any) -> bool:  # noqa: ANN401  as above
    names = given if isinstance(given, list) else [given]
    return any(_TYPES[name](value) for name in names)


def _ref(value: Any, given: str, _schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    if not given.startswith("#"):
        message = f"the reference {given!r} leads out of the file"
        raise ValueError(message)
    found = root
    for part in given[1:].split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        found = found[int(key)] if isinstance(found, list) else found[key]
    return _fits(value, found, root)


def _properties(value: Any, given: Any, schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    return not isinstance(value, dict) or all(
        _fits(value[key], one, root) for key, one in given.items() if key in value
    )


def _patterns(value: Any, given: Any, _schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    return not isinstance(value, dict) or all(
        _fits(one, schema, root)
        for pattern, schema in given.items()
        for key, one in value.items()
        if re.search(pattern, key)
    )


def _additional(value: Any, given: Any, schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    if not isinstance(value, dict):
        return True
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    others = [key for key in value if key not in known and not any(re.search(one, key) for one in patterns)]
    return all(_fits(value[key], given, root) for key in others)


def _items(value: Any, given: Any, schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    if not isinstance(value, list):
        return True
    if isinstance(given, list):  # drafts up to 2019
        return _prefix(value, given, schema, root)
    return all(_fits(one, given, root) for one in value[len(schema.get("prefixItems", ())) :])


def _prefix(value: Any, given: Any, _schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    return not isinstance(value, list) or all(
        _fits(one, schema, root) for one, schema in zip(value, given, strict=False)
    )


def _rest(value: Any, given: Any, schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    first = schema.get("items")
    return not (isinstance(value, list) and isinstance(first, list)) or all(
        _fits(one, given, root) for one in value[len(first) :]
    )


def _contains(value: Any, given: Any, schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    if not isinstance(value, list):
        return True
    count = sum(_fits(one, given, root) for one in value)
    return bool(schema.get("minContains", 1) <= count <= schema.get("maxContains", math.inf))


def _condition(value: Any, given: Any, schema: Any, root: Any) -> bool:  # noqa: ANN401  as above
    return _fits(value, schema.get("then" if _fits(value, given, root) else "else", True), root)


def _multiple(value: Any, given: float) -> bool:  # noqa: ANN401  as above
    quotient = value / given
    return bool(math.isclose(quotient, round(quotient), rel_tol=1e-12))


def _limit(of: Callable[[Any], bool], test: Callable[[Any, Any], bool]) -> Test:
    """A keyword that says something of one type of value alone."""
    return lambda value, given, _schema, _root: not of(value) or test(value, given)


_number, _text, _list, _object = (
    partial(_limit, _TYPES[name]) for name in ("number", "string", "array", "object")
)
_TESTS: Mapping[str, Test] = {
    "$ref": _ref,
    "type": _type,
    "enum": lambda value, given, _s, _r: _told_apart(value) in [_told_apart(one) for one in given],
    "const": lambda value, given, _s, _r: _told_apart(value) == _told_apart(given),
    "allOf": lambda value, given, _s, root: all(_fits(value, one, root) for one in given),
    "anyOf": lambda value, given, _s, root: any(_fits(value, one, root) for one in given),
    "oneOf": lambda value, given, _s, root: sum(_fits(value, one, root) for one in given) == 1,
    "not": lambda value, given, _s, root: not _fits(value, given, root),
    "if": _condition,
    "properties": _properties,
    "patternProperties": _patterns,
    "additionalProperties": _additional,
    "propertyNames": lambda value, given, _s, root: (
        not isinstance(value, dict) or all(_fits(key, given, root) for key in value)
    ),
    "required": _object(lambda value, given: all(key in value for key in given)),
    "minProperties": _object(lambda value, given: len(value) >= given),
    "maxProperties": _object(lambda value, given: len(value) <= given),
    "dependentRequired": _object(
        lambda value, given: all(key in value for one, keys in given.items() if one in value for key in keys)
    ),
    "prefixItems": _prefix,
    "items": _items,
    "additionalItems": _rest,
    "contains": _contains,
    "minItems": _list(lambda value, given: len(value) >= given),
    "maxItems": _list(lambda value, given: len(value) <= given),
    "uniqueItems": _list(lambda value, given: not given or len(set(map(_told_apart, value))) == len(value)),
    "minimum": _number(lambda value, given: value >= given),
    "maximum": _number(lambda value, given: value <= given),
    "exclusiveMinimum": _number(lambda value, given: value > given),
    "exclusiveMaximum": _number(lambda value, given: value < given),
    "multipleOf": _number(_multiple),
    "minLength": _text(lambda value, given: len(value) >= given),
    "maxLength": _text(lambda value, given: len(value) <= given),
    "pattern": _text(lambda value, given: re.search(given, value) is not None),
}
"""Keyword -> its test, as JSON Schema 2020-12 and draft 7 define it."""
_BESIDE = frozenset({"then", "else", "minContains", "maxContains", "$defs", "definitions"})
"""Keywords that another one looks at."""
_SAID_ALONE = frozenset({
    "$schema", "$id", "$comment", "$anchor", "title", "description", "default", "examples", "deprecated", "readOnly",
    "writeOnly", "format", "strict", "name", "contentEncoding", "contentMediaType",
})  # fmt: skip
"""Keywords that ask nothing of a value; `format` is one by the standard."""
_OF_SCHEMAS = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_ONE = frozenset({
    "not", "if", "then", "else", "additionalProperties", "propertyNames", "items", "additionalItems", "contains",
})  # fmt: skip
