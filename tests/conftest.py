"""Settings of all tests."""

from hypothesis import settings

from tests.commands import auditor

__all__ = ["auditor"]

# Deterministic, and without deadlines: the first call of a kernel may compile it.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
