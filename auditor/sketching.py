"""One sketch from eval files to sketch file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from auditor.errors import DataError
from auditor.load.cachefolder import in_use
from auditor.load.dataset import Loaded, Request, load_sources
from auditor.load.sketches import pack, read_secret
from auditor.load.sketchinput import find_sketch
from auditor.load.sources import find_sources
from auditor.load.work import Work
from auditor.newfile import check_new, write_new
from auditor.report.plain import plain
from auditor.settings import Settings
from auditor.wording import size
from checks.text.texts import Texts


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, in words."""

    told: str
    advice: tuple[str, ...]


def sketch_files(settings: Settings, to: Path, work: Work, *, force: bool) -> Written:
    """Write a sketch of the eval files that the settings name.

    Args:
        settings: the eval files, and the key file if there is one.
        to: the sketch to write.
        work: where rows are stored, and what may be used for it.
        force: replace a file that is there.

    Raises:
        DataError: a file cannot be read, or the sketch cannot be written.
    """
    sources, notes = find_sources((), settings.eval)
    read = [source.path for source in sources if source.path is not None]
    read += [Path(one) for one in (settings.key_file, settings.file) if one]
    check_new(to, read, force=force)
    if find_sketch(sources, settings.key_file) is not None:
        raise DataError("a sketch cannot be sketched again; name the eval files it was made of")
    secret = None if settings.key_file is None else read_secret(Path(settings.key_file))
    request = Request(train=(), eval=settings.eval, mapping=settings.map, input_format=settings.input_format)
    with in_use(work.cache):
        loaded = load_sources(sources, request, work, notes=notes)
        texts = _texts(loaded)
        work.tick("hashing rows", 0, 0)
        content = pack(texts, secret)
    write_new(to, content, force=force)
    told = f"{plain(str(to))}: {len(texts):,} eval rows, {size(len(content))}"
    return Written(told, tuple(map(plain, _advice(loaded, to, settings.key_file))))


def _texts(loaded: Loaded) -> Texts:
    unread = next((one.error for one in loaded.inputs if one.error), None)
    if unread:
        raise DataError(unread)
    if loaded.eval is None or not loaded.eval.rows or "text" not in loaded.eval.stored:
        raise DataError("the eval files hold no row with a text, so there is nothing to sketch")
    return Texts(loaded.eval)


def _advice(loaded: Loaded, to: Path, key_file: str | None) -> list[str]:
    """What is not in it, what can be learned from it, and what to do with it."""
    lost = int(loaded.ledger.filter(pl.col("lost"))["records"].sum())
    advice = [*loaded.notes]
    if lost:
        advice.append(f"{lost:,} records could not be read and are not in it; auditor audit says which.")
    key = (
        "The key is in the file too, unless --key-file keeps it apart."
        if key_file is None
        else f"The key is made from {key_file}; hand that over another way."
    )
    return [
        *advice,
        "It holds no text, labels, ids or file names.",
        "Whoever has it: number of rows, their lengths, which share wording.",
        "Whoever has the key too: may test guesses of rows, prompts and five-word",
        "phrases, and guess on from a phrase that is right, word by word.",
        key,
        f"Then: auditor audit train.jsonl --eval {to}" + (f" --key-file {key_file}" if key_file else ""),
    ]
