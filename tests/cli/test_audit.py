"""`auditor audit`: the exit code says what the report says, and every mistake is named with a way out."""

from __future__ import annotations

import json

import pytest

from checks.size import Size
from tests import helpers
from tests.commands import READY, labelled_rows, plain_rows, ready_files, write

LABELLED = ("l.jsonl", "--eval", "m.jsonl", "--policy", "poc", "--stance", "lenient")


@pytest.fixture(autouse=True)
def files(auditor):
    ready_files()
    return auditor


# What the exit code says


def test_ready_data_exits_0(auditor):
    done = auditor("audit", *READY)
    assert (done.code, done.verdict) == (0, "PASS")


def test_warnings_exit_0_unless_asked(auditor):
    write("train.jsonl", plain_rows(200, seed=2))  # the proof of concept wants 100 and recommends 500
    assert auditor("audit", *READY, "-q").verdict == "WARN"
    assert auditor("audit", *READY).code == 0
    assert auditor("audit", *READY, "--fail-on", "block").code == 0
    assert auditor("audit", *READY, "--fail-on", "warn").code == 1
    assert auditor("audit", *READY, "--fail-on", "warn", "--exit-zero").code == 0


def test_ready_data_passes_with_fail_on_warn(auditor):
    assert auditor("audit", *READY, "--fail-on", "warn").code == 0


def test_blocked_data_exits_1(auditor):
    rows = plain_rows(600, seed=2)
    write("train.jsonl", [*rows, *plain_rows(1_000, seed=3)[:5]])  # five eval rows
    done = auditor("audit", *READY)
    assert (done.code, done.verdict) == (1, "BLOCK")
    assert "5 of 1,000" in done.out
    assert auditor("audit", *READY, "--exit-zero").code == 0


def test_what_cannot_be_told_exits_1(auditor):
    done = auditor("audit", "train.jsonl", "--policy", "poc")
    assert (done.code, done.verdict) == (1, "UNKNOWN")
    assert "--eval FILE" in done.out, "says how to make it known"


def test_an_unreadable_file_exits_2_and_the_rest_is_reported(auditor):
    write("other.jsonl", [{"x": 1}])
    done = auditor("audit", "train.jsonl", "other.jsonl", *READY[1:], "--format", "json")
    assert done.code == 2
    train, other, evals = done.report["inputs"]
    assert (train["rows"], evals["rows"]) == (600, 1_000)
    assert other["rows"] == 0
    assert done.report["verdict"] == "UNKNOWN", "nobody knows what it holds"
    assert "other.jsonl" in other["error"]
    assert done.report["outcomes"]["leakage"]["measures"]
    assert auditor("audit", "train.jsonl", "other.jsonl", *READY[1:], "--exit-zero").code == 2
    assert "other.jsonl" in auditor("audit", "train.jsonl", "other.jsonl", *READY[1:]).out


def test_an_eval_file_that_cannot_be_read_was_named_all_the_same(auditor):
    write("eval.jsonl", [{"x": 1}])
    done = auditor("audit", *READY)
    assert (done.code, done.verdict) == (2, "UNKNOWN")
    assert "what was named as eval data could not be read" in " ".join(done.out.split())
    assert "--eval FILE" not in done.out


def test_a_crash_of_our_own_exits_3_with_the_full_report(auditor, monkeypatch):
    monkeypatch.setattr(Size, "run", lambda _self, _data: 1 / 0)
    done = auditor("audit", *READY, "--format", "json")
    assert done.code == 3
    assert done.report["verdict"] == "UNKNOWN"
    size = done.report["outcomes"]["size"]["not_run"]
    assert size["kind"] == "crashed"
    assert "ZeroDivisionError at test_audit.py:" in size["why"]
    assert done.report["outcomes"]["leakage"]["measures"], "the other checks ran"
    assert auditor("audit", *READY, "--exit-zero").code == 3


def test_an_error_nobody_foresaw_is_a_bug_of_ours_and_never_reads_as_not_ready(auditor, monkeypatch):
    monkeypatch.setattr("auditor.auditing.whole_verdict", lambda *_, **__: 1 / 0)
    done = auditor("audit", *READY)
    assert done.code == 3
    assert "ZeroDivisionError" in done.err
    assert done.err.endswith("this is a bug of auditor; please report it with the lines above\n")
    assert done.out == ""


# Gates


def test_a_gate_more_can_be_required(auditor):
    done = auditor("audit", *READY, "--require", "labelers", "--require", "balance", "--format", "json")
    assert done.code == 1
    required = {gate["id"] for gate in done.report["gates"] if gate["required"]}
    assert required == {"structure", "volume", "leakage", "eval-set", "labelers", "balance"}


def test_a_gate_is_dropped_with_a_reason_that_every_output_shows(auditor, tmp_path):
    write("l.jsonl", labelled_rows(600, seed=2))
    write("m.jsonl", labelled_rows(1_000, seed=3))
    assert auditor("audit", *LABELLED, "--quiet").verdict == "BLOCK"
    (tmp_path / "work" / "auditor.toml").write_text(
        '[gate.label-quality]\nrequired = false\nreason = "judged again in June"\n'
        '[[gate.labelers.limit]]\ncheck = "labelers"\nmeasure = "overlap_items"\nat-least = 0\ncite = "June"\n'
    )
    done = auditor("audit", *LABELLED)
    assert (done.code, done.verdict) == (0, "WARN")
    assert "judged again in June" in " ".join(done.out.split())
    gates = {gate["id"]: gate for gate in auditor("audit", *LABELLED, "--format", "json").report["gates"]}
    assert not gates["label-quality"]["required"]
    assert gates["label-quality"]["reason"] == "judged again in June"


def test_eval_texts_that_are_all_too_short_to_be_looked_for_are_no_clean_pass(auditor):
    words = helpers.vocabulary(3_000, seed=5)
    evals = [" ".join(words[n : n + 4]) for n in range(0, 2_000, 4)]
    write("eval.jsonl", [{"text": text} for text in evals])
    write(
        "train.jsonl",
        [{"text": f"once there was {text} and then {words[-n]}"} for n, text in enumerate(evals, 1)],
    )
    leakage = next(
        gate
        for gate in auditor("audit", *READY, "--format", "json").report["gates"]
        if gate["id"] == "leakage"
    )
    assert leakage["verdict"] == "WARN"
    assert [one["measure"] for one in leakage["rulings"] if one["verdict"] == "WARN"] == ["short_eval_rows"]


@pytest.mark.parametrize(("blank", "verdict"), [(0, "PASS"), (10, "PASS"), (11, "UNKNOWN"), (300, "UNKNOWN")])
def test_rows_that_nobody_can_check_hold_the_leakage_gate_beyond_the_share_of_the_policy(
    auditor, blank, verdict
):
    write(
        "eval.jsonl", [*plain_rows(1_000 - blank, seed=3), *({"text": " " * (n % 3)} for n in range(blank))]
    )
    report = auditor("audit", *READY, "--format", "json").report
    gate = next(gate for gate in report["gates"] if gate["id"] == "leakage")
    assert gate["verdict"] == verdict
    (ruling,) = (one for one in gate["rulings"] if one["measure"] == "unchecked_eval_rows")
    assert (ruling["verdict"], ruling["value"], ruling["limit"]["at_most"]) == (verdict, blank, 10)
    named = [
        row["line"]
        for evidence in report["outcomes"]["leakage"]["evidence"]
        for row in evidence["head"]
        if row.get("seen_by") == ""
    ]
    assert named == [*range(1_001 - blank, 1_001)]
    assert ("some detector could not see" in ruling["fix"]) == (verdict == "UNKNOWN")


def test_rows_of_documents_that_train_has_too_warn(auditor):
    for name, seed, size in (("train", 2, 600), ("eval", 3, 1_000)):
        rows = plain_rows(size, seed=seed)
        write(f"{name}.jsonl", [{**row, "doc_id": f"{name}{n}"} for n, row in enumerate(rows)])
    assert auditor("audit", *READY).verdict == "PASS"
    write("eval.jsonl", [{**row, "doc_id": f"train{n}"} for n, row in enumerate(plain_rows(1_000, seed=3))])
    done = auditor("audit", *READY)
    assert (done.code, done.verdict) == (0, "WARN")
    assert "document 600 of 1,000" in " ".join(done.out.split())
    assert "train0" not in auditor("audit", *READY, "--redact", "--format", "json").out


# Threshold and recall


@pytest.mark.parametrize(
    ("options", "bands"),
    [
        ((), "25 bands of 5"),
        (("--recall", "0.9"), "16 bands of 8"),
        (("--threshold", "0.6"), "42 bands of 3"),
    ],
)
def test_bands_follow_from_threshold_and_recall(auditor, options, bands):
    report = auditor("audit", *READY, *options, "--format", "json").report
    found = {
        row["known_from"]
        for check in ("leakage", "duplicates")
        for evidence in report["outcomes"][check]["evidence"]
        for row in evidence["head"]
        if "known_from" in row and row["detector"].startswith("near")
    }
    assert found == {f"{bands} hash values"}


def test_options_win_over_the_text_settings_of_the_project(auditor, tmp_path):
    (tmp_path / "work" / "auditor.toml").write_text("[text]\nthreshold = 0.7\nrecall = 0.95\n")
    text = auditor("audit", *READY, "--threshold", "0.9", "--format", "json").report["settings"]["text"]
    assert (text["threshold"], text["recall"]) == (0.9, 0.95)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--threshold", "1.2"), "threshold is 1.2; it must lie in 0.3 to 1"),
        (("--recall", "1"), "recall is 1; it must lie in 0.5 to 0.999999"),
        (("--recall", "most"), "'most' is not a valid float"),
    ],
)
def test_thresholds_and_recalls_that_cannot_be(auditor, options, said):
    done = auditor("audit", *READY, *options)
    assert done.code == 2
    assert said in " ".join(done.err.split())


# Wrong usage


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train.jsonl", "--eval", "eval.jsonl", "eval2.jsonl"), "repeat --eval for each eval file"),
        (("--eval", "eval.jsonl", "train.jsonl"), "auditor audit train.jsonl --eval 'eval/*.jsonl'"),
        (("train.jsonl", "--eval", "eval.jsonl", "--nosuch", "3"), "No such option"),
        (("--eval=eval.jsonl", "train.jsonl"), "'train.jsonl' stands behind --eval"),
        (("--eval", "eval.jsonl", "--", "train.jsonl"), "'train.jsonl' stands behind --eval"),
        (("train.jsonl", "--eval", "eval.jsonl", "-"), "'-' stands behind --eval"),
        (("train.jsonl", "--eval", "eval.jsonl", "-q", "eval2.jsonl"), "'eval2.jsonl' stands behind --eval"),
        (("train.jsonl", "--eval", "train.jsonl"), "train.jsonl is named as train and as eval data"),
        (("train.jsonl", "--eval", "./*.jsonl"), "is named as train and as eval data"),
        (("-", "--eval", "-"), "standard input (-) is named twice"),
        ((), "nothing to audit: name training files"),
        (("--eval", "eval.jsonl"), "nothing to audit: name training files"),
        (("train.jsonl", "--task", "sytle"), "no task 'sytle'; did you mean 'style'?"),
        (("train.jsonl", "--task", "qqq"), "no task 'qqq'; tasks are classification,"),
        (("train.jsonl", "--stage", "before-trainig"), "did you mean 'before-training'?"),
        (("train.jsonl", "--stage", "x"), "no stage 'x'; stages are before-labeling, before-training"),
        (("train.jsonl", "--stance", "strickt"), "no stance 'strickt'; did you mean 'strict'?"),
        (("train.jsonl", "--stance", "S9"), "there is no stance 'S9'"),
        (("train.jsonl", "--policy", "pco"), "no policy file 'pco'; did you mean 'poc'?"),
        (("train.jsonl", "--policy", "mine.toml"), "no policy file 'mine.toml'; shipped are base, poc"),
        (("train.jsonl", "--require", "lekage"), "no gate 'lekage'; did you mean 'leakage'?"),
        (("train.jsonl", "--input-format", "aplaca"), "did you mean 'alpaca'?"),
        (("train.jsonl", "--map", "text"), "should read COLUMN=ROLE"),
        (("train.jsonl", "--map", "=text"), "should read COLUMN=ROLE"),
        (("train.jsonl", "--map", "text="), "should read COLUMN=ROLE"),
        (("train.jsonl", "--map", "text=lable"), "no role 'lable'; did you mean 'label'?"),
        (("train.jsonl", "--map", "txet=text"), "no record has a column 'txet'; did you mean 'text'?"),
        (("trian.jsonl",), "trian.jsonl does not exist; did you mean 'train.jsonl'?"),
        (("data/*.jsonl",), "the pattern 'data/*.jsonl' matches no file"),
        (("https://example.org/train.jsonl",), "is no local file; download it first"),
        (("train.jsonl", "--format", "jsn"), "there is no format 'jsn'; did you mean 'json'?"),
        (("train.jsonl", "--quite"), "No such option '--quite'"),
        (("train.jsonl", "--max-tokens", "0"), "0 is not in the range x>=1"),
        (("train.jsonl", "--fail-on", "never"), "'never' is not one of 'block', 'warn'"),
        (("train.jsonl", "--out", "eval.jsonl"), "eval.jsonl"),
        (("train.jsonl", "--out", "eval.jsonl/report"), "eval.jsonl is a file"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2_and_says_what_to_write(auditor, arguments, said):
    done = auditor("audit", *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == "", "nothing that a pipe could take for a report"


def test_files_between_options_are_fine_before_the_first_eval(auditor):
    done = auditor("audit", "--policy", "poc", "train.jsonl", "--stance", "lenient", "--eval=eval.jsonl")
    assert done.code == 0


def test_eval_is_repeatable(auditor):
    rows = plain_rows(1_000, seed=3)
    write("e1.jsonl", rows[:600])
    write("e2.jsonl", rows[600:])
    arguments = ("train.jsonl", "--eval", "e1.jsonl", "--eval", "e2.jsonl", *READY[3:])
    done = auditor("audit", *arguments, "--format", "json")
    assert done.code == 0
    assert [(found["role"], found["path"]) for found in done.report["inputs"]] == [
        ("train", "train.jsonl"), ("eval", "e1.jsonl"), ("eval", "e2.jsonl"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("trian = 'x'", "auditor.toml: unknown key 'trian'; did you mean 'train'?"),
        ("[chek.noise]\nnear = 1", "unknown key 'chek'; did you mean 'check'?"),
        (
            "[gate.leakage]\nrequird = true",
            "auditor.toml, [gate.leakage]: unknown key 'requird'; did you mean 'required'?",
        ),
        ("[gate.leakage]\nrequired = false", "needs a reason"),
        ("[check.noise]\nnaer = 1", "check 'noise' has no setting 'naer'; did you mean 'near'?"),
        ("[text]\nthreshhold = 0.8", "[text] has no setting 'threshhold'; did you mean 'threshold'?"),
        ("[text]\nthreshold = 8", "threshold is 8; it must lie in 0.3 to 1"),
        ("[required]\nbefore-labeling = ['volum']", "no gate 'volum'; did you mean 'volume'?"),
        ("[required-for.clasification]\nbefore-training = ['volume']", "did you mean 'classification'?"),
        ("require = ['volum']", "no gate 'volum'; did you mean 'volume'?"),
        ("gate = 3", "auditor.toml: Expected `object`, got `int`"),
        ("[gate]\nvolume = 3", "auditor.toml: Expected `object`, got `int`"),
        ("[gate.volume]\nlimit = 3", "auditor.toml: Expected `array`, got `int`"),
        ("[gate.volume]\nlimit = [3]", "auditor.toml: Expected `object`, got `int`"),
        ("train = [", "auditor.toml is not valid TOML"),
        ("policy = 'mine.toml'", "no policy file 'mine.toml'"),
    ],
)
def test_a_wrong_settings_file_exits_2(auditor, tmp_path, written, said):
    (tmp_path / "work" / "auditor.toml").write_text(written)
    done = auditor("audit", *READY[:3])
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("written", ["[tool]\nauditor = 3", "tool = 3\n"])
def test_pyproject_may_hold_anything(auditor, tmp_path, written):
    (tmp_path / "work" / "pyproject.toml").write_text(written)
    done = auditor("audit", *READY, "--quiet")
    wrong = "auditor" in written
    assert done.code == (2 if wrong else 0)
    assert ("[tool.auditor] must be a table" in done.err) == wrong


def test_a_policy_in_a_circle_is_named(auditor, tmp_path):
    folder = tmp_path / "work" / "policies"
    folder.mkdir()
    (folder / "one.toml").write_text('extends = "two.toml"\n')
    (folder / "two.toml").write_text('extends = "one.toml"\n')
    done = auditor("audit", *READY[:3], "--policy", "policies/one.toml")
    assert done.code == 2
    assert "'one.toml' extends itself" in done.err
    (folder / "two.toml").write_text('extends = "poc"\nstance = "lenient"\n')
    assert auditor("audit", *READY[:3], "--policy", "policies/one.toml").code == 0, "beside the first"


def test_a_limit_that_names_no_task_of_ours_would_demand_nothing(auditor, tmp_path):
    (tmp_path / "work" / "auditor.toml").write_text(
        '[[gate.volume.limit]]\ncheck = "size"\nmeasure = "train_rows"\nat-least = 9\ncite = "me"\n'
        'tasks = ["clasification"]\n'
    )
    done = auditor("audit", *READY)
    assert done.code == 2
    assert "no task 'clasification'; did you mean 'classification'?" in done.err


# What goes where


def test_json_is_alone_on_stdout(auditor):
    done = auditor("audit", *READY, "--format", "json")
    assert json.loads(done.out)["schema"] == 1
    assert auditor("audit", *READY, "--format", "json", "--quiet") == (0, done.out, "")


def test_quiet_prints_the_verdict_alone(auditor):
    done = auditor("audit", *READY, "--quiet")
    assert done.out == "PASS  Ready. All 4 required gates are open.\n"
    assert auditor("audit", *READY, "-q") == done


@pytest.mark.parametrize("extra", [(), ("--quiet",), ("--format", "json")])
def test_no_escape_codes_where_there_is_no_terminal(auditor, monkeypatch, extra):
    for name, value in (("TERM", "xterm-256color"), ("COLORTERM", "truecolor")):
        monkeypatch.setenv(name, value)
    done = auditor("audit", "train.jsonl", *extra)
    assert "\x1b" not in done.out + done.err
    monkeypatch.setenv("NO_COLOR", "1")
    assert auditor("audit", "train.jsonl", *extra).out == done.out


def test_a_long_context_is_estimated_only_when_asked(auditor):
    def measured(*more: str) -> dict[str, float]:
        found = auditor("audit", *READY, "--format", "json", *more).report["outcomes"]["structure"]
        return {measure["name"]: measure["value"] for measure in found["measures"]}

    assert "long_rows" not in measured()
    assert measured("--max-tokens", "4000")["long_rows"] == 0
    assert measured("--max-tokens", "10")["long_rows"] == 1_600
    assert auditor("audit", *READY, "--max-tokens", "10").verdict == "WARN"


def test_the_version(auditor):
    from auditor import __version__

    assert auditor("--version") == (0, f"auditor, version {__version__}\n", "")
