"""What was edited between an eval row and its witness, and how much of the row stands in train."""

import numpy as np
import pytest

from checks.contract import Data
from checks.text.edits import EDITS
from checks.text.leaks import leaks
from checks.text.witnesses import SEVERITIES, Witnesses, witnesses
from tests import helpers

WORDS = helpers.vocabulary(3000, seed=91)


def text(seed: int, size: int) -> str:
    return " ".join(helpers.seeded(seed).sample(WORDS, size))


def found(data: Data) -> Witnesses:
    made = data.once(witnesses)
    assert made is not None
    return made


def told(train: list[tuple[str, str]], evals: list[tuple[str, str]]) -> list[tuple[str, str, int] | None]:
    """Severity, edit and changed words of each eval row; None where it is clean."""
    made = found(Data(train=helpers.asked("train", train), eval=helpers.asked("eval", evals)))
    return [
        (SEVERITIES[severity], EDITS[edit], changed) if severity >= 0 else None
        for severity, edit, changed in zip(
            made.severity.tolist(), made.edit.tolist(), made.changed.tolist(), strict=True
        )
    ]


def severity(train: tuple[str, str], evals: tuple[str, str]) -> str | None:
    ((each),) = told([train, (text(-1, 20), text(-2, 20))], [evals])
    return each[0] if each else None


def test_clean_rows_have_none():
    made = found(helpers.data([text(1, 30), text(2, 40)], [text(3, 30), "", "hi"]))
    assert made.edit.tolist() == made.severity.tolist() == made.start.tolist() == [-1] * 3
    assert witnesses(helpers.data(["a"])) is None


def test_a_row_on_both_sides_is_identical_or_format_alone():
    ask, say = text(4, 12), text(5, 20)
    assert told([(ask, say)], [(ask, say), (ask.upper() + "?", f"«{say}»"), (text(6, 9), "")]) == [
        ("prompt and answer", "identical", 0), ("prompt and answer", "format only", 0), None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("train", "evals", "expected"),
    [
        ((text(1, 15), text(2, 30)), (text(1, 15), text(3, 30)), "prompt"),
        ((f"{text(9, 50)} {text(1, 15)} {text(8, 50)}", text(2, 30)), (text(1, 15), text(3, 30)), "prompt"),
        ((text(4, 15), f"{text(9, 50)} {text(1, 15)}\n{text(2, 30)} {text(8, 50)}"), (text(1, 15), text(2, 30)), "prompt and answer"),
        ((text(4, 6), text(2, 60)), (text(5, 6), text(2, 60)), "answer"),
        ((text(4, 6), f"{text(9, 60)} {text(2, 60)}"), (text(5, 6), text(2, 60)), "answer"),
        ((f"{text(1, 90)}\nWhat did {text(5, 6)}?", text(2, 5)), (f"{text(1, 90)}\nWhere was {text(6, 5)}?", text(3, 5)), "context only"),
        ((f"{text(1, 90)}\nWhat did {text(5, 6)}?", text(2, 5)), (f"{text(1, 90)}\nWhat did {text(5, 6)}?", text(3, 5)), "prompt"),
        ((f"{text(1, 90)}. What did {text(5, 6)}?", text(2, 5)), (f"{text(1, 90)}. Where was {text(6, 5)}?", text(3, 5)), "context only"),
        ((f"Sum up {text(5, 6)}\n{text(1, 90)}", text(2, 5)), (f"Name all {text(6, 5)}\n{text(1, 90)}", text(3, 5)), "context only"),
        ((f"{text(1, 90)}\nWhat did {text(5, 6)}?\nAnswer:", text(2, 5)), (f"{text(1, 90)}\nWhere was {text(6, 5)}?\nAnswer:", text(3, 5)), "context only"),
        ((f"{text(1, 90)}\nWhat did {text(5, 6)}?", text(2, 15)), (f"{text(1, 90)}\nWhere was {text(6, 5)}?", text(2, 15)), "answer"),
    ],
)  # fmt: skip
def test_severity_says_what_of_the_row_stands_in_train(train, evals, expected):
    assert severity(train, evals) == expected


def test_a_row_that_is_all_prompt_leaks_its_prompt_and_its_label_if_that_is_the_same():
    texts = [text(n, 20) for n in range(3)]

    def side(role: str, labels: list[str | None]) -> Data:
        return helpers.stored(
            role, {"text": texts, "prompt_bytes": [len(each) for each in texts], "label": labels}
        )

    made = found(Data(train=side("train", ["x", "y", None]), eval=side("eval", ["x", "x", None])))
    assert [SEVERITIES[each] for each in made.severity] == ["prompt and answer", "prompt", "prompt"]
    bare = helpers.split("eval", texts, prompts=[len(each) for each in texts])
    made = found(Data(train=helpers.split("train", texts), eval=bare))
    assert [SEVERITIES[each] for each in made.severity] == ["prompt"] * 3


def test_any_copy_with_the_same_label_counts_whatever_the_order_of_rows():
    same = text(1, 20)
    evals = helpers.stored("eval", {"text": [same], "prompt_bytes": [len(same)], "label": ["x"]})
    for labels in ("xy", "yx"):
        train = helpers.stored(
            "train", {"text": [same, same.upper()], "prompt_bytes": [len(same)] * 2, "label": [*labels]}
        )
        assert found(Data(train=train, eval=evals)).severity.tolist() == [
            SEVERITIES.index("prompt and answer")
        ]


def test_a_text_without_prompt_leaks_as_a_whole():
    made = found(helpers.data([f"{text(1, 40)} {text(2, 30)}"], [text(2, 30)]))
    assert made.severity.tolist() == [SEVERITIES.index("prompt and answer")]


def test_what_stands_around_a_passage_is_no_edit():
    ask, say = f"{text(1, 15)}?", f"{text(2, 30)}."
    row = f"{text(3, 80)} {ask.upper()}\n{say} {text(4, 80)}"
    other = f"{text(3, 80)} {ask} not {say} {text(4, 80)}"
    assert told([("ask", row)], [(ask, say)]) == [("prompt and answer", "format only", 0)]
    assert told([("ask", other)], [(ask, say)]) == [("prompt and answer", "negation flipped", 1)]
    verbatim = f"{text(3, 80)} {ask}\n{say} {text(4, 80)}"
    data = Data(train=helpers.asked("train", [("ask", verbatim)]), eval=helpers.asked("eval", [(ask, say)]))
    assert found(data).edit.tolist() == [EDITS.index("identical")]
    assert f"ask\n{verbatim}".encode()[found(data).start[0] :].decode().startswith(ask[:40])


def test_a_long_text_in_a_text_hardly_longer_is_compared_with_its_passage_alone():
    """Three in four words, so that the pair has a Jaccard similarity, too."""
    row, inside = f"{text(3, 20)} {text(2, 90)} {text(4, 10)}", text(2, 90)
    data = helpers.data([row], [inside])
    made = data.once(leaks)
    assert made is not None
    assert 0.6 < made.jaccard[0] < 0.8
    assert found(data).edit.tolist() == [EDITS.index("identical")]


def test_more_words_at_the_end_of_a_near_copy_are_edits():
    ask, say = text(1, 30), text(2, 60)
    assert told([(ask, f"{say} more words")], [(ask, say)]) == [("prompt and answer", "words changed", 2)]


def test_suspected_rows_are_told_too():
    """The same short prompt, and half a text."""
    ask, say = "who is that", text(2, 30)
    assert told([(ask, text(3, 30))], [(ask.upper(), say)]) == [("prompt", "format only", 0)]
    words = say.split()
    part = " ".join([*words[:22], *text(5, 8).split()])
    assert told([(text(6, 60), f"{text(7, 60)} {part}")], [("", say)])[0][1:] == ("words changed", 8)


def test_batches_give_what_one_batch_gives(monkeypatch):
    evals = [text(n, 20) for n in range(40)]
    train = [f"{text(-n, 30)} {each}" for n, each in enumerate(evals[::2])] + evals[1::4]
    expected = found(helpers.data(train, evals))
    monkeypatch.setattr("checks.text.witnesses.CHUNK", 3)
    again = found(helpers.data(train, evals))
    for name in ("edit", "changed", "severity", "start"):
        assert np.array_equal(getattr(expected, name), getattr(again, name))
    made = helpers.data(train, evals).once(leaks)
    assert made is not None
    assert ((expected.edit >= 0) == (made.kind > 0)).all()


@pytest.mark.parametrize("sample", [sample for sample in helpers.SAMPLES if sample.strip()])
def test_every_script(sample):
    made = found(helpers.data(["x y z", sample], [sample]))
    assert made.edit.tolist() == [EDITS.index("identical")]
