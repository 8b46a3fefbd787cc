"""What a report shows of where rows come from: the answers that give themselves away, openings, and every source."""

from __future__ import annotations

import polars as pl

from checks import places
from checks.contract import EXCERPT, Evidence, Measure, Result, Split
from checks.measures import NAME
from checks.origins.answers import Answers
from checks.origins.sources import SAID, Writer
from checks.origins.voices import REFUSING, SPEAKING, own_words

MANY = 1_000
"""Sources above which none is told by itself: a column with so many holds addresses or ids."""
FEW = 5
"""Unknown values that a note names, the most frequent ones."""


def spoken(train: Split, table: pl.DataFrame) -> tuple[Evidence, ...]:
    """The rows whose answer speaks or refuses as a machine, those that speak first, with what it says."""
    found = table.filter(pl.col("speaks") | pl.col("refuses")).sort("speaks", "row", descending=[True, False])
    if found.is_empty():
        return ()
    quoted = found["row"].head(places.QUOTED)
    words = train.take(quoted, "response").select(
        text=pl.col("response").str.slice(0, EXCERPT),
        said_text=own_words(pl.col("response"))
        .str.extract(f"({SPEAKING}|{REFUSING})", 1)
        .str.slice(0, EXCERPT),
    )
    unquoted = pl.DataFrame(
        {name: [None] * (found.height - words.height) for name in words.columns}, words.schema
    )
    sign = pl.when("speaks").then(pl.lit("speaks as a model")).otherwise(pl.lit("refuses as an assistant"))
    columns = found.select(
        sign=sign, source_says=pl.col("writer").replace_strict(SAID, return_dtype=pl.String)
    )
    where = places.place(train, found["row"].to_numpy()).select(pl.lit("train").alias("split"), pl.all())
    shown = pl.concat([where, columns, pl.concat([words, unquoted])], how="horizontal")
    return (Evidence("Answers in the voice of a machine", shown, ("said_text", "text")),)


def openings(train: Split, read: Answers) -> tuple[Evidence, ...]:
    """The openings that many answers share, with the first row of each."""
    found = read.templated
    if found.is_empty():
        return ()
    first = found["row"]
    where = places.place(train, first.to_numpy()).select(pl.lit("train").alias("split"), pl.all())
    text = train.take(first.head(places.QUOTED), "response").select(text=pl.col("response").str.slice(0, 80))
    counts = found.select("rows", share=pl.col("rows") / read.answered)
    return (
        Evidence(
            "Openings that many answers share", pl.concat([where, counts, text], how="horizontal"), ("text",)
        ),
    )


def by_source(rows: pl.DataFrame) -> Result:
    """`source_generated_rows` of each `source`, and a table of what each says and how many of its answers speak."""
    groups = (
        rows.drop_nulls("source")
        .group_by("source")
        .agg(
            rows=pl.len().cast(pl.Int64),
            says=pl.col("writer").first().replace_strict(SAID, return_dtype=pl.String),
            generated=pl.col("machine").sum().cast(pl.Int64),
            self_identifying=pl.col("speaks").sum().cast(pl.Int64),
            refusals=pl.col("refuses").sum().cast(pl.Int64),
        )
        .sort("rows", "source", descending=[True, False])
    )
    if groups.height > MANY:
        return Result((), (), (f"{groups.height:,} sources are too many to be told one by one.",))
    long = places.quoting(groups, "source")
    groups = places.told_apart(places.brief(groups.rename({"source": "label"}), "label")).rename(
        {"label": "source"}
    )
    measures = tuple(
        Measure(name="source_generated_rows", value=count, of=of, group=source)
        for source, of, count in groups.select("source", "rows", "generated").iter_rows()
    )
    return Result(measures, (Evidence("What each source says", groups, labels=long),))


def unknown_words(rows: pl.DataFrame) -> tuple[str, ...]:
    """A note that names the values of the column that say nothing."""
    unknown = rows.filter(pl.col("writer") == int(Writer.UNKNOWN))
    if unknown.is_empty():
        return ()
    named = (
        unknown.drop_nulls("source").group_by("source").len().sort("len", "source", descending=[True, False])
    )
    short = named.filter(pl.col("source").str.len_chars() <= NAME).head(FEW)
    words = [f"“{source}” ({count:,})" for source, count in short.iter_rows()]
    if nameless := unknown["source"].null_count():
        words.append(f"nothing at all ({nameless:,})")
    more = named.height - short.height
    said = ", ".join(words) + (f" and {more:,} further values" if more else "")
    return (
        (
            f"The column of sources does not tell who wrote {unknown.height:,} of {rows.height:,} rows: {said.removeprefix(' and ')}. "
            "Values that do say so go into `generated` or `human` of [check.origin]."
        ),
    )
