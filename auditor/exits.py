"""What the exit code of an audit says."""

from __future__ import annotations

from auditor.report.model import Report


def exit_code(report: Report, *, fail_on_warn: bool = False, exit_zero: bool = False) -> int:
    """0 ready, 1 not ready, 2 an input could not be read, 3 one of our own checks crashed."""
    if report.crashed and _any_builtin(report.crashed):
        return 3
    if report.failed_inputs:
        return 2
    bad = {"BLOCK", "UNKNOWN"} | ({"WARN"} if fail_on_warn else set())
    return 1 if report.verdict in bad and not exit_zero else 0


def _any_builtin(checks: tuple[str, ...]) -> bool:
    from auditor.registry import is_builtin

    return any(map(is_builtin, checks))
