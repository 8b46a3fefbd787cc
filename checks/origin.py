"""Origin: how many of the training rows a machine wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from checks.contract import Basis, Data, Measure, Result
from checks.labels.ladder import ENOUGH
from checks.origins.answers import Answers, answers
from checks.origins.shown import by_source, openings, spoken, unknown_words
from checks.origins.sources import Writer, named
from checks.places import unquoted


@dataclass(frozen=True, slots=True)
class Origin:
    """Not all training rows were written by a model, whose weaknesses they would only amplify.

    `generated_rows`: rows that a machine wrote, of all. The column of sources decides where it has a word for models,
    generators or people (gpt-4, llama, synthetic, self-instruct; human, crowd, annotator, ticket); a value with no such
    word, with both kinds or with a negation decides nothing and is named, until the settings `generated` or `human` list
    it. Of rows about which the column says nothing, those count whose answer speaks or refuses as a machine.
    `generated_share`: the same as a share. Where the column tells of all rows and no answer contradicts it both are
    measured. Else they are estimates: the interval begins with what the column or a self-identification shows, and ends
    with all rows that nothing shows to be people's, so with text alone it is open above: these are bounds of what is
    possible, not of chance. `unknown_origin_rows`: rows of which neither column nor answer tells.
    `unreviewed_generated_share`: `generated_share`, unless people judged 73 of the generated rows (or all, if fewer): as
    many right ones in a row show an error under 5 %. `reviewed_generated_rows`: generated rows that they judged.

    `self_identifying_rows`: rows whose answer says of itself that it is a model's ("As an AI language model, I ...",
    "I'm ChatGPT"), of the answered rows. The last answer is read, without quotations, code and quoted lines; prompts and
    rejected answers are not. A named assistant of somebody's own ("I'm Vera, an assistant of Acme") does not count: people
    write such rows. `refusal_rows`: other rows whose answer begins by refusing with a verb of assistance ("I'm sorry, but
    I can't help with that"); people refuse so, too, so they move the value and not the lower end of the interval.
    `contradicted_origin_rows`: self-identifying rows that the column says people wrote; the column counts, the interval
    reaches to them. `templated_rows`: rows whose answer (of 120 bytes or more) begins with the same 40 bytes as at least
    20 others and 1 % of such answers; macros of people do, too, so that they are shown and not counted.
    By source, where rows name one: `source_generated_rows`, of the rows of that source. Unit: rows.

    Errors: few generated rows speak of themselves (2 to 5 % of four published sets that models wrote), so the lower end is
    far below the truth. Of 83 self-identifications found there all were right; 17 more stood in rows that people had
    written to teach a model who it is, which no text can tell. None in 7,473 answers of people (GSM8K). Languages:
    English, and the set phrase in Chinese, Spanish, Portuguese, French, German, Italian, Japanese and Russian.
    Source: S1 (auto-generated examples only amplify the model's own weaknesses).
    """

    id: ClassVar[str] = "origin"
    title: ClassVar[str] = "Rows that a machine wrote"
    needs: ClassVar[frozenset[str]] = frozenset({"train.line"})
    measures: ClassVar[tuple[str, ...]] = (
        "generated_rows",
        "generated_share",
        "unreviewed_generated_share",
        "reviewed_generated_rows",
        "unknown_origin_rows",
        "self_identifying_rows",
        "refusal_rows",
        "templated_rows",
        "contradicted_origin_rows",
        "source_generated_rows",
    )

    generated: tuple[str, ...] = ()
    """Further values of the column of sources that say that a machine wrote the row."""
    human: tuple[str, ...] = ()
    """Further values that say that people did."""

    def __post_init__(self) -> None:
        both = {one.strip().lower() for one in self.generated} & {one.strip().lower() for one in self.human}
        if both:
            message = f"{', '.join(sorted(both))} stands in both generated and human; it must be one of them"
            raise ValueError(message)

    def run(self, data: Data) -> Result:
        """Read the column and the answers, and bound the share from both sides."""
        train, read = data.train, data.once(answers)
        has_source = train.holds("source")
        if not train.rows or not (has_source or read):
            why = "no column names the source of the rows (--map COLUMN=source), and no row has an answer that could tell"
            return Result((), (), (why + ".",))
        sources = named(train, generated=self.generated, human=self.human) if has_source else None
        table = _told(train.rows, sources, read)
        machine = (pl.col("writer") == int(Writer.MACHINE)) | (
            (pl.col("writer") == int(Writer.UNKNOWN)) & (pl.col("speaks") | pl.col("refuses"))
        )
        table = table.with_columns(machine=machine)
        counts = _shares(table, has_source=has_source)
        (share,) = (one for one in counts if one.name == "generated_share")
        measures = [*counts, *_reviewed(data, table, share)]
        evidence, notes = [], [*_notes(table, has_source=has_source)]
        if read is not None:
            measures += _of_answers(table, read, has_source=has_source)
            evidence += [*spoken(train, table), *openings(train, read)]
        if sources is not None:
            groups = by_source(table.with_columns(source=sources["source"]))
            measures += groups.measures
            evidence += groups.evidence
            notes += [*groups.notes, *unknown_words(table.with_columns(source=sources["source"]))]
        return Result(tuple(measures), tuple(evidence), (*notes, *unquoted(*evidence)))


def _told(rows: int, sources: pl.DataFrame | None, read: Answers | None) -> pl.DataFrame:
    """`row`, `writer` by the column, `speaks`, `refuses` of every row."""
    table = pl.DataFrame({"row": pl.int_range(rows, eager=True)})
    writer = pl.repeat(int(Writer.UNKNOWN), rows, dtype=pl.Int8, eager=True)
    table = table.with_columns(writer=writer if sources is None else sources["writer"])
    flags = (
        {"speaks": None, "refuses": None}
        if read is None
        else {"speaks": read.speaking, "refuses": read.refusing}
    )
    return table.with_columns(
        (pl.lit(value=False) if found is None else pl.col("row").is_in(found.implode())).alias(name)
        for name, found in flags.items()
    )


def _shares(table: pl.DataFrame, *, has_source: bool) -> tuple[Measure, ...]:
    """How many rows a machine wrote, between those of which it is certain and those of which it is possible."""
    rows = table.height
    unknown, human = (pl.col("writer") == int(one) for one in (Writer.UNKNOWN, Writer.HUMAN))
    certain, counted, human_rows, open_rows = table.select(
        certain=(pl.col("machine") & ~(unknown & ~pl.col("speaks"))).sum(),
        counted=pl.col("machine").sum(),
        human=(human & ~pl.col("speaks")).sum(),
        open=(unknown & ~pl.col("machine")).sum(),
    ).row(0)
    possible = rows - human_rows
    is_told = has_source and certain == possible and not open_rows
    basis: Basis = "measured" if is_told else "estimated"
    by = "a column and the answers' words" if has_source else "the answers' words alone"
    by = "a column" if is_told else by
    return (
        Measure(
            name="generated_rows", value=counted, of=rows, basis=basis, by=by,
            interval=None if is_told else (certain, possible),
        ),
        Measure(
            name="generated_share", value=counted / rows, kind="share", of=rows, basis=basis, by=by,
            interval=None if is_told else (certain / rows, possible / rows),
        ),
        Measure(name="unknown_origin_rows", value=open_rows, of=rows),
    )  # fmt: skip


def _reviewed(data: Data, table: pl.DataFrame, share: Measure) -> tuple[Measure, ...]:
    """How many generated rows people judged, and the share of those that rest on nobody's judgement."""
    machine = table.filter("machine")["row"]
    judged = 0
    if data.reviewed is not None:
        seen = data.reviewed.drop_nulls(["row", "wrong"])["row"].cast(pl.Int64).unique()
        judged = int(seen.is_in(machine.implode()).sum())
    count = Measure(name="reviewed_generated_rows", value=judged, of=len(machine))
    if judged >= max(1, min(ENOUGH, len(machine))):
        return (count,)
    return count, replace(share, name="unreviewed_generated_share")


def _of_answers(table: pl.DataFrame, read: Answers, *, has_source: bool) -> tuple[Measure, ...]:
    """What the answers show by themselves."""
    shown = {
        "self_identifying_rows": len(read.speaking),
        "refusal_rows": len(read.refusing),
        "templated_rows": int(read.templated["rows"].sum()),
    }
    measures = [Measure(name=name, value=value, of=read.answered) for name, value in shown.items()]
    if has_source:
        against = int(((table["writer"] == int(Writer.HUMAN)) & table["speaks"]).sum())
        measures.append(Measure(name="contradicted_origin_rows", value=against, of=len(read.speaking)))
    return tuple(measures)


def _notes(table: pl.DataFrame, *, has_source: bool) -> tuple[str, ...]:
    """What the numbers rest on."""
    if not has_source:
        return (
            (
                "No column names the source of the rows (--map COLUMN=source), so answers tell only of some that a machine "
                "wrote them; nothing shows how many others it wrote."
            ),
        )
    against = int(((table["writer"] == int(Writer.HUMAN)) & table["speaks"]).sum())
    if not against:
        return ()
    return (
        (
            f"The source of {against:,} rows says that people wrote them, while their answers say that a model did; they "
            "count as people's, and may be generated."
        ),
    )
