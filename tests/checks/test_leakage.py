"""Leakage: unrelated eval rows stay clean, every planted kind is counted once, under the strongest name it earns."""

import numpy as np
import pytest

from checks.contract import EXCERPT, Data
from checks.leakage import Leakage
from checks.text.leaks import BY_PROMPT, CLEAN, CONTAINED, EXACT, NEAR, SUSPECT, Leaks, leaks
from tests import helpers, oracle

WORDS = helpers.vocabulary(3000, seed=101)
Turn = tuple[str, str]


class Writer:
    """New sentences, never the same words in a row twice."""

    def __init__(self, seed: int) -> None:
        self.rng = helpers.seeded(seed)

    def words(self, size: int) -> list[str]:
        return self.rng.sample(WORDS, size)

    def __call__(self, size: int) -> str:
        return " ".join(self.words(size))


def audit(train: list[Turn] | list[str], evals: list[Turn] | list[str]) -> Data:
    def split(role, rows):
        return helpers.asked(role, rows) if rows and isinstance(rows[0], tuple) else helpers.split(role, rows)

    return Data(train=split("train", train), eval=split("eval", evals))


def leakage(train, evals) -> dict[str, float]:
    """What is not 0, severities apart."""
    found = helpers.measured(Leakage(), audit(train, evals))
    return {name: value for name, value in found.items() if value and not name.startswith("severity")}


def found(train, evals) -> Leaks:
    made = leaks(audit(train, evals))
    assert made is not None
    return made


def planted(seed: int = 1) -> tuple[list[Turn], list[Turn]]:
    """Training and eval rows with leaks of each kind; see `EXPECTED` for how many."""
    new = Writer(seed)
    train: list[Turn] = [(new(12), new(25)) for _ in range(300)]
    evals: list[Turn] = [(new(12), new(25)) for _ in range(9)]
    for row in range(3):  # word for word
        evals.append((new(9 + row), new(20)))
        train.append(evals[-1])
    for row in range(4):  # but for case and punctuation
        ask, say = new(9 + row), new(20)
        evals.append((ask, say))
        train.append((f"«{ask.upper()}?»", f" {say.title()} ..."))
    for _ in range(5):  # one word of 75
        ask, say = new(15), new.words(60)
        evals.append((ask, " ".join(say)))
        train.append((ask, " ".join([*say[:30], "changed", *say[31:]])))
    for size in (1, 8, 12, 30, 60, 100):  # inside a longer row
        ask, say = new(4 + size // 2), new(4 + size)
        evals.append((ask, say))
        train.append((new(10), f"{new(80)} {ask}\n{say} {new(80)}"))
    for size in (8, 9, 12, 20, 30, 50, 100):  # the same prompt, another answer
        evals.append((new(size), new(30)))
        train.append((evals[-1][0], new(30)))
    for size in (1, 2, 3, 4, 5, 6, 7, 7):  # the same short prompt
        evals.append((new(size), new(30)))
        train.append((evals[-1][0], new(30)))
    for row in range(10):  # the same short answer alone
        say = ("yes", "no", "I do not know", "It is 42.", "Paris")[row % 5]
        evals.append((new(12), say))
        train.append((new(12), say))
    evals += [("", ""), (" ", "\n")]
    return train, evals


EXPECTED = {
    "exact_leaked_eval_rows": 7, "near_leaked_eval_rows": 12, "contained_eval_rows": 6, "prompt_leaked_eval_rows": 7,
    "leaked_eval_rows": 25, "suspected_eval_rows": 8, "leaking_train_rows": 25, "unchecked_eval_rows": 2,
}  # fmt: skip


def test_unrelated_rows_do_not_leak():
    new = Writer(2)
    train, evals = ([new(size) for size in range(5, 65)] for _ in range(2))
    assert leakage(train, evals) == {}
    titles = [evidence.title for evidence in Leakage().run(audit(train, evals)).evidence]
    assert titles == ["What each detector can find", "Eval rows that each detector could see"]


def test_every_kind_is_counted_once_under_its_own_name():
    train, evals = planted()
    assert leakage(train, evals) == EXPECTED
    result = Leakage().run(audit(train, evals))
    sizes = dict.fromkeys(("leaking_train_rows", "unread_train_records"), len(train))
    assert {m.name: m.of for m in result.measures} == {
        m.name: sizes.get(m.name, len(evals)) for m in result.measures
    }
    severe = {m.group: m.value for m in result.measures if m.name == "severity_eval_rows"}
    assert severe == {"prompt and answer": 18, "prompt": 7, "answer": 0, "context only": 0}


@pytest.mark.parametrize("seed", range(2, 6))
def test_near_contained_and_prompt_leaks_make_up_all_leaks(seed):
    train, evals = planted(seed)
    new = Writer(-seed)
    evals += [(ask, new(5)) for ask, _ in evals if ask] + evals[::3]
    value = helpers.measured(Leakage(), audit(train, evals))
    parts = ("near_leaked_eval_rows", "contained_eval_rows", "prompt_leaked_eval_rows")
    assert value["leaked_eval_rows"] == sum(value[part] for part in parts)
    assert value["exact_leaked_eval_rows"] <= value["near_leaked_eval_rows"]


@pytest.mark.parametrize("seed", range(3))
def test_row_order_and_repeated_training_rows_change_no_count(seed):
    train, evals = planted()
    rng = np.random.default_rng(seed)
    repeats = [*train, *train, *train[300:], *train[300:]]
    shuffled = [repeats[row] for row in rng.permutation(len(repeats))]
    expected = {**EXPECTED, "leaking_train_rows": 4 * EXPECTED["leaking_train_rows"]}
    assert leakage(shuffled, [evals[row] for row in rng.permutation(len(evals))]) == expected


def test_exact_and_near_leaks_are_those_of_brute_force():
    rng = helpers.seeded(3)
    texts = helpers.planted(rng, WORDS, rows=260, words=(2, 70))
    train, evals = [text for text in texts[::2] if text], [*texts[1::2], *helpers.SAMPLES]
    known = {tuple(oracle.fold(text)) for text in train}
    value = helpers.measured(Leakage(), audit(train, evals))
    assert value["exact_leaked_eval_rows"] == sum(tuple(oracle.fold(text)) in known for text in evals) > 5
    near = sum(best >= 0.8 for best in oracle.best_matches(evals, train, "auto"))
    assert value["near_leaked_eval_rows"] == near > value["exact_leaked_eval_rows"]


@pytest.mark.parametrize(
    ("words", "edited", "kind"),
    [
        (75, 1, NEAR),
        (30, 1, CONTAINED),
        (20, 2, CONTAINED),
        (20, 3, SUSPECT),
        (20, 8, SUSPECT),
        (20, 9, CLEAN),
    ],
)
def test_the_tier_follows_from_the_words_that_are_left(words, edited, kind):
    """The last `edited` words differ; inside a longer row, except the near copy."""
    new = Writer(words)
    text, other = new.words(words), [f"edit{n}" for n in range(edited)]
    row = [*text[: words - edited], *other]
    around = [] if kind is NEAR else new.words(80)
    made = found([new(40), " ".join([*around[:40], *row, *around[40:]])], [" ".join(text)])
    assert made.kind.tolist() == [kind]
    assert made.coverage.tolist() == [(words - edited) / words if kind else 0]


@pytest.mark.parametrize(
    ("words", "kind"), [(4, CLEAN), (5, SUSPECT), (7, SUSPECT), (8, CONTAINED), (200, CONTAINED)]
)
def test_a_text_inside_a_longer_one_leaks_from_eight_words(words, kind):
    new = Writer(words)
    text = new(words)
    made = found([new(30), f"{new(300)} {text} {new(300)}"], [text])
    assert made.kind.tolist() == [kind]
    assert made.short.tolist() == [words < 5]


@pytest.mark.parametrize(("words", "kind"), [(7, SUSPECT), (8, BY_PROMPT), (40, BY_PROMPT)])
def test_the_same_prompt_leaks_from_eight_words(words, kind):
    new = Writer(words)
    ask = new(words)
    made = found([(new(20), new(20)), (ask.upper(), new(30))], [(ask, new(30)), (new(20), new(9))])
    assert made.kind.tolist() == [kind, CLEAN]
    assert made.witness.tolist() == [1, -1]
    assert made.prompt_coverage.tolist() == [1, 0]
    assert made.train.tolist() == [False, kind is BY_PROMPT]


@pytest.mark.parametrize(("words", "kind"), [(9, SUSPECT), (10, BY_PROMPT), (30, BY_PROMPT)])
def test_a_prompt_with_one_other_word_leaks_where_nine_in_ten_are_left(words, kind):
    new = Writer(words)
    ask = new.words(words)
    made = found([(" ".join([*ask[:-1], "edit"]), new(30))], [(" ".join(ask), new(30))])
    assert made.kind.tolist() == [kind]


@pytest.mark.parametrize("rows", [1000, 5000])
def test_a_prompt_of_five_percent_of_train_is_a_template_and_no_leak(rows):
    new = Writer(rows)
    template = new(12)
    train = [(template if row % 20 == 0 else new(12), new(20)) for row in range(rows)]
    value = leakage(train, [(template, new(20)) for _ in range(5)] + [(new(12), new(20)) for _ in range(5)])
    assert value == {"suspected_eval_rows": 5}


@pytest.mark.parametrize("copies", [1, 25, 150, 300])
def test_copies_of_one_training_row_do_not_make_its_prompt_a_template(copies):
    new = Writer(copies)
    ask = new(12)
    train = [(ask, new(5))] * copies + [(new(12), new(5)) for _ in range(300)]
    assert leakage(train, [(ask, new(8))]) == {
        "prompt_leaked_eval_rows": 1, "leaked_eval_rows": 1, "leaking_train_rows": copies,
    }  # fmt: skip


@pytest.mark.parametrize("copies", [1, 150, 300])
def test_copies_of_a_leaking_row_do_not_hide_the_leak(copies):
    new = Writer(copies)
    text = new(15)
    train = [f"{new(20)} {text} {new(20)}"] * copies + [new(30) for _ in range(300)]
    assert leakage(train, [text]) == {
        "contained_eval_rows": 1,
        "leaked_eval_rows": 1,
        "leaking_train_rows": copies,
    }


@pytest.mark.parametrize("say", ["yes", "I do not know", "It is 42, as everybody knows by now."])
def test_a_short_answer_alone_never_leaks(say):
    new = Writer(len(say))
    assert leakage([(new(15), say) for _ in range(60)], [(new(15), say) for _ in range(20)]) == {}


def test_blank_eval_rows_are_not_checked_and_never_clean():
    made = found(["some text"], ["", " \n\t", "\x00", "other"])
    assert made.unseen.tolist() == [True, True, True, False]
    assert made.kind.tolist() == [CLEAN] * 4
    assert not made.short[:3].any()


def test_blank_rows_on_both_sides_are_no_leak():
    assert leakage(["word", "", " "], ["", "other"]) == {"unchecked_eval_rows": 1, "short_eval_rows": 1}


def test_repeated_eval_rows_leak_each():
    new = Writer(4)
    text = new(30)
    value = leakage([text, new(30)], [text, text.upper(), new(20), f"{text}!"])
    assert value["exact_leaked_eval_rows"] == value["leaked_eval_rows"] == 3
    assert value["leaking_train_rows"] == 1


def test_the_witness_is_the_best_match_and_the_first_of_equals():
    new = Writer(5)
    words = new.words(80)
    text, near = " ".join(words), " ".join([*words[:40], "changed", *words[41:]])
    made = found([f"{new(90)} {text} {new(90)}", near, text, text.upper(), new(80)], [text, new(80)])
    assert made.kind.tolist() == [EXACT, CLEAN]
    assert made.witness.tolist() == [2, -1]
    assert made.matches.tolist() == [3, 0], "distinct texts"
    assert made.train.tolist() == [True] * 4 + [False]
    assert made.jaccard.tolist() == made.coverage.tolist() == [1, 0]


def test_the_evidence_shows_what_a_search_would_not_find_first():
    train, evals = planted()
    table = Leakage().run(audit(train, evals)).evidence[0].table
    kinds = list(dict.fromkeys(table["kind"].to_list()))
    assert kinds == ["near", "contained", "same prompt", "exact", "suspected"]
    assert table.height == EXPECTED["leaked_eval_rows"] + EXPECTED["suspected_eval_rows"]
    assert table["row"].n_unique() == table.height
    assert set(table["split"]) == {"eval"}
    for row in table.iter_rows(named=True):
        assert row["line"] == row["row"] + 1
        text = "\n".join(evals[row["row"]])
        assert row["text"] == (text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…")
        assert row["train_text"].strip("…") in "\n".join(train[row["train_row"]])
        assert len(row["train_text"]) <= EXCERPT
    contained = table.filter(kind="contained")
    for ours, theirs in contained.select("text", "train_text").iter_rows():
        assert ours[:100] in theirs, "cut to where the eval text stands"


def test_the_evidence_tells_severity_and_edit_of_each_pair():
    train, evals = planted()
    table = Leakage().run(audit(train, evals)).evidence[0].table
    told = {kind: set(rows.select("severity", "edit").rows()) for (kind,), rows in table.group_by("kind")}
    assert told == {
        "exact": {("prompt and answer", "identical"), ("prompt and answer", "format only")},
        "near": {("prompt and answer", "words changed")},
        "contained": {("prompt and answer", "identical")},
        "same prompt": {("prompt", "identical")},
        "suspected": {("prompt", "identical")},
    }
    assert table.filter(kind="near")["changed_words"].to_list() == [1] * 5


def test_severities_add_up_to_the_leaked_rows():
    for seed in range(3):
        train, evals = planted(seed)
        found = helpers.measured(Leakage(), audit(train, evals))
        severe = [value for name, value in found.items() if name.startswith("severity_eval_rows")]
        assert len(severe) == 4
        assert sum(severe) == found["leaked_eval_rows"]


def test_what_the_detectors_saw_and_what_became_of_their_candidates():
    train, evals = planted()
    tables = {evidence.title: evidence.table for evidence in Leakage().run(audit(train, evals)).evidence}
    saw = dict(tables["Eval rows that each detector could see"].select("detector", "eval_rows").rows())
    assert (saw["exact"], saw["none of them"]) == (len(evals) - 2, 2)
    assert saw["prompt"] == len(evals) - 2
    (became,) = (table for title, table in tables.items() if title.startswith("What the "))
    pairs = dict(became.select("found_to_be", "pairs").rows())
    assert (pairs["exact"], pairs["near"], pairs["contained"]) == (7, 5, 6)
    assert sum(became["share"]) == pytest.approx(1)
    partly = tables["Eval rows that some detector could not see"]
    assert partly["seen_by"].to_list()[:2] == ["", ""]
    assert partly["not_seen"].to_list()[:2] == ["anything: it is blank"] * 2
    assert partly["line"].to_list()[:2] == [len(evals) - 1, len(evals)]


def test_the_notes_tell_recall_and_yield():
    train, evals = planted()
    notes = " ".join(Leakage().run(audit(train, evals)).notes)
    assert "found with a probability of 99.9951%" in notes
    assert "candidate pairs were leaks when measured (" in notes


def test_groups_are_told_beside_the_leaks():
    new = Writer(6)
    train = helpers.stored("train", {"text": [new(20), new(20)], "document": ["a", "b"]})
    evals = helpers.stored("eval", {"text": [new(20), new(20)], "document": ["b", "c"]})
    result = Leakage().run(Data(train=train, eval=evals))
    assert next(m for m in result.measures if m.name == "shared_group_eval_rows").value == 1
    assert "Groups on both sides, with the first row of each side" in [
        found.title for found in result.evidence
    ]


def test_no_eval_split_no_eval_rows_no_words():
    assert Leakage().run(helpers.data(["a"])).measures == ()
    assert leaks(helpers.data(["a"])) is None
    assert leakage(["a"], []) == {}
    assert leakage(["😀", "…"], ["😎", "!"]) == {"short_eval_rows": 2}


def test_no_training_rows():
    assert leakage([], ["a b c d e f g h i j"]) == {}


def test_one_row_that_is_the_same_on_both_sides():
    value = leakage(["我们昨天在北京吃了烤鸭"], ["我们 昨天在北京吃了烤鸭。"])
    assert value == {
        "exact_leaked_eval_rows": 1, "near_leaked_eval_rows": 1, "leaked_eval_rows": 1, "leaking_train_rows": 1,
    }  # fmt: skip


def test_all_rows_the_same():
    value = leakage(["the same old text again and again"] * 400, ["The same old text again and again!"] * 30)
    assert (value["exact_leaked_eval_rows"], value["leaking_train_rows"]) == (30, 400)


def test_kinds_and_severities_are_counted_as_the_rows_say():
    rows, counts = (table.table for table in Leakage().run(audit(*planted())).evidence[:2])
    seen: dict[tuple[str, str], int] = {}
    for row in rows.iter_rows(named=True):
        key = row["kind"], row["severity"].replace(" ", "_")
        seen[key] = seen.get(key, 0) + 1
    drawn = {
        (row["found"], name): value
        for row in counts.iter_rows(named=True)
        for name, value in row.items()
        if name != "found" and value
    }
    assert drawn == seen
    assert len({kind for kind, _ in seen}) > 3


def test_nothing_affected_has_no_picture_of_kinds():
    titles = [table.title for table in Leakage().run(audit(["one two three"], ["four five six"])).evidence]
    assert not [title for title in titles if title.startswith("Affected")]
