"""A sketch among the inputs: told by its content, never read as data, and alone on the eval side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import DataError
from auditor.load.dataset import Input, Loaded
from auditor.load.sources import Source

if TYPE_CHECKING:
    from checks.text.sketch import Sketch


BEGIN = b"auditor-sketch "
"""First bytes of a sketch of any version; the rest of the line is that of `auditor.load.sketches`."""


@dataclass(frozen=True, slots=True)
class FoundSketch:
    """A sketch that was named as eval data."""

    sketch: Sketch
    sha256: str


def find_sketch(sources: Sequence[Source], key_file: str | None) -> FoundSketch | None:
    """The sketch that stands for the eval data, None if these are data.

    Raises:
        DataError: a sketch is named as training data, beside other eval data, or cannot be used.
    """
    found = [source for source in sources if source.path is not None and _says_so(source.path)]
    for source in found:
        if source.role == "train":
            message = f"{source.name} is a sketch of an eval set, not training data; name it with --eval"
            raise DataError(message)
    if not found:
        return None
    _alone(found, [source for source in sources if source.role == "eval" and source not in found])
    from auditor.load.sketches import read_secret, read_sketch

    secret = None if key_file is None else read_secret(Path(key_file))
    try:
        content = (found[0].path or Path()).read_bytes()
    except OSError as error:
        message = f"{found[0].name} cannot be read: {error.strerror or error}"
        raise DataError(message) from None
    return FoundSketch(read_sketch(content, found[0].name, secret), sha256(content).hexdigest())


def beside(loaded: Loaded, found: FoundSketch) -> Loaded:
    """What was read, with the sketch among its inputs.

    Raises:
        DataError: the training files bring eval rows of their own.
    """
    name = found.sketch.name
    if loaded.eval is not None:
        message = (
            f"the training files hold eval rows of their own (a split column), which cannot be looked at together with "
            f"the sketch {name}; take one of the two out and audit them apart"
        )
        raise DataError(message)
    rows = len(found.sketch.rows.words)
    told = Input(
        role="eval",
        path=name,
        sha256=found.sha256,
        rows=rows,
        format="sketch",
        facts=("hashes only",),
        error=None,
    )
    return replace(loaded, inputs=(*loaded.inputs, told))


def _says_so(path: Path) -> bool:
    """Whether a file begins as a sketch does, of whatever version; what a pipe holds can be read only once."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(BEGIN)) == BEGIN
    except OSError:  # the loader says why
        return False


def _alone(found: list[Source], others: list[Source]) -> None:
    if len(found) > 1:
        names = " and ".join(source.name for source in found)
        message = f"{names} are sketches; one audit takes one of them, so audit once with each"
        raise DataError(message)
    if others:
        message = (
            f"{found[0].name} is a sketch and {others[0].name} is data; one audit takes either, so audit once with "
            "each, or sketch all eval files together: auditor sketch FILE... -o eval.sketch"
        )
        raise DataError(message)
