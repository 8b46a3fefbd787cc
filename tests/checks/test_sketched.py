"""Leakage against a sketch: as with the text at hand, or nearly so, and never more than the hashes can tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from checks.contract import Data, Split
from checks.effective import effective_train
from checks.leakage import Leakage
from checks.sketched import sketch_leaks
from checks.text import sketched as passing
from checks.text.leaks import BY_PROMPT, CLEAN, CONTAINED, EXACT, NEAR, SUSPECT, Leaks, leaks
from checks.text.sketch import Sketch, make_rows
from checks.text.texts import Texts
from tests import helpers, oracle
from tests.checks.test_leakage import Writer, planted

Rows = Sequence[str] | Sequence[tuple[str, str]]
KEY = b"0123456789abcdef"


def split(role, rows: Rows) -> Split:
    return helpers.asked(role, rows) if rows and isinstance(rows[0], tuple) else helpers.split(role, rows)


def audit(train: Rows, evals: Rows) -> Data:
    return against(split("train", train), split("eval", evals))


def against(train: Split, evals: Split) -> Data:
    return Data(train=train, sketch=Sketch("eval.sketch", KEY, make_rows(Texts(evals), KEY)))


def found(train: Rows, evals: Rows) -> Leaks:
    return audit(train, evals).once(sketch_leaks)


def counts(train: Rows, evals: Rows) -> dict[str, float]:
    value = helpers.measured(Leakage(), audit(train, evals))
    return {name: number for name, number in value.items() if number}


def test_unrelated_rows_do_not_leak():
    new = Writer(2)
    train, evals = ([new(size) for size in range(5, 65)] for _ in range(2))
    assert counts(train, evals) == {}
    assert Leakage().run(audit(train, evals)).evidence == ()


def test_planted_leaks_are_those_that_the_text_tells():
    train, evals = planted()
    full = helpers.measured(Leakage(), Data(train=split("train", train), eval=split("eval", evals)))
    mine = helpers.measured(Leakage(), audit(train, evals))
    for name in ("exact_leaked", "contained", "prompt_leaked", "leaked", "suspected", "unchecked"):
        assert mine[f"{name}_eval_rows"] == full[f"{name}_eval_rows"], name
    assert mine["leaking_train_rows"] == full["leaking_train_rows"]


def test_what_rests_on_estimates_says_so():
    bases = {one.name: one.basis for one in Leakage().run(audit(*planted())).measures}
    assert bases["leaked_eval_rows"] == bases["suspected_eval_rows"] == "estimated"
    assert bases["exact_leaked_eval_rows"] == bases["unchecked_eval_rows"] == "measured"


@pytest.mark.parametrize("seed", range(3))
def test_row_order_and_repeated_rows_change_no_count(seed):
    train, evals = planted(seed)
    rng = np.random.default_rng(seed)
    once = counts(train, evals)
    shuffled = [[rows[row] for row in rng.permutation(len(rows))] for rows in (train * 2, evals)]
    assert counts(*shuffled) == once | {"leaking_train_rows": 2 * once["leaking_train_rows"]}
    twice = counts(train, [*evals, *evals])
    assert twice["leaked_eval_rows"] == 2 * once["leaked_eval_rows"]


def test_which_rows_are_sampled_follows_from_their_texts(monkeypatch):
    monkeypatch.setattr(passing, "SAMPLE", 30)
    monkeypatch.setattr(passing, "COMMON", 1)
    train, evals = planted(8)
    train = [(ask, f"{say} {evals[row % 20][1]}") for row, (ask, say) in enumerate(train)]
    rng = np.random.default_rng(8)
    once = audit(train, evals).once(passing.sketched)
    shuffled = audit([train[row] for row in rng.permutation(len(train))], evals).once(passing.sketched)
    assert (once.sampled, shuffled.sampled) == (30, 30)
    assert once.common == shuffled.common > 0


def test_long_rows_have_the_similarity_of_brute_force():
    rng = helpers.seeded(3)
    known = helpers.vocabulary(3_000, seed=8)
    texts = helpers.planted(rng, known, rows=200, words=(45, 90))
    train, evals = texts[::2], texts[1::2]
    made = audit(train, evals)
    pairs = made.once(passing.sketched)
    measured = dict[tuple[int, int], float]()
    for t, e, j in zip(pairs.train.tolist(), pairs.eval.tolist(), pairs.jaccard.tolist(), strict=True):
        measured[t, e] = max(measured.get((t, e), 0), j)
    left, right = oracle.Corpus(train), oracle.Corpus(evals)
    assert min(map(len, [*left.words, *right.words])) >= 30
    first = [left.words.index(words) for words in left.words]
    firsts = [right.words.index(words) for words in right.words]
    near = 0
    for t, e in ((t, e) for t in set(first) for e in set(firsts)):
        true = left.jaccard(t, right, e, "w5")
        near += true >= 0.6
        if true >= 0.6 or (t, e) in measured:
            assert measured[t, e] == pytest.approx(true)
    assert near > 10
    best = oracle.best_matches(evals, train, "w5")
    kind = made.once(sketch_leaks).kind
    assert [row for row in range(len(evals)) if kind[row] >= NEAR] == [
        row for row, j in enumerate(best) if j >= 0.8
    ]


@pytest.mark.parametrize(
    ("words", "edited", "kind"), [(75, 1, NEAR), (30, 1, CONTAINED), (20, 2, CONTAINED), (20, 3, CONTAINED), (20, 4, SUSPECT), (20, 8, SUSPECT), (20, 9, CLEAN)]
)  # fmt: skip
def test_the_tier_follows_from_the_words_that_are_left(words, edited, kind):
    new = Writer(words)
    text, other = new.words(words), [f"edit{n}" for n in range(edited)]
    row = [*text[: words - edited], *other]
    around = [] if kind is NEAR else new.words(80)
    made = found([new(40), " ".join([*around[:40], *row, *around[40:]])], [" ".join(text)])
    assert made.kind.tolist() == [kind]
    assert made.coverage.tolist() == [pytest.approx((words - edited) / words) if kind else 0]


@pytest.mark.parametrize(
    ("changed", "left"),
    [([], 60), ([30], 59), ([20, 40], 58), ([20, 22], 58), ([20, 25], 58), ([10, 20, 30, 40, 50], 55), ([0], 59), ([59], 59)],
)  # fmt: skip
def test_changed_words_are_told_from_the_gaps_between_runs(changed, left):
    new = Writer(60)
    text = new.words(60)
    row = [f"edit{n}" if n in changed else word for n, word in enumerate(text)]
    made = found([f"{new(90)} {' '.join(row)} {new(90)}"], [" ".join(text)])
    assert made.coverage.tolist() == [pytest.approx(left / 60)]


@pytest.mark.parametrize(
    ("words", "kind"), [(4, CLEAN), (5, SUSPECT), (7, SUSPECT), (8, CONTAINED), (200, CONTAINED)]
)
def test_a_text_inside_a_longer_one_leaks_from_eight_words(words, kind):
    new = Writer(words)
    text = new(words)
    data = audit([new(30), f"{new(300)} {text} {new(300)}"], [text])
    assert data.once(sketch_leaks).kind.tolist() == [kind]
    short = {one.name: one.value for one in Leakage().run(data).measures}["short_eval_rows"]
    assert short == (words < 5)


@pytest.mark.parametrize(("words", "kind"), [(2, SUSPECT), (7, SUSPECT), (8, BY_PROMPT), (40, BY_PROMPT)])
def test_the_same_prompt_leaks_from_eight_words(words, kind):
    new = Writer(words)
    ask = new(words)
    train = [(new(20), new(20)), (ask.upper(), new(30)), (ask, new(30))]
    made = found(train, [(ask, new(30)), (new(20), new(9))])
    assert made.kind.tolist() == [kind, CLEAN]
    assert made.witness[0] in (1, 2)
    assert made.witness[1] == -1
    assert made.prompt_coverage.tolist() == [1, 0]
    assert made.train.tolist() == [False, *[kind is BY_PROMPT] * 2]
    turned = found(train[::-1], [(ask, new(30)), (new(20), new(9))])
    assert train[::-1][turned.witness[0]] == train[made.witness[0]], "the order of rows chooses no witness"


def test_a_prompt_of_five_percent_of_train_is_a_template_and_no_leak():
    new = Writer(7)
    template = new(12)
    train = [(template if row % 20 == 0 else new(12), new(20)) for row in range(1000)]
    evals = [(template, new(20)) for _ in range(5)] + [(new(12), new(20)) for _ in range(5)]
    assert counts(train, evals) == {"suspected_eval_rows": 5}


def test_phrases_that_everybody_uses_are_told_and_not_searched_by(monkeypatch):
    monkeypatch.setattr(passing, "COMMON", 3)
    new = Writer(8)
    said = new(10)
    result = Leakage().run(audit([f"{said} {new(10)}" for _ in range(9)], [said, f"{said} {new(40)}"]))
    value = {one.name: one.value for one in result.measures}
    assert (value["short_eval_rows"], value["leaked_eval_rows"]) == (1, 0)
    assert any(note.startswith("6 phrases of five words that more than") for note in result.notes)


def test_rows_of_a_full_band_are_counted_as_crowded(monkeypatch):
    words = Writer(9).words(12)
    evals = [" ".join([*words[:11], f"end{n}"]) for n in range(90)]
    made = audit([" ".join([*words[:11], "another"])], evals)
    value = helpers.measured(Leakage(), made)
    assert value["leaked_eval_rows"] + value["suspected_eval_rows"] + value["crowded_eval_rows"] >= 90


def test_short_rows_are_compared_by_their_summaries():
    new = Writer(10)
    rows = [new.words(14) for _ in range(40)]
    evals = [" ".join(row) for row in rows]
    train = [" ".join([*row[:6], row[6] + "s", *row[7:]]) for row in rows[:20]] + [new(14) for _ in range(20)]
    made = found(train, evals)
    full = leaks(helpers.data(train, evals))
    assert (made.kind[:20] >= NEAR).sum() >= 18
    assert not made.kind[20:].any()
    assert np.abs(made.jaccard - full.jaccard)[made.jaccard > 0].max() < 0.15


def test_the_witness_is_the_best_match_and_the_first_of_equals():
    new = Writer(5)
    words = new.words(80)
    text, near = " ".join(words), " ".join([*words[:40], "changed", *words[41:]])
    made = found([f"{new(90)} {text} {new(90)}", near, text, text.upper(), new(80)], [text, new(80)])
    assert made.kind.tolist() == [EXACT, CLEAN]
    assert made.witness.tolist() == [2, -1]
    assert made.matches.tolist() == [3, 0], "distinct texts"
    assert made.train.tolist() == [True] * 4 + [False]


def test_more_pairs_than_there_is_room_for_at_first(monkeypatch):
    new = Writer(11)
    text = new(60)
    train, evals = [f"{text} {new(3)} {n}" for n in range(90)], [f"{new(2)} {text} {n}" for n in range(90)]
    whole = found(train, evals)
    monkeypatch.setattr(passing, "ROOM", 10)
    again = found(train, evals)
    assert all(np.array_equal(getattr(whole, name), getattr(again, name)) for name in whole.__slots__)


def test_leaking_rows_are_taken_off_the_effective_ones():
    train, evals = planted()
    full = effective_train(Data(train=split("train", train), eval=split("eval", evals)))
    assert effective_train(audit(train, evals)).leaked == full.leaked > 0


def test_the_evidence_has_no_eval_text_and_names_rows_by_number():
    train, evals = planted()
    result = Leakage().run(audit(train, evals))
    table = result.evidence[0].table
    assert result.evidence[0].excerpts == ("train_text",)
    assert set(table["file"]) == {"eval.sketch"}
    assert table["line"].null_count() == table.height == table["row"].n_unique()
    texts = {"\n".join(row) for row in train}
    assert all(any(shown.strip("…") in text for text in texts) for shown in table["train_text"])


@pytest.mark.parametrize(
    ("train", "evals"), [([], ["a b c d e f"]), ([""], ["", " "]), (["😀", "…"], ["😀", "!"]), (["a"], ["a"])]
)
def test_edges_are_as_with_the_text(train, evals):
    full = leaks(helpers.data(train, evals))
    made = found(train, evals)
    assert made.kind.tolist() == full.kind.tolist()
    assert made.unseen.tolist() == full.unseen.tolist()
