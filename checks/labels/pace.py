"""When judgements were given: times as seconds, and labelers who cannot have read what they judged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.labels.votes import Floats, Ints

GAPS = 20
"""Gaps between judgements that a labeler must have: enough for a median that one break or one slip does not move."""
FASTER = 1 / 3
"""Of the usual median gap: below a third is no longer a practised hand; surveys drop those below a half or a third."""
OUTLYING = 3.0
"""Robust standard deviations below the usual one (scaled median absolute deviation; 3 is the strict choice of Leys et
al. 2013), so that a crowd whose pace varies much is not accused."""
HUMAN = 0.2
"""Seconds: nobody reacts to what they see in less, so half of the gaps below it were written by a program."""
COARSE = 60.0
"""Times that are all whole minutes, or days, say nothing about seconds."""
BLINK = 2.0
"""Seconds below which a questionnaire's item cannot have been read with care (Huang et al. 2012); shown, not judged."""

_DATE = r"^\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?([.,]\d+)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?\s*$"
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""Least number of a timestamp since 1970 in nano-, micro-, milliseconds and seconds, and how many make a second."""


class Pace(NamedTuple):
    """How fast each labeler went, one entry per labeler who could be timed."""

    labeler: Ints
    gaps: Ints
    median: Floats
    """Seconds between judgements."""
    blinks: Floats
    """Share of the gaps below `BLINK` seconds."""
    speeding: NDArray[np.bool_]
    usual: float
    """Median of the medians."""


def seconds(times: pl.Series) -> Floats:
    """Seconds since 1970 of numbers (s, ms, us or ns) and ISO 8601 texts, those without a zone as UTC; else NaN."""
    number = times.cast(pl.Float64, strict=False)
    unit = pl.lit(None, pl.Float64)
    for least, size in reversed(_UNITS):
        unit = pl.when(number >= least).then(size).otherwise(unit)
    part = [times.str.extract(_DATE, group) for group in range(1, 6)]
    clock = part[0] + "T" + part[1].fill_null("00:00") + part[2].fill_null(":00")
    whole = clock.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False).dt.epoch("s")
    fraction = part[3].str.replace(",", ".").cast(pl.Float64, strict=False).fill_null(0)
    digits = part[4].str.replace_all(r"[^0-9]", "").str.pad_end(4, "0")
    hours, minutes = (digits.str.slice(at, 2).cast(pl.Int64, strict=False).fill_null(0) for at in (0, 2))
    east = pl.when(part[4].str.starts_with("-").fill_null(value=False)).then(-1).otherwise(1)
    zone = (hours * 3600 + minutes * 60) * pl.select(east).to_series()
    found = pl.select((number / unit).fill_null(whole + fraction - zone).alias("s"))["s"]
    return found.cast(pl.Float64).fill_null(np.nan).to_numpy()


def pace(labeler: Ints, time: Floats) -> Pace | None:
    """The pace of the labelers who can be timed; None where the times do not say when somebody judged.

    A gap is the time from one judgement of a labeler to their next. Labelers with fewer than 20 gaps, and those whose
    gaps are mostly below 0.2 seconds (uploaded in batches), cannot be timed. A labeler is speeding whose median gap is
    below a third of the median labeler's and 3 robust standard deviations below it on the logarithmic scale. With
    fewer than three labelers nobody is usual.
    """
    known = np.isfinite(time)
    labeler, time = labeler[known], time[known]
    if not len(time) or not ((time - time.min()) % COARSE).any():
        return None
    order = np.lexsort((time, labeler))
    who, gap = labeler[order][1:], np.diff(time[order])
    same = who == labeler[order][:-1]
    told = (
        pl.DataFrame({"labeler": who[same], "gap": gap[same]})
        .group_by("labeler")
        .agg(
            gaps=pl.len(),
            median=pl.col("gap").median(),
            blinks=(pl.col("gap") < BLINK).mean(),
        )
        .filter((pl.col("gaps") >= GAPS) & (pl.col("median") >= HUMAN))
        .sort("labeler")
    )
    if told.height < 3:
        return None
    median = told["median"].to_numpy()
    low = np.log(median) - np.log(np.median(median))
    spread = 1.4826 * np.median(np.abs(low))
    speeding = (low < np.log(FASTER)) & (low < -OUTLYING * spread)
    return Pace(
        told["labeler"].to_numpy(),
        told["gaps"].cast(pl.Int64).to_numpy(),
        median,
        told["blinks"].to_numpy(),
        speeding,
        float(np.median(median)),
    )
