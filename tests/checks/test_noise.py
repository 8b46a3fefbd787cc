"""Noise: consistent labels do not fire; contradictions against a loop, the slip rate against planted slips."""

from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.gates import Verdict, rule
from auditor.policy import gates_for, load_policy
from checks.contract import Data, Measure, Result
from checks.labels.pairs import pair_rate, slip_rate
from checks.labels.suspicion import suspicions
from checks.noise import Noise
from tests import helpers, oracle
from tests.bench.noise_planted import Labelled, Slip, made_up, mislabelled, thinned

WORDS = helpers.vocabulary(3000, seed=121)
A, B, C = (" ".join(WORDS[80 * n : 80 * n + 80]) for n in range(3))
NEAR_A = A.replace(WORDS[79], "changed")  # 75 of 77 5-grams


def audit(rows: list[tuple[str, str | None]], judgements: pl.LazyFrame | None = None) -> Data:
    columns = {"text": [text for text, _ in rows], "label": [label for _, label in rows]}
    return Data(train=helpers.stored("train", columns), labels=judgements)


def noise(rows, judgements=None, **settings) -> dict[str, float]:
    return helpers.measured(Noise(**settings), audit(rows, judgements))


def slips(seed: int, *, items: int, classes: int, rate: float, votes: tuple[int, ...]) -> pl.DataFrame:
    """Judgements that slip at random to one of the other classes; `votes` of each item in turn."""
    draw = np.random.default_rng(seed)
    item = np.repeat(np.arange(items), np.resize(votes, items))
    truth = draw.integers(0, classes, items)[item]
    slip = draw.random(len(item)) < rate
    label = np.where(slip, (truth + draw.integers(1, classes, len(item))) % classes, truth)
    return pl.DataFrame({"row": item, "label": label.astype(str)})


def test_consistent_labels_do_not_fire():
    rows = [(A, "x"), (A.upper(), "x"), (NEAR_A, "x"), (B, "y"), (C, "x"), ("", "x"), ("", "y"), (" ", "z")]
    assert noise(rows) == {
        "noise_rate": 0, "repeated_noise_rate": 0,
        "contradicted_rows": 0, "certain_wrong_rows": 0, "near_contradictions": 0,
    }  # fmt: skip
    assert Noise().run(audit(rows)).evidence == ()


def test_contradictions_by_hand():
    """A has labels x, x, y, so one is wrong at least; B has x, y, z, so two are; C is labelled but once."""
    rows = [(A, "x"), (B, "x"), (A.upper(), "y"), (C, "x"), (B, "y"), (A, "x"), (B + "!", "z"), (C, None)]
    found = noise(rows)
    assert (found["contradicted_rows"], found["certain_wrong_rows"]) == (6, 3)
    result = Noise().run(audit(rows))
    assert {m.name: m.of for m in result.measures} == {
        "noise_rate": 6, "repeated_noise_rate": 6,
        "contradicted_rows": 7, "certain_wrong_rows": 7, "near_contradictions": None,
    }  # fmt: skip
    table = result.evidence[0].table
    assert table.select("split", "row", "line", "label").rows() == [
        ("train", 0, 1, "x"), ("train", 2, 3, "y"), ("train", 5, 6, "x"),
        ("train", 1, 2, "x"), ("train", 4, 5, "y"), ("train", 6, 7, "z"),
    ]  # fmt: skip


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "A!", "b", "c d", "C-D", "我", "e"]), st.sampled_from(["x", "y", "z", None])
        ),
        min_size=1,
        max_size=20,
    )
)
def test_contradictions_against_a_loop(rows):
    groups = defaultdict[tuple[str, ...], list[str]](list)
    for text, label in rows:
        if label is not None:
            groups[tuple(oracle.fold(text))].append(label)
    contradicted = [labels for labels in groups.values() if len(set(labels)) > 1]
    found = noise(rows)
    assert found["contradicted_rows"] == sum(map(len, contradicted))
    assert found["certain_wrong_rows"] == sum(
        len(labels) - max(Counter(labels).values()) for labels in contradicted
    )
    assert ("noise_rate" in found) == (
        len({label for _, label in rows if label}) > 1 and any(len(labels) > 1 for labels in groups.values())
    )


def test_near_duplicates_with_different_labels():
    rows = [(A, "x"), (NEAR_A, "y"), (B, "x"), (B.replace(WORDS[120], "changed"), "y"), (C, "x")]
    found = noise(rows)
    assert (found["near_contradictions"], found["contradicted_rows"]) == (1, 0), (
        "71 of 81 5-grams are under .9"
    )
    assert noise(rows, near=0.85)["near_contradictions"] == 2
    assert noise(rows, near=0.99)["near_contradictions"] == 0
    row = Noise().run(audit(rows)).evidence[0].table.row(0, named=True)
    assert {(row["row"], row["label"]), (row["other_row"], row["other_label"])} == {(0, "x"), (1, "y")}
    assert row["similarity"] == oracle.jaccard(A, NEAR_A, "auto")
    assert {row["text"], row["other_text"]} == {A[:300], NEAR_A[:300]}


def test_a_similarity_that_nothing_was_looked_for_at_is_a_note():
    said = "near is 0.75, but near-duplicates are looked for from the threshold of [text] on, 0.8."
    assert said in Noise(near=0.75).run(audit([(A, "x")])).notes
    assert said not in Noise(near=0.8).run(audit([(A, "x")])).notes


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (2, 0, 1)])
@pytest.mark.parametrize("labels", [("x", "y", "x"), (None, "y", "x")])
def test_the_order_of_copies_does_not_matter_to_their_near_copy(order, labels):
    rows = list(zip((A, A, NEAR_A), labels, strict=True))
    assert noise([rows[n] for n in order])["near_contradictions"] == 1


def test_a_near_copy_of_a_text_with_several_labels_is_counted_once():
    assert noise([(A, "x"), (A, "y"), (NEAR_A, "z")])["near_contradictions"] == 1


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
@pytest.mark.parametrize("rate", [0, 0.001, 0.05, 0.17, 0.4])
def test_the_slip_rate_undoes_the_disagreement_of_slips(classes, rate):
    """Two labels agree if both are right, or both slipped to the same one of the other K - 1 classes."""
    disagreement = 1 - (1 - rate) ** 2 - rate**2 / (classes - 1)
    assert slip_rate(disagreement, classes) == pytest.approx(rate, abs=1e-9)


def test_disagreement_of_pure_chance_or_more_is_the_largest_rate():
    assert slip_rate(0.5, 2) == slip_rate(0.9, 2) == 0.5
    assert slip_rate(0.0, 5) == 0


def test_disagreement_as_measured_in_public_data():
    """The worked figure: two classes that disagree in 28.9 % of the pairs slip at 17.5 %."""
    assert slip_rate(2 * 0.175 * 0.825, 2) == pytest.approx(0.175)


@pytest.mark.parametrize(
    ("items", "classes", "rate", "votes"),
    [
        (400, 2, 0.05, (2,)),
        (300, 5, 0.1, (3,)),
        (500, 20, 0.03, (1, 2, 5)),
        (250, 3, 0.2, (2, 4)),
        (2000, 4, 0.01, (1, 1, 2)),
    ],
)
def test_the_interval_covers_planted_slips(items, classes, rate, votes):
    found = []
    for seed in range(200):
        judged = slips(seed, items=items, classes=classes, rate=rate, votes=votes)
        found.append(pair_rate(judged, "row", classes, "measured"))
    covered = np.mean([low <= rate <= high for low, high in (one.interval for one in found)])
    assert covered >= 0.9
    assert np.mean([one.value for one in found]) == pytest.approx(rate, abs=0.15 * rate)
    repeated = [votes[item % len(votes)] for item in range(items)]
    assert {one.of for one in found} == {sum(m for m in repeated if m > 1)}


def test_pair_rate_by_hand():
    """Items of 2, 3 and 4 judgements; 1 of 1, 2 of 3 and 3 of 6 pairs disagree."""
    judged = pl.DataFrame({"row": [0, 0, 1, 1, 1, 2, 2, 2, 2, 3], "label": list("xyxxyxxxyx")})
    measure = pair_rate(judged, "row", 2, "measured")
    assert measure is not None
    disagreement = (2 * 1 + 3 * 2 / 3 + 4 * 1 / 2) / 9
    assert measure.value == pytest.approx(slip_rate(disagreement, 2))
    assert (measure.of, measure.basis, measure.kind) == (9, "measured", "share")


def test_judgements_of_several_labelers_decide_before_copies():
    rows = [(A, "x"), (A, "x"), (B, "y")]
    judged = helpers.judgements(
        [(0, "ann", "x"), (0, "bob", "y"), (1, "ann", "x"), (1, "bob", "x"), (2, "ann", "y")]
    )
    result = Noise().run(audit(rows, judged))
    rate = result.measures[0]
    assert (rate.value, rate.basis, rate.of) == (pytest.approx(slip_rate(0.5, 2)), "measured", 4)
    assert rate.by == "2 items that several labelers judged"
    assert [m.name for m in result.measures[1:3]] == ["overlap_noise_rate", "repeated_noise_rate"]


def test_copies_decide_where_no_item_was_judged_twice():
    rows = [(A, "x"), (A, "y"), (B, "y"), (B, "y")]
    for judged in (None, helpers.judgements([(row, "ann", "x") for row in range(4)]), helpers.judgements([])):
        result = Noise().run(audit(rows, judged))
        rate = result.measures[0]
        assert (rate.value, rate.basis) == (pytest.approx(slip_rate(0.5, 2)), "estimated")
        assert rate.by == "2 texts that are repeated"


def test_one_labeler_twice_is_no_second_opinion():
    judged = helpers.judgements([(0, "ann", "x"), (0, "ann", "y"), (1, None, "x"), (1, None, "y")])
    assert "noise_rate" not in noise([(A, "x"), (B, "y")], judged)


def test_one_labeler_with_two_labels_for_an_item_is_a_contradiction():
    """Ann changes her mind on A and repeats herself on B; two without a name differ on C."""
    judged = [(0, "ann", "x"), (0, "ann", "y"), (0, "ann", "x"), (0, "bob", "x"), (1, "ann", "y"), (1, "ann", "y"),
              (2, None, "x"), (2, None, "y")]  # fmt: skip
    result = Noise().run(audit([(A, "x"), (B, "y"), (C, "x")], helpers.judgements(judged)))
    measures = {m.name: (m.value, m.of) for m in result.measures}
    assert measures["self_contradicted_items"] == (1, 2)
    assert measures["contradicted_rows"] == (0, 3), "no text stands twice"
    assert measures["noise_rate"] == (0, 2), "the first of each labeler"
    (evidence,) = result.evidence
    assert evidence.title == "Items with different labels"
    assert evidence.table.select("row", "labels").rows() == [(2, "1 x, 1 y"), (0, "2 x, 1 y")]


def test_judgements_of_eval_do_not_count():
    judged = helpers.judgements([(0, "ann", "x"), (0, "bob", "y")], role="eval")
    assert "noise_rate" not in noise([(A, "x"), (B, "y")], judged)


def test_one_class_cannot_disagree():
    result = Noise().run(audit([(A, "x"), (A, "x")]))
    assert [m.name for m in result.measures] == [
        "contradicted_rows",
        "certain_wrong_rows",
        "near_contradictions",
    ]
    assert "one class" in result.notes[0]


def test_nothing_judged_twice_is_not_known():
    result = Noise().run(audit([(A, "x"), (B, "y")]))
    assert "noise_rate" not in {m.name for m in result.measures}
    assert "not known" in result.notes[0]


def test_labels_that_are_no_classes():
    """Most rows have a label of their own, so that another one for the same text need not be wrong."""
    rows = [(f"{WORDS[n]} {WORDS[-n - 1]}", f"answer {n}") for n in range(49)]
    assert "contradicted_rows" in noise([*rows[:48], (rows[0][0], "another")])
    result = Noise().run(audit([*rows, (rows[0][0], "another")]))
    assert (result.measures, result.evidence) == ((), ())
    assert "50 different labels: this is no column of classes" in result.notes[0]


def test_hundreds_of_classes():
    rows = [(f"{WORDS[n]} {WORDS[-n - 1]}", f"class {n % 400}") for n in range(1000)]
    found = noise([*rows, *rows[:100], (rows[0][0], "class 1")])
    assert (found["contradicted_rows"], found["certain_wrong_rows"]) == (3, 1)


def test_all_rows_the_same_with_two_labels():
    found = noise([("Same text", "xy"[row % 3 == 0]) for row in range(300)])
    assert (found["contradicted_rows"], found["certain_wrong_rows"]) == (300, 100)
    # 100 and 200 of 300: 2 * 100 * 200 / (300 * 299) of the pairs
    assert found["noise_rate"] == pytest.approx(slip_rate(40_000 / 89_700, 2))


@pytest.mark.parametrize("rows", [[], [(A, "x")], [(A, None), (A, None)], [("我", "größe")]])
def test_rows_that_cannot_contradict(rows):
    assert set(noise(rows).values()) == {0}


def test_rows_without_text_leave_the_judgements():
    data = Data(
        train=helpers.stored("train", {"label": ["x", "y"]}),
        labels=helpers.judgements([(0, "ann", "x"), (0, "bob", "x")]),
    )
    assert helpers.measured(Noise(), data) == {
        "noise_rate": 0, "overlap_noise_rate": 0, "self_contradicted_items": 0,
    }  # fmt: skip


def test_judgements_without_a_label_column():
    judged = helpers.judgements([(0, "ann", "x")]).drop("label")
    assert noise([(A, "x"), (A, "x"), (B, "y")], judged)["noise_rate"] == 0


def test_judgements_without_a_labeler_column():
    judged = helpers.judgements([(0, "ann", "x")]).drop("labeler")
    assert noise([(A, "x"), (A, "x"), (B, "y")], judged)["noise_rate"] == 0


def questions(rows: int, classes: int, rate: float, slip: Slip = "uniform") -> tuple[list[str], list[str]]:
    """Real questions and their intents, a share of them wrong."""
    names = helpers.column("banking77/train.csv", "category")
    _, codes = np.unique(names, return_inverse=True)
    chosen = thinned(Labelled(helpers.column("banking77/train.csv", "text"), codes), rows, classes, 0)
    labels, _ = mislabelled(chosen, rate, slip, 0)
    return chosen.texts, [f"intent {label}" for label in labels]


def label_quality(result: Result, measure: str = "noise_rate") -> tuple[Verdict, str]:
    """What the shipped policy says of a measure, and why."""
    found = gates_for(load_policy(None), task=None, stage="before-training", require=(), classes=0)
    limit = next(one for gate in found for one in gate.limits if one.measure == measure)
    ruling = rule(limit, {"noise": result})
    assert ruling is not None
    return ruling.verdict, ruling.why


@pytest.mark.parametrize(
    ("rate", "slip", "verdict", "says"),
    [
        (0.0, "uniform", Verdict.WARN, "nobody verified"),
        (0.15, "uniform", Verdict.BLOCK, "wanted at most 5 %"),
        (0.05, "uniform", Verdict.UNKNOWN, "cannot be told from at most 5 %"),
        (0.15, "pair", Verdict.UNKNOWN, "cannot be told from at most 5 %"),
    ],
)
def test_three_ways_of_the_model(rate, slip, verdict, says):
    texts, labels = questions(1000, 10, rate, slip)
    result = Noise().run(audit(list(zip(texts, labels, strict=True))))
    measures = {found.name: found for found in result.measures}
    assert measures["noise_rate"].by == "a model that had not seen the rows"
    assert measures["noise_rate"].value == measures["model_noise_rate"].value
    assert "least_model_noise_rate" not in measures
    low, high = measures["noise_rate"].interval
    assert low <= rate <= high
    assert low <= measures["noise_rate"].value <= high
    ruled, why = label_quality(result)
    assert ruled is verdict
    assert says in why


def test_the_rows_that_a_model_doubts_are_listed_with_what_it_says():
    texts, labels = questions(1000, 10, 0)
    swapped = {"intent 0": "intent 1", "intent 1": "intent 0"}
    given = [swapped.get(label, label) if row < 60 else label for row, label in enumerate(labels)]
    wrong = {row for row in range(60) if given[row] != labels[row]}
    result = Noise().run(audit(list(zip(texts, given, strict=True))))
    rows, pairs = result.evidence[:2]
    assert rows.title == "Labels that a model doubts"
    found = dict(rows.table.select("row", "model_says").rows())
    assert len(wrong & set(found)) > 0.5 * len(wrong)
    assert {row: found[row] for row in wrong & set(found)} == {row: labels[row] for row in wrong & set(found)}
    assert rows.table["p_wrong"].min() > 0.5
    assert rows.table.height == next(m.value for m in result.measures if m.name == "suspected_rows")
    assert pairs.title == "Classes that a model confuses"
    counts = rows.table.group_by("label", "model_says").len().filter(pl.col("len") > 1)
    assert set(pairs.table.select("label", "model_says", "rows").rows()) == set(counts.rows())
    assert pairs.table["of"].to_list() == [given.count(label) for label in pairs.table["label"]]


def test_labels_that_a_model_cannot_learn_give_no_rate():
    texts, labels = questions(300, 10, 0)
    shuffled = np.random.default_rng(0).permutation(labels)
    result = Noise().run(audit(list(zip(texts, shuffled, strict=True))))
    assert not {"noise_rate", "model_noise_rate"} & {m.name for m in result.measures}
    verdict, why = label_quality(result)
    assert verdict is Verdict.UNKNOWN
    assert "was not measured" in why
    assert any("not estimable: it agrees with" in note and "under 70 %" in note for note in result.notes)
    assert "model_noise_rate" in {
        m.name
        for m in Noise(least_accuracy=0.01, least_skill=1e-9)
        .run(audit(list(zip(texts, labels, strict=True))))
        .measures
    }


def test_a_model_that_only_knows_the_most_frequent_class_gives_no_rate():
    """Half of a rare class is mislabelled as the frequent one: the model agrees with nine labels of ten."""
    made = made_up(1200, 2, seed=0)
    kept = np.concatenate((np.flatnonzero(made.labels == 0), np.flatnonzero(made.labels == 1)[:120]))
    rare = np.flatnonzero(made.labels[kept] == 1)
    labels = made.labels[kept].copy()
    labels[rare[::2]] = 0
    texts = [made.texts[row] for row in kept]
    result = Noise().run(audit(list(zip(texts, [f"c{label}" for label in labels], strict=True))))
    assert "noise_rate" not in {m.name for m in result.measures}
    assert next(m.value for m in result.measures if m.name == "model_accuracy") > 0.9
    assert any("while 91 % carry the most frequent one" in note for note in result.notes), result.notes


def test_the_best_evidence_decides_and_a_thin_rung_gives_way():
    made = made_up(500, 3, hard=0)
    texts, labels = made.texts, [f"c{label}" for label in made.labels]
    rows = list(zip(texts, labels, strict=True))

    def decided(judged: int, copies: int) -> Measure:
        opinions = [(row, who, labels[row]) for row in range(judged) for who in ("ann", "bob")]
        result = Noise().run(audit([*rows, *rows[:copies]], helpers.judgements(opinions) if judged else None))
        assert result.notes[0] == f"The noise rate is that by {result.measures[0].by}."
        return result.measures[0]

    assert decided(73, 73).by == "73 items that several labelers judged"
    assert decided(72, 73).by == "73 texts that are repeated"
    assert decided(72, 72).by == "a model that had not seen the rows"
    assert decided(0, 0).by == "a model that had not seen the rows"
    assert (decided(73, 0).basis, decided(0, 73).basis) == ("measured", "estimated")


def test_a_model_that_sees_more_than_the_rung_above_warns():
    texts, labels = questions(1000, 10, 0.15)
    rows = list(zip(texts, labels, strict=True))
    judged = helpers.judgements([(row, who, labels[row]) for row in range(100) for who in ("ann", "bob")])
    result = Noise().run(audit(rows, judged))
    measures = {found.name: found for found in result.measures}
    assert measures["noise_rate"].value == 0
    assert measures["least_model_noise_rate"].value == measures["model_noise_rate"].interval[0] > 0.05


def test_hostile_labels_are_cut_and_told_to_quote_the_text():
    texts, labels = questions(400, 4, 0)
    hostile = {f"intent {n}": f"{n} \x1b[31m" + "<script>" * 100 for n in range(4)}
    given = [hostile[label] for label in labels]
    given[:20] = [hostile[f"intent {(int(label[-1]) + 1) % 4}"] for label in labels[:20]]
    shown = Noise().run(audit(list(zip(texts, given, strict=True)))).evidence[0]
    assert shown.table["label"].str.len_chars().max() <= 300
    assert set(shown.labels) == {"label", "model_says"}
    assert shown.excerpts == ("text",)


def test_a_question_of_which_nothing_is_known_does_not_pass():
    """Intents can be learned, moods are drawn at random."""
    texts, labels = questions(600, 6, 0)
    texts = [f"{text} {WORDS[row]} {WORDS[-row - 1]}" for row, text in enumerate(texts)]  # none is a copy
    kinds = sorted(set(labels))
    # Twenty are wrong.
    labels = [kinds[(kinds.index(label) + (row < 20)) % 6] for row, label in enumerate(labels)]
    moods = [helpers.seeded(row).choice(["calm", "angry"]) for row in range(len(texts))]
    train = helpers.stored("train", {"text": texts, "label": labels, "label:mood": moods})
    result = Noise().run(Data(train=train))
    found = {(m.name, m.group): m for m in result.measures}
    assert ("noise_rate", "label") in found
    assert ("noise_rate", "mood") not in found
    assert (found["unrated_questions", None].value, found["unrated_questions", None].of) == (1, 2)
    assert label_quality(result, "unrated_questions")[0] is Verdict.UNKNOWN
    doubted = next(table for table in result.evidence if table.title == "Labels that a model doubts").table
    assert set(doubted["question"]) == {"label"}, "a model that knows nothing accuses nobody"


def test_the_curve_of_what_judging_again_finds_adds_up_what_the_model_says():
    texts, labels = questions(600, 4, 0.1)
    data = audit(list(zip(texts, labels, strict=True)))
    said = suspicions(data)
    (curve,) = [one for one in Noise().run(data).evidence if one.chart]
    order = sorted(said.wrong.astype(float).tolist(), reverse=True)
    for looked, found in curve.table.iter_rows():
        assert found == pytest.approx(sum(order[: round(looked * len(order))]) / len(order), abs=1e-9)
    shares = curve.table["found_wrong"].to_list()
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(sum(order) / len(order), rel=0.02)
    assert curve.table.height <= 41


def test_without_a_model_there_is_no_curve():
    assert not [one for one in Noise().run(audit([("a b", "x"), ("c d", "y")])).evidence if one.chart]
