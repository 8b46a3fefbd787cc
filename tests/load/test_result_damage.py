"""Whatever happens to a result file on its way, it is read or refused with a message, and never anything else."""

import io
import json
import random
import zipfile
from collections.abc import Callable

import pytest

from auditor.errors import DataError
from auditor.load.results import load_results
from tests import helpers

VALUES = (
    None,
    True,
    -1,
    1e308,
    10**30,
    "",
    "\x00",
    [],
    {},
    [None],
    {"a": 1},
    "NaN",
    "1e999",
    [{}],
    "C",
    2.0**53,
)
KEYS = ("id", "score", "x", "")
PIECES = (b'"', b"{", b"[", b",", b"\n", b"\\ud800", b"\0", b"1e999", b"null")


def json_lines(*records: object) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


PLAIN = [
    {"id": name, "score": 1, "latency_ms": 5, "valid": True, "cost": 0.1, "failure": "tone"}
    for name in "abcd"
]
HARNESS = [
    {"doc_id": n, "doc": {"id": n}, "resps": [["x"]], "filtered_resps": ["x"], "filter": "none", "acc": 1.0}
    for n in range(4)
]
LOG = {
    "status": "success", "eval": {"task": "t"},
    "samples": [{"id": n, "epoch": 1, "scores": {"match": {"value": "C"}}, "output": {"completion": "x"}} for n in (1, 2, 3, 4)],
}  # fmt: skip
REPORT = {
    "evalId": "e", "results": {"results": [
        {"promptIdx": 0, "testIdx": n, "provider": {"id": "m"}, "vars": {}, "response": {"output": "x"}, "success": True,
         "score": 1, "namedScores": {}, "latencyMs": 5} for n in range(4)
    ]},
}  # fmt: skip
EVENTS = [
    {"run_id": "r", "sample_id": f"t.dev.{n}", "type": "match", "data": {"correct": True}} for n in range(4)
]


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for one in LOG["samples"]:
            file.writestr(f"samples/{one['id']}_epoch_1.json", json.dumps(one))
    return packed.getvalue()


WHOLE = {
    "plain": json_lines(*PLAIN), "harness": json_lines(*HARNESS), "log": json_lines(LOG), "report": json_lines(REPORT),
    "events": json_lines(*EVENTS), "table": b"id,score,latency\na,1,2\nb,0,\nc,,1\nd,0.5,1\n", "archive": archive(),
}  # fmt: skip


def torn(rng: random.Random, content: bytes) -> bytes:
    """Some bytes changed, cut out or put in."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(data) or 1)
        piece = rng.choice((bytes([rng.randrange(256)]), b"", rng.choice(PIECES)))
        data[place : place + rng.choice((0, 1, 30))] = piece
    return bytes(data)


def other(rng: random.Random, value: object) -> object:
    """JSON in which values and keys are others or gone."""
    if rng.random() < 0.1:
        return rng.choice(VALUES)
    if isinstance(value, dict):
        kept = [(key, one) for key, one in value.items() if rng.random() > 0.05]
        return {key if rng.random() > 0.03 else rng.choice(KEYS): other(rng, one) for key, one in kept}
    return [other(rng, one) for one in value if rng.random() > 0.05] if isinstance(value, list) else value


def misshapen(rng: random.Random, content: bytes) -> bytes:
    return json_lines(*(other(rng, json.loads(line)) for line in content.splitlines()))


CASES: list[tuple[str, Callable[[random.Random, bytes], bytes]]] = [
    *((name, torn) for name in WHOLE), *((name, misshapen) for name in WHOLE if name not in ("table", "archive")),
]  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_files_without_damage_are_read(tmp_path, name):
    path = tmp_path / "run"
    path.write_bytes(WHOLE[name])
    assert load_results({"poc": str(path)}, None).height == 4


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_damaged_files_are_read_or_refused(tmp_path, name, damage):
    rng, path = helpers.seeded(len(name)), tmp_path / "run"
    evals = helpers.stored("eval", {"text": list("abcd"), "id": list("abcd")})
    told = []
    for _ in range(60):
        path.write_bytes(damage(rng, WHOLE[name]))
        for split in (evals, None):
            try:
                load_results({"poc": str(path)}, split)
            except DataError as error:
                told.append(str(error))
    assert len(told) > 10
    assert all(one.startswith(str(path)) for one in told)
