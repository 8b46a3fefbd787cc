"""Charts: places by hand, every shape inside, limits where their number lies, nothing for tables that cannot be drawn."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest

from auditor.report.html.charts import MOST, MOST_ROWS, figure
from auditor.report.html.limits import Bar, limits
from auditor.report.html.marks import Scale, scale, ticks
from auditor.report.html.rows import MINUS, Row, lengths, ranges, stack, waterfall
from auditor.report.model import OutcomeModel
from checks.measures import Chart
from tests.report.html.made import gate, measure, pictured, report, ruling, table

EIGHTY = Bar(value=80, least=True, text="at least 80 (S1)", cite="S1", level="block")


def bars(drawing, *looks):
    return [(round(one.x, 4), round(one.width, 4)) for one in drawing.boxes if one.look in looks]


def drawn(chart: Chart, head, **more):
    return figure(report(table("t", head, chart, **more)), "mine", table("t", head, chart, **more))


def test_a_waterfall_leads_from_what_is_there_to_what_is_left():
    rows = [
        Row(name="found", values=(100,)),
        Row(name="copies", values=(-30,)),
        Row(name="none", values=(0,)),
        Row(name="leaks", values=(-10,)),
    ]
    made = waterfall(rows, "count", (), "left")
    assert bars(made, "fill", "less", "more") == [(0, 1), (0.7, 0.3), (0.7, 0), (0.6, 0.1), (0, 0.6)]
    assert [text.text for text in made.texts if "number" in text.look] == [
        "100",
        f"{MINUS}30",
        "0",
        f"{MINUS}10",
        "60",
    ]


@pytest.mark.parametrize(("level", "look"), [("block", "bad"), ("unknown", "bad"), ("warn", "poor")])
def test_what_misses_a_limit_looks_so_and_is_written_in_bold(level, look):
    rows = [Row(name="found", values=(100,)), Row(name="copies", values=(-30,))]
    made = waterfall(rows, "count", (dataclasses.replace(EIGHTY, level=level),), "left")
    assert bars(made, look) == [(0, 0.7)]
    lines = lengths(
        [Row(name="a", values=(70,)), Row(name="b", values=(90,))], "count", (EIGHTY,), whole=False
    )
    assert [text.text for text in lines.texts if "strong" in text.look] == ["a", "70"]


def test_a_limit_lies_where_its_number_is_and_is_named():
    made = waterfall([Row(name="found", values=(160,))], "count", (EIGHTY,), "left")
    assert {(one.x1, one.x2) for one in made.rules if one.look == "limit"} == {(0.5, 0.5)}
    assert [text.text.strip() for text in made.texts if "limit" in text.look] == ["at least 80 (S1)"]


def test_a_limit_crosses_no_name_and_no_number():
    two = (EIGHTY, dataclasses.replace(EIGHTY, value=81, text="at least 81 (S2)"))
    rows = [Row(name="a" * 38, values=(160,), low=70, high=170), Row(name="b", values=(90,))]
    for made in (
        waterfall(rows, "count", two, "left"),
        lengths(rows, "count", two, whole=False),
        ranges(rows, "count", two),
    ):
        words = [text for text in made.texts if text.look.split()[0] in ("halo", "number")]
        assert words
        for rule in (one for one in made.rules if one.look == "limit"):
            assert not [text for text in words if rule.y1 < text.y + 2 and rule.y2 > text.y - 10]


def test_the_line_of_a_limit_does_not_run_through_the_name_of_the_next():
    made = lengths(
        [Row(name="a", values=(0.2,))],
        "share",
        [
            dataclasses.replace(EIGHTY, value=value, text=f"at most {value:.0%} (reasoned from S1)")
            for value in (0.4, 0.8)
        ],
        whole=True,
    )
    (_, second) = [text for text in made.texts if text.look == "limit"]
    assert (second.x, second.anchor) == (0.8, "end")
    first = [rule for rule in made.rules if rule.look == "limit" and rule.x1 == 0.4]
    assert len(first) == 1, "across the bar"
    assert first[0].y1 > second.y


@pytest.mark.parametrize("value", [0, 1, 30, 45, 50, 55, 70, 99, 100])
def test_the_name_of_a_limit_stays_inside_on_a_narrow_screen(value):
    bar = dataclasses.replace(EIGHTY, value=value, text="at least 0.8 (Krippendorff 2004)")
    made = lengths([Row(name="a", values=(100,))], "count", (bar,), whole=False)
    (text,) = [one for one in made.texts if "limit" in one.look]
    wide = 7 * len(bar.text) / 320
    left = text.x if text.anchor == "start" else text.x - wide
    assert left >= 0
    assert left + wide <= 1


def test_limits_that_lie_close_are_named_below_each_other():
    two = (EIGHTY, dataclasses.replace(EIGHTY, value=81, text="at least 81 (S2)"))
    made = lengths([Row(name="a", values=(100,))], "count", two, whole=False)
    heights = [text.y for text in made.texts if "limit" in text.look]
    assert heights[1] - heights[0] >= 15


def test_shares_are_drawn_on_the_way_to_all_and_other_lengths_to_the_longest():
    rows = [Row(name="a", values=(0.5,)), Row(name="b", values=(0.25,))]
    assert bars(lengths(rows, "share", (), whole=True), "s0") == [(0, 0.5), (0, 0.25)]
    assert bars(lengths(rows, "score", (), whole=False), "s0") == [(0, 1), (0, 0.5)]


def test_the_parts_of_a_stack_follow_each_other():
    made = stack([Row(name="a", values=(1, 0, 3)), Row(name="b", values=(2, 0, 0))], "count", ["x", "y", "z"])
    assert bars(made, "s0", "s1", "s2") == [(0, 0.25), (0.25, 0.75), (0, 0.5)]
    assert [one.title for one in made.boxes if one.title] == ["a, x: 1", "a, z: 3", "b, x: 2"]


def test_a_range_without_an_end_goes_on_to_the_edge():
    made = ranges(
        [Row(name="a", values=(5,), low=2, high=8), Row(name="b", values=(5,), low=2, high=None)], "score", ()
    )
    closed, open_ = [one for one in made.boxes if "pale" in one.look]
    assert closed.x + closed.width < 1
    assert open_.x + open_.width == pytest.approx(1)
    assert "2 to open" in open_.title


def test_an_estimate_astride_a_limit_does_not_look_as_if_it_missed_it():
    rows = [
        Row(name="misses", values=(60,), low=50, high=70),
        Row(name="astride", values=(75,), low=70, high=85),
        Row(name="open", values=(75,), low=70, high=None),
    ]
    made = ranges(rows, "count", (EIGHTY,))
    assert [one.look for one in made.dots] == ["bad", "s0", "s0"]


def test_what_is_read_out_keeps_its_capitals():
    chart = Chart(picture="bars", label="label", values=("rows",))
    made = drawn(chart, ({"label": "NY", "rows": 2}, {"label": "S2", "rows": 3}))
    assert "NY to S2" in made.described
    assert made.described[0] == "B"


@pytest.mark.parametrize("one", pictured(), ids=lambda one: one.chart.picture)
def test_every_shape_lies_inside(one):
    made = figure(report(one), "mine", one)
    assert made is not None
    shapes = made.drawing
    assert shapes.boxes or shapes.lines
    for box in shapes.boxes:
        assert 0 <= box.x <= box.x + box.width <= 1 + 1e-9
        assert 0 <= box.y <= box.y + box.height <= shapes.height
    for rule in shapes.rules:
        assert 0 <= min(rule.x1, rule.x2) <= max(rule.x1, rule.x2) <= 1
        assert 0 <= min(rule.y1, rule.y2) <= max(rule.y1, rule.y2) <= shapes.height
    for text in shapes.texts:
        assert 0 <= text.x <= 1
        assert 0 <= text.y <= shapes.height
        assert text.plate or not (text.x > 0.97 and text.anchor == "start")
    for line in shapes.lines:
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in line.points)


def test_more_bars_than_can_be_told_apart_are_counted():
    rows = [{"label": str(i), "n": i} for i in range(150)]
    made = drawn(Chart(picture="bars", label="label", values=("n",)), rows, rows=1234)
    assert len([one for one in made.drawing.boxes if one.look == "s0"]) == MOST
    assert made.more == f"{1234 - MOST:,} more are not drawn; the table goes on with them."
    made = drawn(Chart(picture="ranges", label="label", values=("n",)), rows)
    assert len(made.drawing.dots) == MOST_ROWS
    assert drawn(Chart(picture="bars", label="label", values=("n",)), rows[:60]).more == ""


@pytest.mark.parametrize(
    "rows",
    [[], [{"label": "a"}], [{"label": "a", "n": None}], [{"other": 1, "n": 2}]],
    ids=["no rows", "no such column", "nothing but nulls", "no names"],
)
def test_tables_that_cannot_be_drawn_are_tables(rows):
    assert drawn(Chart(picture="bars", label="label", values=("n",)), rows) is None


def test_values_of_nothing_and_of_all_the_same_are_drawn():
    for values in ([0, 0], [7, 7], [-3, 4]):
        rows = [{"label": str(i), "n": value} for i, value in enumerate(values)]
        for picture in ("bars", "waterfall", "ranges"):
            assert drawn(Chart(picture=picture, label="label", values=("n",)), rows) is not None


def test_limits_are_those_of_the_measure_in_its_unit_each_once():
    gates = (
        gate("a", "PASS", ruling("mine", "top", "PASS", 0.5, at_most=0.8, cite="S2: b"), ruling("mine", "top", "WARN", 0.5, at_most=0.4, level="warn", cite="tool default: c")),
        gate("b", "PASS", ruling("mine", "top", "PASS", 0.5, at_most=0.8, cite="S3"), ruling("other", "top", "PASS", 1, at_most=0.1), required=False),
    )  # fmt: skip
    made = report(gates=gates)
    assert [(bar.value, bar.text, bar.level) for bar in limits(made, "mine", "top", "share")] == [
        (0.4, "at most 40 % (tool default)", "warn"),
        (0.8, "at most 80 % (S2)", "block"),
    ]
    assert limits(made, "mine", "top", "count") == ()
    assert limits(made, "mine", "", "share") == ()
    assert limits(made, "nobody", "top", "share") == ()


def test_the_interval_of_a_measure_lies_across_its_curve():
    one = pictured()[-1]
    made = figure(report(one), "mine", one)
    (band,) = [box for box in made.drawing.boxes if box.look == "band"]
    assert 0 < band.height < made.drawing.height / 2
    assert "gain: 3 points to 5 points (95 %)" in [text.text for text in made.drawing.texts]
    assert "95 % interval: 3 points to 5 points" in made.described


@pytest.mark.parametrize("ends", [(0, 1), (0, 7), (0, 1234), (-3, 4), (0.61, 0.93), (0, 0.004), (99, 101)])
def test_ticks_are_round_inside_and_enough(ends):
    found = ticks(Scale(*ends))
    assert 3 <= len(found) <= 9
    assert all(ends[0] - 1e-9 <= tick <= ends[1] + 1e-9 for tick in found)
    gaps = {round(b - a, 9) for a, b in pairwise(found)}
    assert len(gaps) == 1
    assert f"{gaps.pop():e}"[0] in "125"


def test_a_scale_of_lengths_begins_at_nothing():
    assert scale([5, 9], zero=True) == Scale(0, 9)
    assert scale([-5, 9], zero=True) == Scale(-5, 9)
    assert scale([], zero=True).high > 0
    assert scale([5, 5], zero=False)(5) == 0


def test_a_measure_without_an_interval_has_no_band():
    one = pictured()[-1]
    bare = report(one, outcomes={"mine": OutcomeModel(title="x", measures=(measure("gain", 4.0, "points"),))})
    assert [box for box in figure(bare, "mine", one).drawing.boxes if box.look == "band"] == []
