"""What a report tells that has to be looked at: the limits that were not kept, and the checks behind them."""

from __future__ import annotations

from auditor.report.gates import ORDER
from auditor.report.model import Report, RulingModel


def failing_rulings(report: Report) -> list[RulingModel]:
    """Limits of required gates that were not kept, the worst first."""
    rulings = [ruling for gate in report.gates if gate.required for ruling in gate.rulings]
    return sorted(
        (ruling for ruling in rulings if ruling.verdict != "PASS"), key=lambda one: -ORDER[one.verdict]
    )


def failing_checks(report: Report) -> list[str]:
    """Checks behind these limits, those behind the worst verdicts first."""
    return list(dict.fromkeys(ruling.check for ruling in failing_rulings(report)))
