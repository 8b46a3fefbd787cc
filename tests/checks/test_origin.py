"""Origin: clean rows show nothing, planted ones are counted, and what nobody knows stays open above."""

from __future__ import annotations

import polars as pl
import pytest

from auditor.gates import Verdict, decide
from auditor.policy import gates_for, load_policy
from checks.contract import Data
from checks.labels.reviewed import REVIEWED
from checks.origin import Origin
from checks.origins.answers import COMMON, OPENING_BYTES, answers
from tests import helpers

WORDS = helpers.vocabulary(3000, seed=71)
SPEAKS = "As an AI language model, I have no opinion on that."
REFUSES = "I'm sorry, but I can't assist with that."


def answer(n: int, size: int = 30) -> str:
    return " ".join(helpers.seeded(n).choices(WORDS, k=size))


def rows(said, sources=None, **more):
    """An audit of rows with these answers, whose questions are all in a machine's voice."""
    columns = helpers.turns_of([(SPEAKS, one) for one in said], **more)
    columns |= {} if sources is None else {"source": sources}
    return Data(train=helpers.stored("train", columns))


def found(data, **settings):
    return helpers.measured(Origin(**settings), data)


def one(data, name):
    (measure,) = (measure for measure in Origin().run(data).measures if measure.name == name)
    return measure


def gate(data):
    gates = gates_for(load_policy(None), task=None, stage="before-training", require=("origin",), classes=0)
    (asked,) = (gate for gate in gates if gate.id == "origin")
    return decide(asked, {"origin": Origin().run(data)})


def test_rows_of_people_by_a_column_are_measured_and_pass():
    data = rows([answer(n) for n in range(40)], ["human", "support ticket"] * 20)
    assert found(data) == {
        "generated_rows": 0, "generated_share": 0, "unknown_origin_rows": 0, "reviewed_generated_rows": 0,
        "unreviewed_generated_share": 0, "self_identifying_rows": 0, "refusal_rows": 0, "templated_rows": 0,
        "contradicted_origin_rows": 0, "source_generated_rows[human]": 0, "source_generated_rows[support ticket]": 0,
    }  # fmt: skip
    assert (one(data, "generated_share").basis, one(data, "generated_share").interval) == ("measured", None)
    assert gate(data).verdict is Verdict.PASS
    assert Origin().run(data).notes == ()


def test_questions_labels_and_rejected_answers_are_nobodys_voice():
    data = rows([answer(n) for n in range(9)], label=[SPEAKS] * 9, rejected=[SPEAKS] * 9, system=[SPEAKS] * 9)
    assert found(data)["self_identifying_rows"] == 0


def test_texts_alone_bound_the_share_from_below_only():
    data = rows([SPEAKS, REFUSES, *(answer(n) for n in range(8))])
    share = one(data, "generated_share")
    assert (share.value, share.interval, share.basis, share.of) == (0.2, (0.1, 1.0), "estimated", 10)
    assert one(data, "generated_rows").interval == (1, 10)
    assert found(data)["unknown_origin_rows"] == 8
    assert gate(data).verdict is Verdict.UNKNOWN


def test_even_if_all_answers_speak_the_share_is_an_estimate_that_blocks():
    data = rows([SPEAKS] * 10)
    share = one(data, "generated_share")
    assert (share.value, share.interval, share.basis) == (1, (1, 1), "estimated")
    assert gate(data).verdict is Verdict.BLOCK


def test_refusals_alone_never_block_since_people_refuse_so():
    assert one(rows([REFUSES] * 10), "generated_share").interval == (0, 1)
    assert gate(rows([REFUSES] * 10)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("generated", "verdict"),
    [(0, "PASS"), (50, "PASS"), (51, "WARN"), (95, "WARN"), (96, "BLOCK"), (100, "BLOCK")],
)
def test_the_limits_of_a_known_share(generated, verdict):
    data = rows([answer(n) for n in range(100)], ["gpt-4"] * generated + ["human"] * (100 - generated))
    assert found(data)["generated_rows"] == generated
    assert gate(data).verdict.name == verdict


@pytest.mark.parametrize(("judged", "verdict"), [(0, "BLOCK"), (72, "BLOCK"), (73, "WARN"), (100, "WARN")])
def test_a_reviewed_sample_of_generated_rows_lifts_the_block(judged, verdict):
    data = rows([answer(n) for n in range(100)], ["synthetic"] * 100)
    lines = [{"row": row, "wrong": False, "copies": 1} for row in range(judged)]
    lines += [{"row": 99, "wrong": None}, {"row": None, "wrong": True}]  # could not tell; is no longer there
    data = data.but(reviewed=pl.DataFrame(lines, REVIEWED))
    assert found(data)["reviewed_generated_rows"] == judged
    assert gate(data).verdict.name == verdict


def test_unknown_words_are_counted_and_named_never_guessed():
    data = rows([answer(n) for n in range(10)], ["web"] * 4 + ["gpt-4"] * 3 + ["human"] * 2 + [None])
    share = one(data, "generated_share")
    assert (share.value, share.interval, share.basis) == (0.3, (0.3, 0.8), "estimated")
    assert found(data)["unknown_origin_rows"] == 5
    (note,) = Origin().run(data).notes
    assert "“web” (4), nothing at all (1)" in note
    settled = found(data, human=("web",))
    assert (settled["generated_rows"], settled["unknown_origin_rows"]) == (3, 1)


def test_text_tells_of_rows_of_which_the_column_does_not():
    data = rows([SPEAKS, REFUSES, answer(1), SPEAKS], ["web", "web", "web", "gpt-4"])
    assert one(data, "generated_rows").value == 3
    assert one(data, "generated_rows").interval == (2, 4)
    assert found(data)["source_generated_rows[web]"] == 2


def test_answers_that_contradict_the_column_are_told_and_leave_it_open():
    data = rows([SPEAKS, SPEAKS, answer(1), answer(2)], ["human"] * 4)
    share = one(data, "generated_share")
    assert (share.value, share.interval, share.basis) == (0, (0, 0.5), "estimated")
    assert one(data, "contradicted_origin_rows").value == 2
    assert "of 2 rows says that people wrote them" in Origin().run(data).notes[0]


def test_openings_that_many_share_are_shown_and_not_counted():
    said = [f"Dear customer, thank you for your message. {answer(n)}" for n in range(COMMON)]
    data = rows([*said, *(answer(100 + n) for n in range(50))])
    assert (found(data)["templated_rows"], found(data)["generated_rows"]) == (COMMON, 0)
    (table,) = Origin().run(data).evidence
    assert table.table.select("row", "rows").rows() == [(0, COMMON)]
    assert found(rows(said[1:]))["templated_rows"] == 0
    assert found(rows([one[:60] for one in said]))["templated_rows"] == 0, (
        "too short to be more than an opening"
    )


def test_openings_against_a_recount():
    rng = helpers.seeded(5)
    begins = ["größe " * 9, "我" * 30, "plain words that begin a long answer, again and again"]
    said = [f"{rng.choice(begins)} {answer(n)}" if rng.random() < 0.5 else answer(n) for n in range(300)]
    opened = [text.encode()[:OPENING_BYTES] for text in said if len(text.encode()) >= 3 * OPENING_BYTES]
    wanted = sorted((n for text in set(opened) if (n := opened.count(text)) >= COMMON), reverse=True)
    assert answers(rows(said)).templated["rows"].to_list() == wanted


def test_rows_without_answers_or_sources_tell_nothing():
    nothing = Data(train=helpers.stored("train", {"text": [SPEAKS] * 3, "label": list("xyx")}))
    result = Origin().run(nothing)
    assert (result.measures, len(result.notes)) == ((), 1)
    assert gate(nothing).verdict is Verdict.UNKNOWN
    blank = Data(train=helpers.stored("train", helpers.turns_of([(SPEAKS, "")] * 3)))
    assert Origin().run(blank).measures == ()


def test_a_column_alone_is_enough():
    data = Data(
        train=helpers.stored(
            "train", {"text": list("abc"), "label": list("xyx"), "source": ["gpt-4", "human", "human"]}
        )
    )
    assert one(data, "generated_share").value == pytest.approx(1 / 3)
    assert "self_identifying_rows" not in found(data)


def test_evidence_quotes_what_gave_the_row_away():
    long = f"{answer(1, 90)}. {SPEAKS}"
    data = rows([answer(2), long, REFUSES])
    (shown,) = (table for table in Origin().run(data).evidence if "voice" in table.title)
    assert shown.table.select("row", "line", "sign").rows() == [
        (1, 2, "speaks as a model"), (2, 3, "refuses as an assistant"),
    ]  # fmt: skip
    assert shown.table["said_text"][0].startswith("As an AI language model, I")
    assert set(shown.excerpts) == {"said_text", "text"}


def test_batches_and_files_change_nothing():
    said = [(SPEAKS, REFUSES, answer(n))[n % 3] for n in range(30)]
    whole = rows(said)
    parts = [helpers.turns_of([("ask", one) for one in said[at : at + 7]]) for at in range(0, 30, 7)]
    assert found(Data(train=helpers.stored("train", *parts))) == found(whole)


def test_many_sources_are_not_told_one_by_one(monkeypatch):
    monkeypatch.setattr("checks.origins.shown.MANY", 3)
    result = Origin().run(rows([answer(n) for n in range(5)], [f"https://a.example/{n}" for n in range(5)]))
    assert not [measure for measure in result.measures if measure.group]
    assert any("5 sources are too many" in note for note in result.notes)


def test_a_value_cannot_be_both():
    with pytest.raises(ValueError, match="web stands in both generated and human"):
        Origin(generated=("Web",), human=("web ",))
