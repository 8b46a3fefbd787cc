"""The model of the labels, where it can be believed."""

from __future__ import annotations

from checks.contract import Data
from checks.labels.classes import distinct_labels
from checks.labels.suspicion import TRUSTED, Suspicion, suspicions
from checks.unpaired import verdicts


def believed(data: Data) -> Suspicion | None:
    """What a model makes of the labels of train, if it can be believed; labels that are no classes have none."""
    if not {"train.text", "train.label"} <= data.offers() or data.once(distinct_labels).no_classes:
        return None
    found = None if verdicts(data.train) is not None else data.once(suspicions)
    return None if found is None or found.accuracy < TRUSTED else found
