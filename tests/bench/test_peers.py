"""The comparison with other tools: its truth, its scores, and every tool that is installed on a tiny corpus."""

from __future__ import annotations

import json
import sys

import pytest

from tests import helpers, oracle
from tests.bench import corpus, peers, peers_tools
from tests.bench.peers_truth import Score, Truth, score, truth_of

KNOWN = helpers.vocabulary(400, seed=1)


def texts(rows: int, seed: int) -> list[str]:
    return helpers.planted(helpers.seeded(seed), KNOWN, rows=rows, words=(3, 80))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> peers.Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    corpus.write(folder, rows=400, evals=20, seed=3, boilerplate=0.0)
    return peers.read(folder)


def test_texts_that_have_nothing_in_common():
    rng = helpers.seeded(2)
    alone = [" ".join(rng.choices(KNOWN, k=40)) for _ in range(50)]
    assert truth_of([oracle.fold(text) for text in alone], [(0, 1)]) == Truth(50, frozenset(), frozenset())


@pytest.mark.parametrize("seed", range(3))
def test_the_join_is_that_of_all_pairs(seed):
    given = texts(120, seed)
    expected = oracle.near_pairs(given, "w5", 0.8)
    found = truth_of([oracle.fold(text) for text in given], [*list(expected)[:3], (0, 119)])
    assert found.pairs == expected
    assert found.planted <= expected
    assert found.within(60).pairs == oracle.near_pairs(given[:60], "w5", 0.8)


TRUTH = Truth(9, pairs=frozenset({(0, 1), (0, 2), (1, 2), (5, 8)}), planted=frozenset({(5, 8)}))


@pytest.mark.parametrize(
    ("pairs", "rows", "expected"),
    [
        ([], [], Score(planted=0, pairs=0, false=0)),
        ([(1, 0), (2, 0)], [], Score(planted=0, pairs=3, false=0)),
        ([(0, 1), [8, 5]], [], Score(planted=1, pairs=3, false=0)),
        ([(1, 0), (1, 0), (7, 6), (8, 0)], [], Score(planted=1, pairs=3, false=2)),
        ([], [1, 2, 8], Score(planted=1, pairs=4, false=0)),
        ([], [3, 4, 5], Score(planted=1, pairs=1, false=2)),
    ],
)
def test_scores(pairs, rows, expected):
    assert score({"pairs": pairs, "rows": rows}, TRUTH) == expected


def test_planted_pairs_are_among_those_of_the_join(tiny):
    assert 0 < len(tiny.truth.planted) < len(tiny.truth.pairs)


@pytest.mark.parametrize("name", ["auditor", "datasketch"])
def test_tools_of_the_tests_own_environment(tiny, tmp_path, name):
    tool = peers_tools.TOOLS[name]
    found = tool.load()(tiny.texts if tool.raw else tiny.folded, tmp_path)
    result = score({"pairs": found.pairs, "rows": found.rows}, tiny.truth)
    assert result.pairs > 0.9 * len(tiny.truth.pairs)
    if name == peers.OURS:
        assert result == Score(planted=len(tiny.truth.planted), pairs=len(tiny.truth.pairs), false=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", peers_tools.TOOLS)
def test_tools_in_processes_of_their_own(tiny, name):
    found = peers.measured(name, tiny, peers.Runs(number=2))
    if found.get("why", "").startswith("not installed"):
        assert name not in (peers.OURS, "datasketch")
        pytest.skip(found["why"])
    assert found["cpu"] > 0
    assert found["memory"] > 10
    assert score(found, tiny.truth).pairs > 0.5 * len(tiny.truth.pairs)


def test_a_tool_that_fails_has_a_line_that_says_why(tiny):
    assert (
        peers.line_of("x", {"why": "not installed: no x"}, tiny.truth, 1.0).count("|")
        == peers.HEADER.count("|") // 2
    )


def test_the_table(tiny, monkeypatch):
    """As many cells as the header, ours first measured on the same rows."""
    costs = {"version": "1.0", "start": 1.0, "cpu": 2.0, "memory": 1234.5, "pairs": [], "rows": []}
    asked = []

    def measured(name, part, _):
        asked.append((name, len(part.texts), len(part.folded), part.truth.rows))
        return costs | {"cpu": 0.5 if name == peers.OURS else 2.0}

    monkeypatch.setattr(peers, "measured", measured)
    made = list(peers.lines(["auditor", "rensa", "semhash"], tiny, {"semhash": 100}, peers.Runs()))
    assert asked == [
        (name, *[rows] * 3)
        for name, rows in (("auditor", 400), ("rensa", 400), ("auditor", 100), ("semhash", 100))
    ]
    assert {line.count("|") for line in made} == {peers.HEADER.splitlines()[1].count("|")}
    assert made[1].startswith("| rensa 1.0 | 400 | 2.00 | 4.0 | 1.0 | 1,234 | 0 of ")


def test_the_readme_shows_this_table():
    lines = (peers.ROOT / "README.md").read_text("utf-8").splitlines()
    start = lines.index(peers.HEADER.splitlines()[1])
    shown = [line.split()[1] for line in lines[start + 2 : start + 2 + len(peers_tools.TOOLS)]]
    assert shown == list(peers_tools.TOOLS)


def test_a_missing_tool_is_told_from_a_broken_one(tmp_path, monkeypatch):
    (tmp_path / "texts").write_text(json.dumps("a b c") + "\n")
    monkeypatch.setattr(sys, "argv", ["", "rensa", str(tmp_path / "texts"), str(tmp_path / "out")])
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(SystemExit) as end:
        peers_tools.main()
    assert end.value.code == peers_tools.MISSING
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("said", ["rensa", "nobody=1", "=1", "", "Rensa=1"])
def test_choices_that_are_none(said):
    with pytest.raises(Exception, match="does not begin with one of auditor, "):
        peers.choice(said)


def test_choices():
    assert peers.choice("text-dedup=/x/bin/python=3") == ("text-dedup", "/x/bin/python=3")
