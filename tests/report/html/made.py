"""Reports made by hand, with every kind of picture and with texts that want to be more than text."""

from __future__ import annotations

import random
from typing import Any

from auditor.planning.model import Amount, Besides, Step, Todo, Unknown, UsedPrice
from auditor.report.model import (
    EvidenceModel,
    GateModel,
    Input,
    LimitModel,
    MeasureModel,
    OutcomeModel,
    Report,
    RulingModel,
    VerdictName,
)
from checks.measures import Chart, Kind

HOSTILE = (
    "<script>window.hit=1</script>",
    "<img src=x onerror='window.hit=1'>",
    "</script><script>window.hit=1</script>",
    "</style><style>*{display:none}</style>",
    "<svg onload=window.hit=1><a href='javascript:window.hit=1'>x</a></svg>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200b\x1b[2J\x00",
    "\"><iframe src='https://example.org'></iframe>",
    "--><!--<b>&lt;&#x3c;</b>",
    "<template><base href='https://example.org/'></template>",
)
"""Payloads; none may show as anything but letters."""


def measure(name: str, value: float | None, kind: Kind = "count", **more: Any) -> MeasureModel:
    filled = {"group": None, "of": None, "interval": None, "basis": "measured"} | more
    return MeasureModel(name=name, value=value, kind=kind, **filled)


def ruling(check: str, name: str, verdict: VerdictName, value: float | None, **more: Any) -> RulingModel:
    limit = {"at_least": None, "at_most": None, "level": "block", "resolved_from": None}
    limit |= {key: more.pop(key) for key in tuple(more) if key in limit}
    filled = {
        "group": None,
        "why": f"{value}; wanted",
        "cite": "S1: why",
        "fix": "" if verdict == "PASS" else f"mend {name}",
    }
    return RulingModel(
        check=check, measure=name, value=value, verdict=verdict, limit=LimitModel(**limit), **(filled | more)
    )


def gate(id: str, verdict: VerdictName, *rulings: RulingModel, required: bool = True) -> GateModel:  # noqa: A002
    return GateModel(
        id=id, question=f"Is {id} fine?", verdict=verdict, required=required, reason="", rulings=rulings
    )


def table(title: str, head: list[dict[str, Any]], chart: Chart | None = None, **more: Any) -> EvidenceModel:
    filled = {"file": None, "excerpts": (), "rows": len(head)} | more
    return EvidenceModel(title=title, head=tuple(head), chart=chart, **filled)


def pairs(number: int, *, words: int = 40, seed: int = 1) -> list[dict[str, Any]]:
    """Pairs of texts of which one is an edit of the other; the first are near, the last exact."""
    rng = random.Random(seed)  # noqa: S311
    known = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(2, 9))) for _ in range(500)]
    made = []
    for i in range(number):
        text = rng.choices(known, k=words)
        other = [*text]
        if i < number // 2:
            for _ in range(3):
                other[rng.randrange(words)] = rng.choice(known)
        row = {
            "split": "eval",
            "kind": "near" if i < number // 2 else "exact",
            "row": i,
            "file": "eval.jsonl",
            "line": i + 1,
        }
        row |= {"train_row": 2 * i, "train_file": "train.jsonl", "train_line": 2 * i + 1}
        made.append(row | {"text": " ".join(text), "train_text": " ".join(other), "jaccard": 0.91})
    return made


def pictured() -> tuple[EvidenceModel, ...]:
    """A table for each kind of picture."""
    steps = [{"step": "found", "rows": 100}, {"step": "copies", "rows": -30}, {"step": "leaks", "rows": -10}]
    few = [{"name": name, "share": share} for name, share in (("ann", 0.5), ("bo", 0.3), ("cy", 0.2))]
    many = [{"label": f"class {i}", "train": 5 + i, "eval": 3} for i in range(30)]
    parts = [{"kind": "exact", "prompt": 3, "answer": 2}, {"kind": "near", "prompt": 0, "answer": 4}]
    spans = [
        {"label": "a", "alpha": 0.5, "low": 0.3, "high": 0.7},
        {"label": "b", "alpha": 0.9, "low": None, "high": None},
    ]
    bins = [{"from": 16 * i, "train": 30 - i, "eval": i} for i in range(20)]
    points = [{"rows": 100 * i, "gain": 20 / i} for i in range(1, 20)]
    return (
        table("Steps", steps, Chart(picture="waterfall", label="step", values=("rows",), measure="left")),
        table("Few", few, Chart(picture="bars", label="name", values=("share",), unit="share", measure="top")),
        table("Many", many, Chart(picture="bars", label="label", values=("train", "eval"))),
        table("Parts", parts, Chart(picture="stack", label="kind", values=("prompt", "answer"))),
        table("Spans", spans, Chart(picture="ranges", label="label", values=("alpha",), interval=("low", "high"), unit="score", measure="alpha")),
        table("Bins", bins, Chart(picture="histogram", label="from", values=("train", "eval"), along="tokens", at=100.0, at_says="limit 100")),
        table("Points", points, Chart(picture="curve", label="rows", values=("gain",), unit="points", measure="gain", along="rows", at=600.0, at_says="600 rows")),
    )  # fmt: skip


TODO = Todo(
    headline="7 more rows reach the minimum.",
    currency="EUR",
    steps=(
        Step(
            id="rows",
            what="label 7 more rows",
            count=Amount(low=7, expected=7, high=None),
            unit="rows",
            have=1,
            need=8,
            money=Amount(low=10, expected=20, high=40),
            days=Amount(low=1, expected=1, high=1),
            cite="S1: so many",
            why="1 of 8",
            how="auditor sample",
        ),
    ),
    besides=(Besides(gate="first", measure="top", verdict="WARN", why="0.5", fix="mend top"),),
    unknown=(Unknown(what="what eval can show", settle="name the eval file"),),
    prices=(UsedPrice(name="label", value=Amount(low=1, expected=2, high=4), origin="your price"),),
)


def report(
    *evidence: EvidenceModel, verdict: VerdictName = "BLOCK", word: str = "plain", **more: Any
) -> Report:
    """A report with two gates; `word` stands wherever a user's word can."""
    measures = (
        measure("left", 60, of=100),
        measure("top", 0.5, "share", of=10),
        measure("alpha", 0.7, "score", interval=(0.6, 0.8)),
        measure("gain", 4.0, "points", interval=(3.0, 5.0)),
        measure("class_rows", 4, group=word),
        measure("cost", 1200, "money", interval=(900, 2000), by=word),
    )
    gates = (
        gate(
            "first",
            verdict,
            ruling("mine", "left", verdict, 60, at_least=80.0, why=f"{word}: 60 of 100"),
            ruling("mine", "top", "WARN", 0.5, at_most=0.4, level="warn"),
            ruling("mine", "alpha", "PASS", 0.7, at_least=0.667),
            ruling("mine", "gain", "PASS", 4.0, at_most=5.0),
        ),
        gate("second", "UNKNOWN", ruling("other", "gone", "UNKNOWN", None, why=word), required=False),
    )
    outcomes = {
        "mine": OutcomeModel(
            title="What is mine", measures=measures, evidence=evidence, notes=(f"note {word}",)
        ),
        "other": OutcomeModel(title="Another", not_run=None, notes=()),
    }
    read = Input(role="train", path=f"{word}.jsonl", sha256="ab" * 32, rows=100, format="text", facts=(word,))
    filled: dict[str, Any] = {
        "schema": 1, "verdict": verdict, "task": "format", "stage": "before-labeling", "inputs": (read,), "gates": gates,
        "tasks": (), "sources": {"S1": word}, "outcomes": outcomes, "notes": (word,),
        "settings": {"policy": "base", "stance": "balanced"}, "versions": {"auditor": "1.2.3"},
    }  # fmt: skip
    return Report(**(filled | more))
