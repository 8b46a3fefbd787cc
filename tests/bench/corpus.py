"""A large planted corpus for the benchmarks: chat rows with known duplicates and known leaks.

    python tests/bench/corpus.py FOLDER --rows 1000000 --eval 10000 --seed 1 [--boilerplate 0.2]

Writes train.jsonl, eval.jsonl (OpenAI chat messages) and truth.jsonl, one planted relation a line:
{"rel": "dup" | "leak", "kind": ..., "a": row, "b": row}; for dup both are training rows (b the copy), for leak a is the
eval row. The text is made of runs of 3 to 9 words from the docstrings and comments of the running Python's standard
library, so word frequencies are real and no network is needed. Same Python, same seed: same bytes.
"""

from __future__ import annotations

import argparse
import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

OPENINGS = (
    "Summarise this for a newcomer:", "Why does this happen?", "Rewrite the passage below in plain words:",
    "Which of these statements hold?", "Find the mistake in the following:", "Answer from the text below.",
)  # fmt: skip
ANSWERS = ("In short:", "Yes, because", "There are three points.", "That depends:", "", "", "")
TEMPLATE = (
    "Thank you for writing to us. We are sorry that your parcel has not arrived in time. Please send us the number of "
    "your order and your address, and one of our colleagues will look into the matter within two working days and "
    "come back to you as soon as there is news. We wish you a pleasant day and hope to see you again soon."
)
LEAKS = ("exact", "normalised", "light", "light", "paraphrase", "embedded", "embedded", "prompt")
Row = dict[str, object]


def library_words() -> np.ndarray:
    """Words of all docstrings of the standard library, in a fixed order."""
    words: list[str] = []
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")):
        if {"site-packages", "__pycache__", "idlelib", "lib2to3"} & set(path.parts):
            continue
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (UnicodeDecodeError, SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                words += (ast.get_docstring(node) or "").split()
    return np.array([word for word in words if len(word) < 30], dtype=object)


class Writer:
    """Draws rows and edits from one random stream."""

    def __init__(self, seed: int) -> None:
        self.words = library_words()
        self.draw = np.random.default_rng(seed)

    def runs(self, count: int) -> list[str]:
        """About `count` words, made of runs of the source."""
        sizes = self.draw.integers(3, 10, count // 5 + 2)
        starts = self.draw.integers(0, len(self.words) - 10, len(sizes))
        picked: list[str] = []
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
            picked += self.words[start : start + size].tolist()
        return picked[:count]

    def rows(self, number: int) -> Iterator[tuple[str, str]]:
        """(question, answer) of fresh rows."""
        sizes = np.clip(self.draw.lognormal(np.log(100), 0.8, number), 8, 6000).astype(int)
        shares = self.draw.uniform(0.15, 0.6, number)
        for size, share in zip(sizes.tolist(), shares.tolist(), strict=True):
            words, cut = self.runs(size), max(3, int(size * share))
            opening, answer = (
                OPENINGS[self.draw.integers(len(OPENINGS))],
                ANSWERS[self.draw.integers(len(ANSWERS))],
            )
            yield f"{opening} {' '.join(words[:cut])}", f"{answer} {' '.join(words[cut:])}".strip()

    def edited(self, text: str, share: float) -> str:
        """The text with about this share of its words replaced, dropped or doubled."""
        words = text.split(" ")
        places = self.draw.choice(len(words), max(1, round(share * len(words))), replace=False)
        for place in sorted(places.tolist(), reverse=True):
            match self.draw.integers(6):
                case 0:
                    del words[place]
                case 1:
                    words.insert(place, words[place])
                case _:
                    words[place] = str(self.words[self.draw.integers(len(self.words))])
        return " ".join(words)


def disguised(text: str) -> str:
    """Same words, other case, spacing and punctuation."""
    return "  " + text.upper().replace(".", " !").replace(",", " ;") + "\n"


def chat(question: str, answer: str) -> Row:
    """A row in OpenAI's format."""
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def leaked(writer: Writer, kind: str, item: tuple[str, str], host: tuple[str, str]) -> tuple[str, str]:
    """A training row that holds an eval item in one of the ways of `LEAKS`."""
    question, answer = item
    match kind:
        case "exact":
            return item
        case "normalised":
            return disguised(question), disguised(answer)
        case "light" | "paraphrase":
            share = writer.draw.uniform(0.01, 0.06) if kind == "light" else writer.draw.uniform(0.12, 0.25)
            return writer.edited(question, share), writer.edited(answer, share)
        case "embedded":
            words = host[1].split(" ")
            middle = len(words) // 2
            return host[0], " ".join([*words[:middle], question, answer, *words[middle:]])
        case _:
            return question, host[1]


def copied(writer: Writer, kind: str, item: tuple[str, str]) -> tuple[str, str]:
    """A copy of a training row: exact, normalised, or near with an aimed 5-gram similarity of .6 to .95."""
    if kind == "exact":
        return item
    if kind == "normalised":
        return disguised(item[0]), disguised(item[1])
    aim = float(writer.draw.choice([0.6, 0.7, 0.8, 0.9, 0.95]))
    share = (1 - aim) / (1 + aim) / 5
    return writer.edited(item[0], share), writer.edited(item[1], share)


def write(folder: Path, *, rows: int, evals: int, seed: int, boilerplate: float) -> None:
    """Write the three files."""
    folder.mkdir(parents=True, exist_ok=True)
    writer, encode = Writer(seed), msgspec.json.encode
    items = list(writer.rows(evals))
    (folder / "eval.jsonl").write_bytes(b"".join(encode(chat(*item)) + b"\n" for item in items))
    plan = np.full(rows, "fresh", dtype=object)
    counts = {"exact": rows // 50, "normalised": rows // 200, "near": 3 * rows // 100, "leak": evals // 10}
    places = writer.draw.permutation(rows)
    for kind, number in (*counts.items(), ("template", int(boilerplate * rows))):
        plan[places[:number]] = kind
        places = places[number:]
    targets = iter(writer.draw.choice(evals, counts["leak"], replace=False).tolist())
    pool: list[tuple[int, tuple[str, str]]] = []
    leaks = 0
    with (folder / "train.jsonl").open("wb") as train, (folder / "truth.jsonl").open("wb") as truth:
        for row, (kind, item) in enumerate(zip(plan.tolist(), writer.rows(rows), strict=True)):
            made = item
            if kind == "template":
                made = (f"Where is my order {writer.draw.integers(10**6)}?", TEMPLATE)
            elif kind == "leak":
                target, way = next(targets), LEAKS[leaks % len(LEAKS)]
                made, leaks = leaked(writer, way, items[target], item), leaks + 1
                truth.write(encode({"rel": "leak", "kind": way, "a": target, "b": row}) + b"\n")
            elif kind != "fresh" and pool:
                source, original = pool[writer.draw.integers(len(pool))]
                made = copied(writer, kind, original)
                truth.write(encode({"rel": "dup", "kind": kind, "a": source, "b": row}) + b"\n")
            elif len(pool) < 4000:
                pool.append((row, item))
            elif writer.draw.random() < 0.05:
                pool[writer.draw.integers(4000)] = (row, item)
            train.write(encode(chat(*made)) + b"\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--eval", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--boilerplate", type=float, default=0.0, help="share of rows made from one template")
    given = parser.parse_args()
    write(given.folder, rows=given.rows, evals=given.eval, seed=given.seed, boilerplate=given.boilerplate)
