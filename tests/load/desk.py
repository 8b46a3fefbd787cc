"""Files written by a test, loaded as a user would, and what came of it in short."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.load.dataset import Input, Loaded, Request, load
from auditor.load.work import Work
from checks.contract import Split, TextSettings


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A folder of files and a cache folder of its own."""

    folder: Path
    cache: Path

    def write(self, name: str, content: str | bytes | Iterable[Any]) -> str:
        """Write text, bytes, or records as JSON Lines; the path to load."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str | bytes):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        else:
            path.write_text(lines(content), encoding="utf-8")
        return str(path)

    def load(
        self, *train: str, evals: tuple[str, ...] = (), mapping: Mapping[str, str] | None = None,
        input_format: str | None = None, text: TextSettings | None = None, **how: Any,
    ) -> Loaded:  # fmt: skip
        request = Request(train=train, eval=evals, mapping=mapping or {}, input_format=input_format)
        return load(request, Work(cache=self.cache, **how), text=text)

    def read(self, name: str, content: str | bytes | Iterable[Any], **how: Any) -> Loaded:
        """What comes of one train file."""
        return self.load(self.write(name, content), **how)

    def left(self) -> list[str]:
        """What stands in the cache that is neither complete nor known."""
        return [path.name for path in (self.cache / "building").iterdir()]


def lines(records: Iterable[Any]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def rows(split: Split | None, *columns: str) -> list[Any]:
    """Values of a column, or tuples of several."""
    assert split is not None
    frame = split.frame.select(*columns).collect()
    return frame[columns[0]].to_list() if len(columns) == 1 else frame.rows()


def found(loaded: Loaded) -> list[tuple[str, int | None]]:
    """(code, line) of every finding, by line."""
    return sorted(loaded.ledger.select("code", "line").rows(), key=lambda pair: (pair[1] or 0, pair[0]))


def only(loaded: Loaded) -> Input:
    """The one input, which was read."""
    assert len(loaded.inputs) == 1
    assert loaded.inputs[0].error is None, loaded.inputs[0].error
    return loaded.inputs[0]


def trouble(loaded: Loaded) -> str:
    """Why the one input could not be read."""
    assert len(loaded.inputs) == 1
    assert loaded.inputs[0].error is not None
    assert loaded.train.rows == 0
    return loaded.inputs[0].error
