"""The numbers of a plan, followed: rows of the same kind are added and the gates that were shut open."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from auditor.auditing import audit_files
from auditor.load.work import Work
from auditor.planning.make import plan_files
from auditor.planning.model import Plan, Target
from auditor.prices import load_prices
from auditor.report.model import Report
from auditor.review.drawing import draw
from auditor.settings import Settings
from tests import helpers

SAMPLES = Path(__file__).parent.parent.parent / "sample_data"
WORDS = helpers.vocabulary(4_000, seed=3)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(settings: Settings, folder: Path) -> Plan:
    return plan_files(settings, load_prices(), Work(cache=folder / "cache"))[0]


def audited(settings: Settings, folder: Path) -> Report:
    return audit_files(settings, Work(cache=folder / "cache")).report


def verdicts(report: Report, measure: str, gate: str) -> list[str]:
    """Of the limits on a measure, the strictest level last."""
    (found,) = (one for one in report.gates if one.id == gate)
    return [rule.verdict for rule in found.rulings if rule.measure == measure]


def target(plan: Plan, level: str) -> Target:
    (found,) = (one for one in plan.targets if (one.level, one.group) == (level, None))
    return found


def style_rows(count: float, seed: int, *, copies: float = 0.0, blank: float = 0.0) -> list[dict[str, str]]:
    """Alpaca rows of made-up words, a share of them copies of others or without a question."""
    rng, rows = helpers.seeded(seed), list[dict[str, str]]()
    for n in range(int(count)):
        text = " ".join(rng.choices(WORDS, k=14))
        fresh = {
            "instruction": "Reply in our voice.",
            "input": text,
            "output": text[::-1],
            "labeler": "abc"[n % 3],
        }
        kind = rng.random()
        if rows and kind < copies:
            fresh = dict(rng.choice([row for row in rows if row["input"]]))
        elif kind > 1 - blank:
            fresh["instruction"] = fresh["input"] = ""
        rows.append(fresh)
    return rows


def test_too_small_passes_with_the_rows_that_the_plan_asks_for(folder: Path) -> None:
    settings = Settings(train=("train.json",), eval=("eval.json",), task="style")
    for name in ("train.json", "eval.json"):
        shutil.copy(SAMPLES / "too-small" / name, folder)
    rows = json.loads(Path("train.json").read_text("utf-8"))
    plan = planned(settings, folder)
    assert verdicts(audited(settings, folder), "effective_rows", "volume") == ["BLOCK", "WARN"]
    for level, wanted in (("minimum", ["PASS", "WARN"]), ("recommended", ["PASS", "PASS"])):
        added = style_rows(target(plan, level).label.expected, seed=1)
        Path("train.json").write_text(json.dumps(rows + added), "utf-8")
        assert verdicts(audited(settings, folder), "effective_rows", "volume") == wanted
    added = style_rows(target(plan, "minimum").label.expected - 1, seed=1)
    Path("train.json").write_text(json.dumps(rows + added), "utf-8")
    assert verdicts(audited(settings, folder), "effective_rows", "volume")[0] == "BLOCK", (
        "one row fewer does not"
    )


def test_eval_shows_the_gain_with_the_rows_that_the_plan_asks_for(folder: Path) -> None:
    settings = Settings(train=("train.json",), eval=("eval.json",), task="style")
    for name in ("train.json", "eval.json"):
        shutil.copy(SAMPLES / "too-small" / name, folder)
    rows = json.loads(Path("eval.json").read_text("utf-8"))
    by_id = {one.id: one for one in planned(settings, folder).steps}
    wanted = {
        "eval-minimum": (["PASS", "WARN"], ["WARN"]),
        "eval-gain": (["PASS", "WARN"], ["PASS"]),
        "eval-recommended": (["PASS", "PASS"], ["PASS"]),
    }
    for name, expected in wanted.items():
        count = by_id[name].count
        assert count is not None
        Path("eval.json").write_text(json.dumps(rows + style_rows(count.expected, seed=5)), "utf-8")
        report = audited(settings, folder)
        found = tuple(
            verdicts(report, one, "eval-set") for one in ("effective_eval_rows", "detectable_gain_points")
        )
        assert found == expected, name


def test_labels_that_are_mended_as_the_plan_asks_keep_to_the_limit(folder: Path) -> None:
    """One label for each row, 12 % of them wrong: who judges and mends as many as the plan says opens the gate."""
    settings = Settings(train=("train.jsonl",), task="classification", stage="before-training")
    rng = helpers.seeded(6)
    topics = {label: WORDS[80 * n : 80 * n + 80] for n, label in enumerate("vwxyz")}
    truth, given = dict[str, str](), dict[str, str]()
    for n in range(900):
        label = "vwxyz"[n % 5]
        text = " ".join(rng.choices(topics[label], k=12) + rng.choices(WORDS[400:], k=4))
        truth[text] = label
        given[text] = rng.choice([one for one in topics if one != label]) if rng.random() < 0.12 else label

    def write() -> None:
        lines = (json.dumps({"text": text, "label": label}) + "\n" for text, label in given.items())
        Path("train.jsonl").write_text("".join(lines), "utf-8")

    write()
    assert verdicts(audited(settings, folder), "noise_rate", "label-quality") == ["BLOCK"]
    count = {one.id: one for one in planned(settings, folder).steps}["review"].count
    assert count is not None
    assert 200 < count.expected < 900
    draw(
        settings, Path("sheet.csv"), Work(cache=folder / "cache"),
        rows=int(count.expected), style=None, seed=0, force=False,
    )  # fmt: skip
    judged_by_truth({folded(text): label for text, label in truth.items()})
    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            given[line["text"]] = truth[line["text"]]
    write()
    reviewed = Settings(**{**vars_of(settings), "reviewed": ("filled.csv",)})
    assert verdicts(audited(reviewed, folder), "noise_rate", "label-quality") == ["PASS"]


@pytest.mark.parametrize("seed", range(4))
def test_rows_with_copies_and_blanks_pass_with_the_upper_end(folder: Path, seed: int) -> None:
    settings = Settings(train=("train.jsonl",), task="style")
    rows = style_rows(200, seed, copies=0.25, blank=0.05)

    def write(more: list[dict[str, str]]) -> None:
        Path("train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows + more), "utf-8")

    write([])
    found = target(planned(settings, folder), "minimum")
    assert found.usable_share is not None
    assert 0.6 < found.usable_share < 0.85
    assert found.label.high is not None
    everything = style_rows(200 + int(found.label.high), seed, copies=0.25, blank=0.05)
    write(everything[200:])
    assert verdicts(audited(settings, folder), "effective_rows", "volume")[0] == "PASS"


def noisy_truth(rows: list[dict[str, str]]) -> dict[str, str]:
    """The published label of each utterance: that of its first unit, the second of which is the planted one."""
    votes = dict[str, Counter[str]]()
    texts = dict[str, str]()
    for row in rows:
        votes.setdefault(row["unit_id"], Counter())[row["intent"]] += 1
        texts[row["unit_id"]] = row["utterance"]
    found = dict[str, str]()
    for unit in sorted(votes):
        found.setdefault(folded(texts[unit]), votes[unit].most_common(1)[0][0])
    return found


def folded(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def more_units(rows: list[dict[str, str]], count: int, seed: int) -> list[dict[str, str]]:
    """Further units of the same kind: as many wrong judgements and as many copies with another label."""
    rng, units = helpers.seeded(seed), sorted({row["unit_id"] for row in rows})
    classes = sorted({row["intent"] for row in rows})
    wrong, copied = 489 / 4704, 40 / len(units)
    texts, made = list[tuple[str, str]](), list[dict[str, str]]()
    for n in range(count):
        text, label = " ".join(rng.choices(WORDS, k=9)), rng.choice(classes)
        if texts and rng.random() < copied:
            text, first = rng.choice(texts)
            label = rng.choice([one for one in classes if one != first])
        else:
            texts.append((text, label))
        for worker in rng.sample(["w01", "w02", "w03", "w04", "w05"], 3):
            said = label if rng.random() > wrong else rng.choice([one for one in classes if one != label])
            made.append({"unit_id": f"x{n}", "utterance": text, "intent": said, "worker": worker})
    return made


def write_units(rows: list[dict[str, str]]) -> None:
    with Path("train.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)


def judged_by_truth(truth: dict[str, str]) -> None:
    """Fill sheet.csv in as somebody does who knows."""
    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        right = truth[folded(line["text"])]
        line["verdict"] = "right" if line["label"] == right else "wrong"
        line["correct_label"] = "" if line["label"] == right else right
    with Path("filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def test_noisy_passes_with_the_rows_and_the_review_that_the_plan_asks_for(folder: Path) -> None:
    settings = Settings(
        train=("train.tsv",), eval=("eval.csv",), task="classification", stage="before-training"
    )
    for name in ("train.tsv", "eval.csv"):
        shutil.copy(SAMPLES / "noisy" / name, folder)
    with Path("train.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    plan = planned(settings, folder)
    by_id = {one.id: one for one in plan.steps}
    assert verdicts(audited(settings, folder), "noise_rate", "label-quality") == ["BLOCK"]

    assert by_id["review"].count is not None
    review = int(by_id["review"].count.expected)
    draw(
        settings,
        Path("sheet.csv"),
        Work(cache=folder / "cache"),
        rows=review,
        style=None,
        seed=0,
        force=False,
    )
    judged_by_truth(noisy_truth(rows))
    reviewed = Settings(**{**vars_of(settings), "reviewed": ("filled.csv",)})
    assert verdicts(audited(reviewed, folder), "noise_rate", "label-quality") == ["PASS"]

    found = target(plan, "recommended")
    assert found.label.high is not None
    write_units(rows + more_units(rows, int(found.label.high), seed=2))
    after = audited(settings, folder)
    assert verdicts(after, "effective_rows", "volume") == ["PASS", "PASS"]
    assert verdicts(after, "class_rows", "volume") == ["PASS"]


def vars_of(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in Settings.__slots__}
