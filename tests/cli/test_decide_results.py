"""Result files of the tools of the field, from the command line to the gates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import READY, Auditor, ready_files, write

ROWS = 1_000


def measures(done) -> dict[tuple[str, str | None], dict]:
    return {(one["name"], one["group"]): one for one in done.report["outcomes"]["results"]["measures"]}


def graded(number: int, provider: str, right: bool) -> dict[str, object]:
    return {
        "promptIdx": 0, "testIdx": number, "provider": {"id": provider}, "prompt": {"raw": "?", "label": "prompts.txt"},
        "vars": {}, "response": {"output": "{}" if right else "no idea"}, "success": right, "score": int(right),
        "namedScores": {}, "latencyMs": 300, "cost": 0.002, "failureReason": int(not right), "gradingResult": None,
    }  # fmt: skip


def test_two_models_in_one_file_of_promptfoo_are_told_apart(auditor: Auditor):
    ready_files()
    right = {"base": 600, "tuned": 750}
    rows = [graded(n, name, n < count) for n in range(ROWS) for name, count in right.items()]
    Path("promptfoo.json").write_text(
        json.dumps({"evalId": "x", "results": {"results": rows}, "config": {}}), "utf-8"
    )
    Path("object.json").write_text('{"type": "object"}', "utf-8")
    files = ("--results", "baseline=promptfoo.json", "--results", "poc=promptfoo.json")
    refused = auditor("decide", *READY, *files)
    assert refused.code == 2
    models = ("--model", "baseline=base", "--model", "poc=tuned", "--output-schema", "object.json")
    assert "--model" in auditor("decide", *READY, *files, *models[:2]).err
    done = auditor("decide", *READY, *files, *models, "--format", "json")
    found = measures(done)
    assert found["failure_rate", "baseline"]["value"] == 0.4
    assert found["gain_points", None]["value"] == 15
    assert found["gain_points", None]["interval"][0] > 5
    assert found["valid_share", "poc"]["value"] == 0.75
    assert found["mean_seconds", "poc"]["value"] == pytest.approx(0.3)


def test_an_eval_set_with_a_broken_row_is_not_matched_by_order(auditor: Auditor):
    ready_files()
    content = Path("eval.jsonl").read_text("utf-8").splitlines(keepends=True)
    Path("eval.jsonl").write_text("".join([*content[:5], "{broken\n", *content[5:]]), "utf-8")
    write("prompt.jsonl", [{"correct": True}] * ROWS)
    done = auditor("decide", *READY, "--results", "baseline=prompt.jsonl")
    assert done.code == 2
    assert "1 of its records cannot be used" in " ".join(done.err.split())
