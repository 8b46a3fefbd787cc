"""Redaction: nothing of the user's text is left, and a masked pair still shows which words differ."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.report.differences import word_differences
from auditor.report.formats import FORMATS
from auditor.report.model import MeasureModel, NotRunModel, OutcomeModel, Report
from auditor.report.redaction import mask, masked, redacted
from tests import helpers
from tests.cli.test_out import canaries
from tests.commands import write

CANARY = "zqxcanary"
LONG = f"{CANARY} is a label that is a whole answer, far longer than any name of a class can be"


# Masks


@pytest.mark.parametrize(
    ("texts", "masks"),
    [
        ([""], [""]),
        (["The fox, 12 years"], ["Xxx xxx,₂ 00 xxxxx"]),
        (["the fox the"], ["xxx xxx₂ xxx"]),
        (["price 5 now", "price 6 now"], ["xxxxx 0 xxx", "xxxxx 0₂ xxx"]),
        (["The same!", "the SAME"], ["Xxx xxxx!", "xxx XXXX"]),
        (["Straße", "STRASSE"], ["Xxxxxx", "Xxxxxx"]),
        (["really ?", "really !"], ["xxxxxx ?", "xxxxxx !"]),
        (["ok 😀", "ok 😂"], ["xx ¤", "xx ¤₂"]),
        (["a\n\tb"], ["x\n\tx₂"]),
        (["日本語 हिन्दी"], ["xxx xxx₂"]),
    ],
)
def test_masks(texts, masks):
    assert mask(texts) == masks


anything = st.one_of(st.sampled_from(helpers.SAMPLES), st.text(max_size=40))


def flags(texts):
    return [[differs for _, differs in side] for side in word_differences(*texts)]


@given(anything, anything)
def test_the_same_words_differ_and_no_letter_is_left(one, two):
    masks = mask([one, two])
    assert flags(masks) == flags([one, two])
    for text in masks:
        assert not re.search(r"[^\W_xX0₀-₉]", text)


# Reports


@pytest.fixture
def saved(auditor):
    """A report that quotes the canary in every way, and one in which a check crashed."""
    made = []
    for number, kind in enumerate(("text", "label", "alpaca", "preference", "chat")):
        rows = canaries(kind, 3)
        if kind == "label":
            rows = [{**row, "label": f"{LONG} {i % 3}"} for i, row in enumerate(rows * 4)]
        write(f"train{number}.jsonl", rows)
        write(f"eval{number}.jsonl", rows[:10])
        found = auditor("audit", f"train{number}.jsonl", "--eval", f"eval{number}.jsonl", "--format", "json")
        assert CANARY in found.out
        made.append(Report.from_json(found.out.encode()))
    broken = NotRunModel("crashed", f"ValueError at plugin.py:3: {CANARY}")
    outcomes = {"mine": msgspec.structs.replace(next(iter(made[0].outcomes.values())), not_run=broken)}
    failed = msgspec.structs.replace(made[0].inputs[0], error=f"bad near {CANARY}")
    made.append(msgspec.structs.replace(made[0], outcomes=outcomes, inputs=(failed,)))
    return made


def test_no_text_is_left_in_any_format(saved):
    for report in saved:
        left = redacted(report).to_json().decode()
        assert CANARY not in left, left[left.index(CANARY) - 400 :][:800]
        assert CANARY not in masked(report).to_json().decode()
        for one in FORMATS:
            assert CANARY not in one.render(report, redact=True), one.name
            assert not one.redacts or CANARY not in one.render(report), one.name


def test_places_numbers_and_fingerprints_stay(saved):
    for report in saved[:-1]:
        for change in (redacted, masked):
            shown = change(report)
            for check, found in report.outcomes.items():
                assert [one.value for one in found.measures] == [
                    one.value for one in shown.outcomes[check].measures
                ]
                for before, after in zip(found.evidence, shown.outcomes[check].evidence, strict=True):
                    assert before.fingerprints == after.fingerprints
                    quoting = {*before.excerpts, *before.labels}
                    for row, other in zip(before.head, after.head, strict=True):
                        for name in row.keys() - quoting:
                            assert row[name] == other[name] or CANARY in json.dumps(row[name])


def test_classes_that_are_texts_stay_apart_in_every_check(saved):
    one, two = f"{LONG} one", f"{LONG} two"

    def measured(*names: str) -> OutcomeModel:
        found = [
            MeasureModel(
                name="rows", group=name, value=1, kind="count", of=None, interval=None, basis="measured"
            )
            for name in names
        ]
        return OutcomeModel(title="t", measures=tuple(found))

    outcomes = {"size": measured(two, "a", one), "agreement": measured(one)}
    found = redacted(msgspec.structs.replace(saved[0], outcomes=outcomes)).outcomes
    groups = {check: [measure.group for measure in outcome.measures] for check, outcome in found.items()}
    assert groups["size"][2:] == groups["agreement"]
    assert len(set(groups["size"])) == 3
    assert CANARY not in str(groups)


def test_what_is_redacted_stays_as_it_is(saved):
    for report in saved:
        for change in (redacted, masked):
            assert change(change(report)) == change(report) if change is redacted else True
        assert redacted(masked(report)) == redacted(report)
