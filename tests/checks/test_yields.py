"""Yields: by hand, against a recount with sets, and with simulated labelers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from checks.contract import Data
from checks.effective import effective_train
from checks.labels.believed import believed
from checks.yields import MANY, Yields, shares
from tests import helpers

WORDS = helpers.vocabulary(3000, seed=17)


def text(n: int, size: int = 40) -> str:
    rng = helpers.seeded(n)
    return " ".join(rng.choices(WORDS, k=size))


A, B, C, D, E = (text(n) for n in range(5))
NEAR_A = " ".join([*A.split()[:39], "changed"])


def test_clean_rows_are_all_usable():
    rows = {"text": [A, B, C], "label": list("xyx")}
    assert helpers.measured(Yields(), Data(train=helpers.stored("train", rows))) == {
        "labelled_rows": 3, "usable_rows": 3, "singular_rows": 3, "waiting_rows": 0, "labels_per_row": 1,
    }  # fmt: skip


def test_nothing_labelled_yields_nothing_and_waits():
    found = helpers.measured(Yields(), helpers.data([A, A.upper(), B, C]))
    assert found == {
        "labelled_rows": 0, "usable_rows": 0, "singular_rows": 0, "waiting_rows": 3, "labels_per_row": 1,
    }  # fmt: skip


def test_by_hand_with_sources():
    """A stands twice and nearly so a third time, in two sources; C leaks; D waits, and so do a copy of B and a blank row."""
    rows = [(A, "x", "web"), (A.upper(), "x", "web"), (NEAR_A, "x", "shop"), (B, "y", "shop"), (C, "y", "shop"),
            (D, None, "web"), (D, None, "web"), (B, None, "web"), ("", None, "shop")]  # fmt: skip
    train = helpers.stored(
        "train",
        {"text": [row[0] for row in rows], "label": [row[1] for row in rows], "source": [row[2] for row in rows],
         "turns": ["u" if row[0] else "U" for row in rows]},
    )  # fmt: skip
    data = Data(train=train, eval=helpers.split("eval", [C]))
    found = helpers.measured(Yields(), data)
    assert found == {
        "labelled_rows": 5, "usable_rows": 2, "singular_rows": 1, "waiting_rows": 1, "labels_per_row": 1,
        "source_rows[web]": pytest.approx(2 / 3), "source_rows[shop]": pytest.approx(4 / 3),
        "source_usable_share[web]": pytest.approx(1 / 3), "source_usable_share[shop]": pytest.approx(4 / 9),
    }  # fmt: skip
    assert {m.of for m in Yields().run(data).measures if m.group == "shop"} == {3}
    assert found["usable_rows"] == data.once(effective_train).rows


def test_judged_rows_are_labelled_even_without_a_majority():
    judged = helpers.judgements([(0, "ann", "x"), (0, "bob", "y"), (1, "ann", "x"), (1, "bob", "x")])
    train = helpers.stored("train", {"text": [A, B, C], "label": [None, "x", None]})
    found = helpers.measured(Yields(), Data(train=replace(train, merged=2), labels=judged))
    assert (found["labelled_rows"], found["usable_rows"], found["waiting_rows"]) == (2, 1, 1)
    assert found["labels_per_row"] == 2
    assert found["labeler_rows[ann]"] == found["labeler_rows[bob]"] == 1


def test_a_blank_answer_is_none_yet():
    """The second row waits for its answer, the third has a blank question besides, the fourth is answered and faulty."""
    rows = [(A, B), (C, " "), (" ", " "), (" ", D)]
    train = helpers.stored("train", helpers.turns_of(rows, turns=["ua", "uA", "UA", "Ua"]))
    found = helpers.measured(Yields(), Data(train=train))
    assert (found["labelled_rows"], found["usable_rows"], found["waiting_rows"]) == (2, 1, 1)


def test_shares_against_a_recount_with_sets():
    rng = helpers.seeded(5)
    texts = helpers.planted(rng, WORDS, rows=300, words=(12, 60))
    sources = [rng.choice("abc") for _ in texts]
    train = helpers.stored("train", {"text": texts, "label": ["x"] * len(texts), "source": sources})
    data = Data(train=train)
    left = data.once(effective_train)
    members = defaultdict[int, list[int]](list)
    for row, keeper in enumerate(left.keeper.tolist()):
        if keeper >= 0:
            members[keeper].append(row)
    expected = dict.fromkeys("abc", 0.0)
    for rows in members.values():
        for row in rows:
            expected[sources[row]] += 1 / len(rows)
    found = helpers.measured(Yields(), data)
    assert {name: found[f"source_rows[{name}]"] for name in "abc"} == pytest.approx(expected)
    assert sum(expected.values()) == pytest.approx(left.rows)
    assert shares(left).sum() == pytest.approx(found["usable_rows"])
    assert found["singular_rows"] == sum(len(rows) == 1 for rows in members.values())


def test_wrong_shares_of_labelers_hold_the_truth():
    """Five labelers with known rates of error judge items together: the intervals hold the rates."""
    rng, classes = np.random.default_rng(3), list("vwxyz")
    rates, rows, votes = (0.02, 0.05, 0.1, 0.2, 0.3), 500, []
    for row in range(rows):
        right = classes[row % 5]
        for who in rng.permutation(5)[:4]:
            slip = rng.random() < rates[who]
            votes.append((row, f"p{who}", rng.choice([c for c in classes if c != right]) if slip else right))
    train = helpers.stored(
        "train", {"text": [text(n) for n in range(rows)], "label": [classes[n % 5] for n in range(rows)]}
    )
    result = Yields().run(Data(train=train, labels=helpers.judgements(votes)))
    known = {(m.name, m.group): m for m in result.measures}
    for who, rate in enumerate(rates):
        wrong = known["labeler_wrong_share", f"p{who}"]
        assert wrong.interval is not None
        assert wrong.interval[0] <= rate <= wrong.interval[1]
        usable = known["labeler_usable_share", f"p{who}"]
        assert usable.basis == "estimated"
        assert usable.value == pytest.approx(1 - wrong.value)
    assert result.evidence[0].table["labeler"][0] == "p0", "those that yield most first"


def test_a_model_tells_what_is_wrong_where_nobody_judged_twice():
    rng = helpers.seeded(8)
    topics = {"x": WORDS[:60], "y": WORDS[60:120], "z": WORDS[120:180]}
    rows = []
    for n in range(600):
        topic = "xyz"[n % 3]
        careless = n % 2 == 1
        label = rng.choice("xyz") if careless and rng.random() < 0.45 else topic
        rows.append((" ".join(rng.choices(topics[topic], k=14)), label, "bob" if careless else "ann"))
    train = helpers.stored(
        "train", {"text": [row[0] for row in rows], "label": [row[1] for row in rows],
                  "source": ["agency" if row[2] == "bob" else "desk" for row in rows]},
    )  # fmt: skip
    judged = helpers.judgements([(n, row[2], row[1]) for n, row in enumerate(rows)])
    data = Data(train=train, labels=judged)
    assert believed(data) is not None
    found = helpers.measured(Yields(), data)
    assert found["labeler_wrong_share[ann]"] < 0.05 < 0.2 < found["labeler_wrong_share[bob]"] < 0.4
    assert found["source_wrong_share[desk]"] == pytest.approx(found["labeler_wrong_share[ann]"])


def test_what_cannot_be_told_is_a_note():
    train = helpers.stored("train", {"text": [A, B], "label": ["x", "y"], "source": ["a", "b"]})
    (note,) = Yields().run(Data(train=train)).notes
    assert "it is not known how many are wrong" in note


def test_too_many_groups_are_a_note():
    rows = MANY + 1
    train = helpers.stored(
        "train",
        {
            "text": [f"t{n}" for n in range(rows)],
            "label": ["x"] * rows,
            "source": [f"s{n}" for n in range(rows)],
        },
    )
    result = Yields().run(Data(train=train))
    assert not any(one.group for one in result.measures)
    assert any("1,001 sources are too many" in note for note in result.notes)


@pytest.mark.parametrize("judged", [60, 600])
def test_the_interval_of_a_product_holds_it(judged):
    """Usable rows counted on 600, wrong ones on some of them: the interval holds the true product in about 95 %."""
    from checks.intervals import wilson
    from checks.yields import _worth

    rng, inside, tries = np.random.default_rng(1), 0, 2_000
    for _ in range(tries):
        usable, wrong = rng.binomial(600, 0.9) / 600, rng.binomial(judged, 0.15) / judged
        low, high = wilson(usable * (1 - wrong), _worth(usable, 600, wrong, judged))
        inside += low <= 0.9 * 0.85 <= high
    assert 0.93 <= inside / tries <= 0.97
