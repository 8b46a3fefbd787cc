"""How an audit runs. The names here are the public face: `audit` for scripts, the rest for authors of checks."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.version import __version__

_OURS = Path(__file__).resolve().parent.parent / "checks"
_FOUND = find_spec("checks")  # looked for and not imported: the other one's code is none of our business
if not _FOUND or not _FOUND.origin or not Path(_FOUND.origin).resolve().is_relative_to(_OURS):
    message = (
        f"{_FOUND and _FOUND.origin} hides auditor's own 'checks' package: take '.' out of PYTHONPATH, "
        "or run the `auditor` command instead of `python -m auditor`"
    )
    raise ImportError(message)

if TYPE_CHECKING:
    from auditor.face import audit
    from auditor.report.model import Report
    from checks.contract import Check, Data, Evidence, Measure, Result, Split
    from checks.measures import Chart, Counted

_FROM = {
    "audit": "auditor.face",
    "Report": "auditor.report.model",
    **dict.fromkeys(("Check", "Data", "Evidence", "Measure", "Result", "Split"), "checks.contract"),
    **dict.fromkeys(("Chart", "Counted"), "checks.measures"),
}
"""Public name -> module; imported on first use, so that `auditor --help` stays instant."""

__all__ = [
    "Chart",
    "Check",
    "Counted",
    "Data",
    "Evidence",
    "Measure",
    "Report",
    "Result",
    "Split",
    "__version__",
    "audit",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  any public object
    if name not in _FROM:
        message = f"module 'auditor' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_FROM[name]), name)
