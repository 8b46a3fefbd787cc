"""Words for what went wrong, and whether fine-tuning can mend it: behaviour it can, facts it cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import polars as pl

Cause = Literal["behaviour", "fact", "other"]
BEHAVIOUR = (
    "tone", "style", "voice", "persona", "brand", "format", "formatting", "schema", "json", "xml", "yaml", "markdown",
    "structure", "syntax", "parse", "parsing", "invalid", "layout", "length", "verbose", "verbosity", "concise",
    "classification", "classify", "misclassification", "misclassified", "label", "class", "category", "intent", "refusal",
    "refused", "overrefusal", "safety", "politeness", "register", "formality", "instruction",
    "consistency", "tool", "toolcall", "function", "field",
)  # fmt: skip
"""S1: tone, format or classification; and what S0 and S2 fine-tune for: style, voice, schemas, refusals, tool calls."""
FACT = (
    "fact", "factual", "factually", "factuality", "knowledge", "hallucination", "hallucinated", "hallucinate", "hallucinating",
    "inaccurate", "outdated", "stale", "retrieval", "grounding", "groundedness", "ungrounded", "citation", "source",
    "fabricated", "fabrication", "confabulation",
)  # fmt: skip
"""S1: facts are a matter of retrieval, not of fine-tuning."""
CAUSES: Mapping[str, Cause] = {**dict.fromkeys(BEHAVIOUR, "behaviour"), **dict.fromkeys(FACT, "fact")}


def cause_of(word: str) -> Cause:
    """What a failure type is about; `other` where no word of it is known, or words of both kinds are in it."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)
    parts = re.findall(r"[a-z]+", parted.lower())
    found = {CAUSES[one] for part in parts for one in {part, part.removesuffix("s")} if one in CAUSES}
    return found.pop() if len(found) == 1 else "other"


def causes(failures: pl.Series) -> pl.Series:
    """The cause behind each failure type; null stays null."""
    known = {word: cause_of(word) for word in failures.drop_nulls().unique().to_list()}
    return failures.replace_strict(known, default=None, return_dtype=pl.String).alias("cause")
