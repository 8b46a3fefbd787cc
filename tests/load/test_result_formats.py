"""Result files as the tools of the field write them: samples of their shape, made by hand."""

import json
import zipfile

import polars as pl
import pytest

from auditor.errors import DataError
from auditor.load.results import load_results, read_results
from tests import helpers

EVAL = ["what is one", "what is two", "what is three", "what is four"]


def evals(ids=None):
    return helpers.stored("eval", {"text": EVAL} | ({"id": ids} if ids else {}))


def found(path, *, split=None, **settings):
    """(example, score) of the rows of a file that is the PoC's, and the name of its format."""
    read = read_results({"poc": str(path)}, split or evals(), **settings)
    return dict(read.frame.select("example", "score").rows()), read.files[0].format


def refused(path, **settings) -> str:
    with pytest.raises(DataError) as error:
        load_results({"poc": str(path)}, evals(), **settings)
    return str(error.value)


def written(tmp_path, name, *records):
    path = tmp_path / name
    path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return path


def sample(number, *, kind="none", doc=None, answer="4", **metrics):
    """A line of samples_gsm8k_2026-01-05T10-00-00.jsonl."""
    return {
        "doc_id": number, "doc": {"question": EVAL[number], "answer": "#### 4"} | (doc or {}), "target": "#### 4",
        "arguments": {"gen_args_0": {"arg_0": f"Question: {EVAL[number]}\nAnswer:", "arg_1": {"until": ["Question:"]}}},
        "resps": [[f"It is {answer}."]], "filtered_resps": [answer], "filter": kind, "metrics": list(metrics),
        "doc_hash": "3f" * 32, "prompt_hash": "a1" * 32, "target_hash": "b2" * 32, **metrics,
    }  # fmt: skip


def test_harness_samples(tmp_path):
    path = written(tmp_path, "samples_x.jsonl", *(sample(n, exact_match=float(n % 2)) for n in (2, 0, 1, 3)))
    assert found(path) == ({0: 0, 1: 1, 2: 0, 3: 1}, "lm-evaluation-harness")
    assert load_results({"poc": str(path)}, evals())["output"].to_list() == ["4"] * 4


def test_harness_samples_of_older_versions_list_no_metrics(tmp_path):
    records = [sample(n, acc=n % 2) for n in range(4)]
    for one in records:
        del one["metrics"], one["filter"], one["doc_hash"]
    assert found(written(tmp_path, "s.jsonl", *records))[0] == {0: 0, 1: 1, 2: 0, 3: 1}


def test_harness_samples_with_several_metrics_or_filters(tmp_path):
    path = written(tmp_path, "s.jsonl", *(sample(n, acc=1.0, acc_norm=n / 4) for n in range(4)))
    assert "2 metrics that differ: acc, acc_norm" in refused(path)
    assert found(path, metrics={"poc": "acc_norm"})[0] == {0: 0, 1: 0.25, 2: 0.5, 3: 0.75}
    both = [
        sample(n, kind=kind, exact_match=value)
        for n in range(4)
        for kind, value in (("strict-match", n % 2), ("flexible-extract", 1))
    ]
    path = written(tmp_path, "f.jsonl", *both)
    assert "exact_match,strict-match, exact_match,flexible-extract" in refused(path)
    assert found(path, metrics={"poc": "exact_match,strict-match"})[0] == {0: 0, 1: 1, 2: 0, 3: 1}


def test_harness_metrics_that_are_no_number_for_an_example_are_none(tmp_path):
    path = written(tmp_path, "s.jsonl", *(sample(n, word_perplexity=[-12.5, 9], acc=n % 2) for n in range(4)))
    assert found(path)[0] == {0: 0, 1: 1, 2: 0, 3: 1}


def test_harness_documents_with_ids_are_matched_by_them(tmp_path):
    path = written(tmp_path, "s.jsonl", *(sample(n, doc={"id": "dcba"[n]}, acc=n % 2) for n in range(4)))
    assert found(path, split=evals(list("abcd")))[0] == {3: 0, 2: 1, 1: 0, 0: 1}
    other = written(tmp_path, "o.jsonl", *(sample(n, doc={"id": f"other{n}"}, acc=n % 2) for n in range(4)))
    assert found(other, split=evals(list("abcd")))[0] == {0: 0, 1: 1, 2: 0, 3: 1}, "then by doc_id"


def test_harness_faults(tmp_path):
    assert "the example '1' comes twice" in refused(
        written(tmp_path, "s.jsonl", *(sample(n, acc=1) for n in (0, 1, 1, 2)))
    )
    path = tmp_path / "results.json"
    path.write_text(
        json.dumps({"results": {"gsm8k": {"acc,none": 0.5}}, "configs": {}, "n-samples": {}}), "utf-8"
    )
    assert "--log_samples" in refused(path)
    odd = sample(0, acc=1) | {"doc_id": 9}
    assert "it is about example 9" in refused(written(tmp_path, "b.jsonl", odd, sample(1, acc=1)))


def inspected(number, value, *, epoch=1, **more):
    """A sample of a log of inspect_ai."""
    return {
        "id": number, "epoch": epoch, "input": EVAL[0], "target": "4", "messages": [{"role": "user", "content": "?"}],
        "output": {
            "model": "m", "choices": [{"message": {"role": "assistant", "content": "four"}, "stop_reason": "stop"}],
            "completion": "four", "usage": {"input_tokens": 9}, "time": 1.5,
        },
        "scores": {} if value is None else {"match": {"value": value, "answer": "four", "explanation": "because"}},
        "metadata": {}, "store": {}, "events": [{"event": "sample_init"}], "model_usage": {}, "attachments": {}, **more,
    }  # fmt: skip


def log(samples):
    return {
        "version": 2, "status": "success", "eval": {"task": "t", "model": "m"}, "plan": {"name": "plan", "steps": []},
        "results": {"total_samples": 4, "scores": []}, "stats": {"started_at": "2026-01-05"}, "samples": samples,
    }  # fmt: skip


VALUES = ["C", "I", "P", "N"]


def test_inspect_logs(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(
        json.dumps(log([inspected(n, value) for n, value in enumerate(VALUES, 1)]), indent=2), "utf-8"
    )
    assert found(path) == ({0: 1, 1: 0, 2: 0.5, 3: 0}, "inspect_ai")
    frame = load_results({"poc": str(path)}, evals())
    assert frame.select("output", "seconds").rows() == [("four", 1.5)] * 4


def test_inspect_archives(tmp_path):
    path = tmp_path / "2026-01-05_task.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", "{}")
        for name, value in zip("badc", VALUES, strict=True):
            archive.writestr(f"samples/{name}_epoch_1.json", json.dumps(inspected(name, value, total_time=2)))
        archive.writestr("summaries.json", "[]")
        archive.writestr(
            "header.json", json.dumps({key: value for key, value in log([]).items() if key != "samples"})
        )
    assert found(path, split=evals(list("abcd"))) == ({1: 1, 0: 0, 3: 0.5, 2: 0}, "inspect_ai")
    assert load_results({"poc": str(path)}, evals(list("abcd")))["seconds"].to_list() == [2.0] * 4


def test_inspect_epochs_are_averaged(tmp_path):
    path = tmp_path / "log.json"
    tries = [inspected(n, "CI"[epoch % 2 and n == 1], epoch=epoch) for n in (1, 2, 3, 4) for epoch in (1, 2)]
    path.write_text(json.dumps(log(tries)), "utf-8")
    assert found(path)[0] == {0: 0.5, 1: 1, 2: 1, 3: 1}


def test_inspect_samples_without_a_score_are_not_wrong(tmp_path):
    path = tmp_path / "log.json"
    tries = [
        inspected(1, "C"),
        inspected(2, None, error={"message": "timeout"}),
        inspected(3, "I"),
        inspected(4, 0.25),
    ]
    path.write_text(json.dumps(log(tries)), "utf-8")
    assert found(path)[0] == {0: 1, 1: None, 2: 0, 3: 0.25}


def test_inspect_scorers_with_several_values(tmp_path):
    path = tmp_path / "log.json"
    value = {"style": "C", "facts": "I"}
    path.write_text(json.dumps(log([inspected(n, value) for n in (1, 2, 3, 4)])), "utf-8")
    assert "match/style, match/facts" in refused(path)
    assert found(path, metrics={"poc": "match/facts"})[0] == dict.fromkeys(range(4), 0.0)


def test_inspect_faults(tmp_path, monkeypatch):
    path = tmp_path / "log.json"
    path.write_text(json.dumps({key: value for key, value in log([]).items() if key != "samples"}), "utf-8")
    assert "without samples" in refused(path)
    path.write_text(json.dumps(log([{"epoch": 1}])), "utf-8")
    assert "cannot be read" in refused(path)
    broken = tmp_path / "log.eval"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("samples/1_epoch_1.json", '{"id": 1, "messages": ' + "[" * 100_000)
    assert "nested more deeply" in refused(broken)
    monkeypatch.setattr("auditor.load.resultfiles.inspect.LARGEST", 1000)
    assert "more than" in refused(broken)
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "is an archive, but no log of inspect_ai" in refused(broken)


def outcome(number, score, *, provider="openai:gpt-4o-mini", **more):
    """A result of promptfoo."""
    return {
        "id": f"r{number}", "promptIdx": 0, "testIdx": number, "promptId": "p1", "provider": {"id": provider, "label": ""},
        "testCase": {"vars": {"question": EVAL[number]}, "assert": [{"type": "equals", "value": "4"}], "options": {}},
        "prompt": {"raw": f"Answer: {EVAL[number]}", "label": "prompts.txt"}, "vars": {"question": EVAL[number]},
        "response": {"output": "four", "tokenUsage": {"total": 9}, "cached": False}, "success": score >= 0.5,
        "score": score, "latencyMs": 250, "cost": 0.001, "failureReason": 0 if score >= 0.5 else 1, "namedScores": {},
        "gradingResult": {"pass": score >= 0.5, "score": score, "reason": "ok", "componentResults": []}, "error": None,
        **more,
    }  # fmt: skip


def report(results):
    return {
        "evalId": "eval-x", "config": {"prompts": ["prompts.txt"]}, "shareableUrl": None, "metadata": {},
        "results": {"version": 3, "timestamp": "2026-01-05", "prompts": [], "results": results, "stats": {"successes": 2}},
    }  # fmt: skip


def test_promptfoo_reports(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(
        json.dumps(report([outcome(n, score) for n, score in enumerate((1, 0, 0.25, 1))]), indent=2), "utf-8"
    )
    assert found(path) == ({0: 1, 1: 0, 2: 0.25, 3: 1}, "promptfoo")
    frame = load_results({"poc": str(path)}, evals())
    assert frame.select("output", "seconds", "cost").rows() == [("four", 0.25, 0.001)] * 4
    assert found(path, metrics={"poc": "pass"})[0] == {0: 1, 1: 0, 2: 0, 3: 1}


def test_promptfoo_lines(tmp_path):
    path = written(tmp_path, "results.jsonl", *(outcome(n, 1) for n in (3, 1, 0, 2)))
    assert found(path) == (dict.fromkeys(range(4), 1.0), "promptfoo")


def test_promptfoo_with_several_models(tmp_path):
    path = tmp_path / "results.json"
    both = [
        outcome(n, score, provider=provider)
        for n in range(4)
        for provider, score in (("openai:gpt-4o", 1), ("ollama:tuned", 0))
    ]
    path.write_text(json.dumps(report(both)), "utf-8")
    told = refused(path)
    assert "2 models or prompts: openai:gpt-4o | prompts.txt, ollama:tuned | prompts.txt" in told
    assert found(path, variants={"poc": "ollama:tuned"})[0] == dict.fromkeys(range(4), 0.0)
    assert "no single model or prompt 'prompts.txt'" in refused(path, variants={"poc": "prompts.txt"})
    assert "did you mean" in refused(path, variants={"poc": "ollama:tunned | prompts.txt"})
    files = {"baseline": str(path), "poc": str(path)}
    one = load_results(files, evals(), variants={"baseline": "openai:gpt-4o", "poc": "ollama:tuned"})
    assert one.group_by("run", maintain_order=True).agg(pl.col("score").mean()).rows() == [
        ("baseline", 1.0),
        ("poc", 0.0),
    ]


def test_promptfoo_tests_that_no_model_answered_are_not_wrong(tmp_path):
    path = tmp_path / "results.json"
    lost = outcome(1, 0, failureReason=2, error="429 Too Many Requests", response=None, gradingResult=None)
    path.write_text(json.dumps(report([outcome(0, 1), lost, outcome(2, 0), outcome(3, 1)])), "utf-8")
    assert found(path)[0] == {0: 1, 1: None, 2: 0, 3: 1}


def test_promptfoo_tests_with_ids(tmp_path):
    path = tmp_path / "results.json"
    some = [outcome(n, n % 2, vars={"id": "dcba"[n], "question": "?"}) for n in range(4)]
    path.write_text(json.dumps(report(some)), "utf-8")
    assert found(path, split=evals(list("abcd")))[0] == {3: 0, 2: 1, 1: 0, 0: 1}


def test_promptfoo_reports_without_results(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"evalId": "x", "results": {"stats": {}}, "config": {}}), "utf-8")
    assert "holds no list results.results" in refused(path)


def event(number, kind, sample, **data):
    return {
        "run_id": "260105ABC", "event_id": number, "sample_id": sample, "type": kind, "data": data, "created_by": "",
        "created_at": "2026-01-05 10:00:00+00:00",
    }  # fmt: skip


SPEC = {
    "spec": {
        "completion_fns": ["m"],
        "eval_name": "t.dev.v0",
        "run_id": "260105ABC",
        "created_at": "2026-01-05",
    }
}


def test_openai_evals_events(tmp_path):
    events = [SPEC, {"final_report": {"accuracy": 0.5}}]
    for number in (2, 0, 3, 1):
        name = f"t.dev.{number}"
        events.append(event(2 * number, "sampling", name, prompt="?", sampled=["four"]))
        events.append(event(2 * number + 1, "match", name, correct=number > 1, expected="4", picked="four"))
    assert found(written(tmp_path, "events.jsonl", *events)) == ({0: 0, 1: 0, 2: 1, 3: 1}, "openai-evals")
    assert load_results({"poc": str(tmp_path / "events.jsonl")}, evals())["output"].to_list() == ["four"] * 4


def test_openai_evals_metrics_and_errors(tmp_path):
    events = [SPEC, *(event(n, "metrics", f"t.dev.{n}", f1_score=n / 4, choice="A") for n in range(3))]
    events.append(event(9, "error", "t.dev.3", type="Timeout", message="late"))
    assert found(written(tmp_path, "e.jsonl", *events))[0] == {0: 0, 1: 0.25, 2: 0.5, 3: None}


def test_openai_evals_samples_tried_several_times(tmp_path):
    tries = [event(n, "match", f"t.dev.{n // 2}", correct=n % 2 == 0, expected="4") for n in range(8)]
    assert found(written(tmp_path, "e.jsonl", SPEC, *tries))[0] == dict.fromkeys(range(4), 0.5)
