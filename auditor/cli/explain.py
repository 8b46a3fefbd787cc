"""`auditor explain`."""

from __future__ import annotations

import click


@click.command()
@click.argument("name")
def explain(name: str) -> None:
    """Print the claim, formulas, settings, limits and sources behind NAME: a check, a measure, a gate,
    a framework, all frameworks, or the prices."""
    from auditor.errors import PolicyError, suggest
    from auditor.frameworks.description import describe, describe_all
    from auditor.frameworks.loading import load_frameworks
    from auditor.policy import load_policy
    from auditor.registry import discover
    from auditor.report.documentation import document, document_gate, document_prices

    found, broken = discover()
    if name in broken:
        message = f"check {name!r} failed to load: {broken[name].why}"
        raise PolicyError(message)
    policy = load_policy(None)
    library = load_frameworks()
    frameworks = {framework.id: framework for framework in library.frameworks}
    if name in found:
        text = document(found[name], policy)
    elif name == "prices":
        text = document_prices()
    elif name == "frameworks":
        text = describe_all(library)
    elif name in frameworks:
        text = describe(frameworks[name], library.questions)
    elif name in policy.gates:
        text = document_gate(name, policy)
    else:
        owners = [check for check in found.values() if name in check.measures]
        if not owners:
            known = [
                *found,
                *policy.gates,
                *frameworks,
                "frameworks",
                "prices",
                *(measure for check in found.values() for measure in check.measures),
            ]
            near = suggest(name, known, "known are")
            every = f"; checks are {', '.join(found)}; gates are {', '.join(policy.gates)}"
            hint = near if "did you mean" in near else every
            message = f"there is no check, gate or measure {name!r}{hint}"
            raise PolicyError(message)
        text = "\n".join(document(check, policy) for check in owners)
    click.echo(text, nl=False)
