"""Auditing from a script or notebook."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.load.cachefolder import default_cache
from auditor.load.work import Work
from auditor.planning.make import audit_planned
from auditor.report.model import Report
from auditor.settings import Settings, with_text_settings

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def audit(
    train: Paths,
    eval: Paths = (),
    *,
    task: str | None = None,
    stage: str | None = None,
    policy: str | None = None,
    stance: str | None = None,
    map: Mapping[str, str] | None = None,
    input_format: str | None = None,
    require: Sequence[str] = (),
    reviewed: Paths = (),
    vectors: Paths = (),
    threshold: float | None = None,
    recall: float | None = None,
    cache: bool = True,
    redact: bool = False,
) -> Report:
    """Audit files and return the report; settings files in the working directory are not read.

    Args:
        train: training files, quoted globs or folders.
        eval: eval files.
        task: what the model is for, see `auditor explain size`; by default what the format tells.
        stage: "before-labeling" or "before-training"; by default by whether anything is labelled.
        policy: name of a shipped policy or path of a TOML file.
        stance: "strict", "balanced", "lenient" or a source, where sources disagree.
        map: column -> role, where the names do not tell.
        input_format: name of a record format, where detection fails.
        require: further gates to require.
        reviewed: filled review sheets, as `auditor review` writes them.
        vectors: two .npy files, a vector for each row of train and of eval.
        threshold: Jaccard similarity from which texts are near copies; .8 by default.
        recall: share of the near copies at the threshold to find; .999 by default.
        cache: keep the parsed rows for the next audit of the same files.
        redact: leave the text of the rows out of the evidence.

    Raises:
        AuditorError: the files or settings cannot be used; says why and what to do.
    """
    settings = Settings(
        train=_names(train),
        eval=_names(eval),
        task=task,
        stage=stage,
        policy=policy,
        stance=stance,
        map=map or {},
        input_format=input_format,
        require=tuple(require),
        reviewed=_names(reviewed),
        vectors=_names(vectors),
    )
    settings = with_text_settings(settings, threshold=threshold, recall=recall)
    if cache:
        return audit_planned(settings, Work(cache=default_cache()), redact=redact).report
    with tempfile.TemporaryDirectory(prefix="auditor-") as folder:
        return audit_planned(settings, Work(cache=Path(folder)), redact=redact).report


def _names(paths: Paths) -> tuple[str, ...]:
    several = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    return tuple(os.fspath(path) for path in several)
