"""Ids of labelers: different people stay different; spellings of one are grouped, never merged."""

import polars as pl
import pytest

from checks.labels.names import alike, labeler_variants


def grouped(*ids: str) -> list[list[str]]:
    found = alike(
        pl.DataFrame({"labeler": ids, "judgements": [1] * len(ids)}, schema_overrides={"labeler": pl.String})
    )
    return found.group_by("person", maintain_order=True).agg("labeler")["labeler"].to_list()


@pytest.mark.parametrize(
    "ids",
    [
        [],
        ["anna"],
        ["anna", "hanna"],
        ["7", "70", "17", "7.5", "-7"],
        ["a1", "a2", "a10"],
        ["p0", "p00"],
        ["我", "他"],
        ["0", "o"],
    ],
)
def test_different_people(ids):
    assert grouped(*ids) == []


@pytest.mark.parametrize(
    "ids",
    [
        ["7", "7.0"],
        [" 7 ", "7"],
        ["07", "7"],
        ["\uff17", "7"],
        ["Anna", "anna "],
        ["ANNA\u00a0B", "anna b"],
        ["a\u200bnna", "anna"],
        ["0", "0.0"],
        ["Größe", "GRÖSSE".replace("SS", "ß")],
        ["Weiß", "WEISS"],
        ["1.50", "1.5"],
        ["7\u200b.0", "7"],
        ["7.", "+7"],
    ],
)
def test_one_person(ids):
    assert grouped(*ids) == [sorted(ids)]


def test_all_spellings_of_a_number_are_one_group():
    ids = ["7", "7.0", " 7 ", "007", "8", "Anna", "anna "]
    frame = pl.DataFrame({"labeler": ids, "judgements": range(7)})
    result = labeler_variants(frame)
    assert (result.measures[0].value, result.measures[0].of) == (6, 7)
    table = result.evidence[0].table
    assert table["labeler"].to_list() == ["“ 7 ”", "“007”", "“7”", "“7.0”", "“Anna”", "“anna ”"]
    assert labeler_variants(frame.filter(pl.col("labeler").is_in(["8", "7"]))).evidence == ()
