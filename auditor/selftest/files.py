"""A self-test from files to counts."""

from __future__ import annotations

from dataclasses import replace

from auditor.auditing import policy_of
from auditor.errors import DataError
from auditor.load.cachefolder import in_use
from auditor.load.work import Work
from auditor.opening import open_data
from auditor.registry import filled
from auditor.selftest.trial import Trial, try_out
from auditor.settings import Settings
from checks.contract import TextSettings
from checks.rewrites import Rewrites


def selftest_files(settings: Settings, work: Work, *, each: int, seed: int) -> Trial:
    """Plant leaks among the rows of the files that the settings name, in memory, and look for them.

    Args:
        settings: the files, and the policy whose settings of texts and of rewrites hold.
        work: where rows are stored, and what may be used for it.
        each: rows to plant of each kind.
        seed: another seed plants other rows.

    Raises:
        PolicyError: a setting is wrong.
        DataError: a file cannot be read, or there is nothing to plant.
    """
    policy = policy_of(settings)
    text = filled(TextSettings, policy.text, "[text]")
    rewrites = filled(Rewrites, policy.checks.get(Rewrites.id, {}), "[check.rewrites]")
    files = replace(
        settings, reviewed=(), vectors=()
    )  # labels play no part, and planted rows have no vectors
    with in_use(work.cache):
        opened = open_data(files, text, work)
        unread = next((one.error for one in opened.loaded.inputs if one.error), None)
        if unread:
            raise DataError(unread)
        return try_out(opened.data, each=each, seed=seed, rewrites=rewrites)
