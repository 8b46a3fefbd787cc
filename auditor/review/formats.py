"""Review sheets as files: ONE table of the formats they are written in."""

from __future__ import annotations

from auditor.review.sheet import Sheet
from auditor.review.writing import (
    Format,
    choices_of,
    csv_of,
    jsonl_of,
    question_of,
    records_of,
    tasks_of,
)

VERDICTS = ("right", "wrong", "unclear")
_EMPTY = ("verdict", "correct_label")


def _csv(sheet: Sheet) -> bytes:
    return csv_of(sheet.table)


def _jsonl(sheet: Sheet) -> bytes:
    return jsonl_of(sheet.table)


def _label_studio(sheet: Sheet) -> bytes:
    return tasks_of(sheet.table, empty=_EMPTY)


def _label_studio_config(sheet: Sheet) -> bytes:
    """The labeling interface: text and label, a verdict, and a right label if the one given is wrong."""
    wrong = ' visibleWhen="choice-selected" whenTagName="verdict" whenChoiceValue="wrong"'
    lines = [
        "<View>",
        '  <Header value="Text"/>',
        '  <Text name="text" value="$text"/>',
        '  <Header value="Label"/>',
        '  <Text name="label" value="$label"/>',
        '  <Choices name="verdict" toName="text" choice="single" showInline="true" required="true">',
        *(f'    <Choice value="{verdict}"/>' for verdict in VERDICTS),
        "  </Choices>",
        *choices_of("correct_label", sheet.classes, more=wrong),
        '  <Header value="Why this row"/>',
        '  <Text name="why" value="$why"/>',
        '  <Text name="nearest" value="$nearest"/>',
        "</View>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _argilla(sheet: Sheet) -> bytes:
    return records_of(sheet.table, shown=("text", "label", "why", "nearest"), asked=_EMPTY, key="id")


def _argilla_settings(sheet: Sheet) -> bytes:
    """A script that makes the data set of Argilla 2 for the records."""
    lines = [
        '"""Makes the data set `label-review`; then `dataset.records.from_json(path)` and, when it is judged, `to_json`."""',
        "import argilla as rg",
        "",
        "settings = rg.Settings(",
        "    fields=[rg.TextField(name=name) for name in ('text', 'label')]",
        "    + [rg.TextField(name=name, required=False) for name in ('why', 'nearest')],",
        f"    questions=[rg.LabelQuestion(name='verdict', labels={list(VERDICTS)!r}),",
        f"               {question_of('correct_label', sheet.classes, required=False)}],",
        "    metadata=[rg.TermsMetadataProperty(name=name) for name in ('file', 'draw')]",
        "    + [rg.IntegerMetadataProperty(name=name) for name in ('line', 'stratum', 'stratum_rows')]",
        "    + [rg.FloatMetadataProperty(name='suspicion')],",
        ")",
        "dataset = rg.Dataset(name='label-review', settings=settings)",
    ]
    return ("\n".join(lines) + "\n").encode()


FORMATS: tuple[Format[Sheet], ...] = (
    Format("csv", _csv),
    Format("jsonl", _jsonl),
    Format("label-studio", _label_studio, (".config.xml", _label_studio_config)),
    Format("argilla", _argilla, (".settings.py", _argilla_settings)),
)
