"""Columns of the tables that readers hand to checks beside the rows: what they found, and results of models."""

from __future__ import annotations

import polars as pl

FURTHER = "label:"
"""Begin of the names of stored columns with further labels."""
LABEL_LIST = "label_list"
"""Name of the stored column with the labels of rows that have several, one by one."""
GROUPS = ("document", "conversation", "user")
"""Stored columns that name what several rows have in common, so that they are no independent examples."""
LEDGER = pl.Schema(
    {
        "split": pl.String,  # role of the file
        "file": pl.String,
        "line": pl.Int64,  # 1-based; null where the whole file is meant
        "column": pl.Int64,  # 1-based byte (JSON) or field (CSV) in that line; null where unknown
        "path": pl.String,  # JSON path of a wrong type: $.messages[1].content
        "code": pl.String,  # stable name of the finding: "bad-json", "not-utf8", ...
        "lost": pl.Boolean,  # True: the record could not be used; False: read all the same, worth knowing
        "what": pl.String,
        "fix": pl.String,
        "records": pl.Int64,  # how many records this row stands for
    }
)
"""One row per finding of the readers; findings beyond the first thousand of a kind in a file share one row."""

RUNS = ("baseline", "few-shot", "rag", "poc", "related-before", "related-after")
"""What a result file is of: the prompt alone, with examples, with retrieval and the fine-tuned model on the eval set; the
prompt and the fine-tuned model on a set of related tasks."""
RESULTS = pl.Schema(
    {
        "run": pl.String,  # one of RUNS
        "example": pl.Int64,  # row of the eval set; of related runs the number of the example, the same in both
        "id": pl.String,  # the user's own name of the example; null where examples are told by their order
        "score": pl.Float64,  # 0 (wrong) to 1 (right)
        "output": pl.String,  # what the model said; null where unknown
        "failure": pl.String,  # the user's word for what went wrong; null where it went right or is unknown
        "valid": pl.Boolean,  # whether the output keeps to the format; null where unknown
        "seconds": pl.Float64,  # latency
        "cost": pl.Float64,
        "file": pl.String,
        "line": pl.Int64,  # 1-based; of files without lines the number of the record
    }
)
"""One row per example that a model was tried on."""
