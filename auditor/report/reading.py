"""Reading a saved report back."""

from __future__ import annotations

from pathlib import Path

import msgspec

from auditor.errors import DataError
from auditor.report.model import Report

NAME = "report.json"


def read_report(path: Path) -> Report:
    """A saved report: the file, or the folder that `--out` named.

    Raises:
        DataError: there is no report, or one of another schema.
    """
    file = path / NAME if path.is_dir() else path
    try:
        return Report.from_json(file.read_bytes())
    except OSError as error:
        message = (
            f"{file} cannot be read: {error.strerror or error}; --out DIR or --format json keep a report"
        )
        raise DataError(message) from None
    except msgspec.MsgspecError as error:
        message = f"{file} is no report of auditor: {error}"
        raise DataError(message) from None
