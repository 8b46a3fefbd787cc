"""What `auditor explain` says of frameworks."""

from __future__ import annotations

import pytest

from auditor.frameworks.description import _OWN, describe, describe_all
from auditor.frameworks.kinds import KINDS
from auditor.frameworks.loading import load_frameworks
from auditor.wording import WIDTH
from tests.frameworks.answering import FRAMEWORKS, LIBRARY


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_framework_tells_its_items_verdicts_and_source(name):
    framework = FRAMEWORKS[name]
    text = describe(framework, LIBRARY.questions)
    flat = " ".join(text.split())
    assert text.startswith(f"{name}: {framework.table.title}\n")
    for item in framework.items:
        assert " ".join(item.table.text.split()) in flat
        assert all(question in text for question in item.wanted)
    for verdict in framework.space.verdicts if framework.space else ():
        assert f"{verdict.says} ({verdict.leaning})" in flat
    for choice in framework.table.choice:
        assert f"{choice.text}: {choice.says}" in flat
    assert framework.table.source in flat
    assert max(map(len, text.splitlines())) <= WIDTH


def test_what_is_measured_and_what_only_people_know_is_told():
    text = describe(FRAMEWORKS["checklist"], LIBRARY.questions)
    assert "eval-1000, measured by eval_set.effective_eval_rows" in text
    assert "labeling-budget, declared" in text
    assert "(reversed)" in text
    assert text.count("reversed)") == 1
    assert "gate.roi, a gate" in describe(FRAMEWORKS["gates"], LIBRARY.questions)


def test_the_framework_that_shows_how_to_write_one_can_be_read(tmp_path):
    path = tmp_path / "legal.toml"
    path.write_text(_OWN, "utf-8")
    own = load_frameworks([path]).frameworks[-1]
    assert own.id == "legal"
    text = describe_all(LIBRARY)
    for line in filter(None, _OWN.splitlines()):
        assert f"  {line}\n" in text


def test_all_frameworks_and_kinds_are_listed():
    text = describe_all(LIBRARY)
    for name, framework in FRAMEWORKS.items():
        assert f"  {name} " in text
        assert framework.table.title in text
    for kind in KINDS:
        assert f"  {kind}: " in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_explain_knows_frameworks(auditor):
    assert auditor("explain", "tree").out == describe(FRAMEWORKS["tree"], LIBRARY.questions)
    assert auditor("explain", "frameworks").out == describe_all(LIBRARY)
    assert "did you mean 'checklist'" in auditor("explain", "checklst").err
