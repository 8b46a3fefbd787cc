"""JSON Schemas: what keeps to them, and which of them are refused."""

import json

import polars as pl
import pytest

from auditor.errors import DataError
from auditor.load.resultfiles.schema import keeps, read_schema, validity

TREE = {"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "n": {"type": "integer"}},
                           "required": ["n"], "additionalProperties": False}}, "$ref": "#/$defs/node"}  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (True, [1, None], []),
        (False, [], [1, None]),
        ({"type": "object"}, [{}], [[], 1, "{}"]),
        ({"type": ["string", "null"]}, ["a", None], [1, {}]),
        ({"type": "integer"}, [1, 1.0, -3], [1.5, True, "1"]),
        ({"type": "number"}, [1, 1.5], [True, "1"]),
        ({"type": "boolean"}, [True], [1, "true"]),
        ({"enum": ["a", 1]}, ["a", 1, 1.0], ["b", True]),
        ({"const": {"a": [1, True]}}, [{"a": [1, True]}], [{"a": [1, 1]}, {"a": [True, True]}]),
        ({"required": ["a"]}, [{"a": 1}, [], 3], [{}]),
        ({"properties": {"a": {"type": "string"}}}, [{}, {"a": "x", "b": 1}, "x"], [{"a": 1}]),
        ({"properties": {"a": True}, "additionalProperties": False}, [{"a": 1}], [{"b": 1}]),
        ({"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": {"type": "string"}},
         [{"x1": 1, "y": "s"}], [{"x1": "s"}, {"y": 1}]),
        ({"propertyNames": {"maxLength": 2}}, [{"ab": 1}], [{"abc": 1}]),
        ({"minProperties": 1, "maxProperties": 2}, [{"a": 1}], [{}, {"a": 1, "b": 1, "c": 1}]),
        ({"dependentRequired": {"a": ["b"]}}, [{"a": 1, "b": 2}, {"c": 1}], [{"a": 1}]),
        ({"items": {"type": "integer"}}, [[], [1, 2], "x"], [[1, "2"]]),
        ({"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}, [[1, "a"], []], [["a"], [1, 2]]),
        ({"items": [{"type": "integer"}], "additionalItems": False}, [[1], []], [[1, 2], ["a"]]),
        ({"contains": {"const": 1}, "maxContains": 1}, [[1, 2]], [[2], [1, 1]]),
        ({"minItems": 1, "maxItems": 2, "uniqueItems": True}, [[1], [1, True]], [[], [1, 1], [1, 2, 3]]),
        ({"minimum": 0, "exclusiveMaximum": 1}, [0, 0.5, "x"], [-1, 1]),
        ({"maximum": 1, "exclusiveMinimum": 0}, [1], [0, 2]),
        ({"multipleOf": 0.1}, [0.3, 7, 0], [0.35]),
        ({"minLength": 1, "maxLength": 2, "pattern": "^[a-z]"}, ["ab"], ["", "abc", "A"]),
        ({"allOf": [{"minimum": 0}, {"maximum": 1}]}, [0.5], [2, -1]),
        ({"anyOf": [{"type": "string"}, {"minimum": 5}]}, ["a", 7], [1]),
        ({"oneOf": [{"minimum": 0}, {"maximum": 5}]}, [-1, 6], [3]),
        ({"not": {"type": "string"}}, [1], ["a"]),
        ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}, ["ab", 2], ["a", 1]),
        (TREE, [{"n": 1, "next": {"n": 2}}], [{"n": 1, "next": {"n": 2, "next": {}}}, {"n": 1, "x": 1}]),
        ({"$schema": "x", "title": "t", "format": "date", "description": "d"}, ["no date"], []),
    ],
)  # fmt: skip
def test_keywords(tmp_path, schema, good, bad):
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(schema), "utf-8")
    read = read_schema(str(path))
    assert [value for value in good if not keeps(json.dumps(value), read)] == []
    assert [value for value in bad if keeps(json.dumps(value), read)] == []


@pytest.mark.parametrize(
    "output", ["", "{", "```json\n{}\n```", "{} and more", "NaN", "\ud800", "[" * 10_000]
)
def test_outputs_that_are_no_json_keep_to_no_schema(output):
    assert not keeps(output, True)


def test_outputs_that_are_not_there_are_unknown(tmp_path):
    path = tmp_path / "schema.json"
    path.write_text('{"type": "object"}', "utf-8")
    assert validity(pl.Series(["{}", None, "[]"]), str(path)).to_list() == [True, None, False]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("[", "is no JSON"),
        ("[]", "a schema is an object"),
        (
            '{"properties": {"a": {"minimun": 1}}}',
            "the keyword 'minimun' is not understood; did you mean 'minimum'",
        ),
        ('{"unevaluatedProperties": false}', "not understood"),
        ('{"$ref": "#"}', "refers to itself without end"),
        ('{"$ref": "https://example.com/s.json"}', "leads out of the file"),
        ('{"$ref": "#/$defs/none"}', "cannot be applied"),
        ('{"type": "text"}', "cannot be applied"),
        ('{"type": "string", "pattern": "("}', "cannot be applied"),
    ],
)
def test_schemas_that_are_refused(tmp_path, schema, message):
    path = tmp_path / "schema.json"
    path.write_text(schema, "utf-8")
    with pytest.raises(DataError, match=message.replace("(", r"\(").replace("$", r"\$")):
        validity(pl.Series(['"a"']), str(path))


def test_a_schema_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_schema(str(tmp_path / "none.json"))
