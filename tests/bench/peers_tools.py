"""One tool that finds near-duplicates, in a process of its own; `tests/bench/peers.py` starts it.

    python peers_tools.py TOOL TEXTS RESULT

TEXTS holds one JSON string a line. RESULT gets the costs and what was found as JSON. Each tool is its own function:
it imports what it needs and returns the function that is measured, from texts to `Found`. Nothing but the standard
library is imported here, so that it runs in the environment of any tool.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

THRESHOLD, PERMUTATIONS, WORDS = 0.8, 128, 5
MISSING = 3
"""Exit code that says that the tool is not installed."""
WARM = 200
"""Texts of the run that comes before the one that is measured: it compiles, and imports what is imported late."""


@dataclass(frozen=True)
class Found:
    """What a tool reports: pairs of rows, the one that it would leave out first, or no more than such rows."""

    pairs: list[tuple[int, int]]
    rows: list[int]


Find = Callable[[list[str], Path], Found]
"""From texts and an empty folder to what was found."""


@dataclass(frozen=True)
class Tool:
    """A tool and how it is run."""

    package: str
    load: Callable[[], Find]
    raw: bool = False
    """It gets the texts as they are; all others get their folded words, joined by single spaces."""


def auditor() -> Find:
    """The text pass and the clusters behind `duplicates`, every pair verified."""
    import pyarrow as pa

    from checks.contract import Data, Part, Split, TextSettings
    from checks.text.clusters import train_clusters

    def find(texts: list[str], _: Path) -> Found:
        table = pa.table({"text": pa.array(texts, pa.large_string())})
        split = Split(role="train", parts=(Part(file="train.jsonl", table=table),))
        settings = TextSettings(shingle="w5", threshold=THRESHOLD, permutations=PERMUTATIONS)
        keeper = Data(train=split, text=settings).once(train_clusters).keeper.tolist()
        return Found([(row, kept) for row, kept in enumerate(keeper) if row != kept], [])

    return find


def shingles(text: str) -> list[str]:
    """The 5-grams of folded words, as their users would cut them for tools that take tokens."""
    words = text.split(" ")
    return [" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))]


def datasketch() -> Find:
    """`MinHash.update_batch` on shared permutations and `MinHashLSH` with the bands that it chooses.

    Every row is looked up among those before it.
    """
    from datasketch import MinHash, MinHashLSH

    def find(texts: list[str], _: Path) -> Found:
        index, pairs = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS), []
        tokens = ([one.encode() for one in shingles(text)] for text in texts)
        for row, sketch in enumerate(MinHash.generator(tokens, num_perm=PERMUTATIONS)):
            pairs += [(row, other) for other in index.query(sketch)]
            index.insert(row, sketch)
        return Found(pairs, [])

    return find


def rensa() -> Find:
    """`RMinHashDeduplicator` with LSH: candidates are held against the threshold by their sketches."""
    from rensa import RMinHashDeduplicator

    def find(texts: list[str], _: Path) -> Found:
        index = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=PERMUTATIONS, use_lsh=True)
        kept = index.add_pairs((str(row), shingles(text)) for row, text in enumerate(texts))
        return Found([], [row for row, stays in enumerate(kept) if not stays])

    return find


def rensa_flags() -> Find:
    """`RMinHashLSH` in one call: rows that share one of 16 bands with another row, nothing held against anything."""
    from rensa import RMinHash, RMinHashLSH

    def find(texts: list[str], _: Path) -> Found:
        matrix = RMinHash.digest_matrix_from_token_sets(map(shingles, texts), PERMUTATIONS, 42)
        index = RMinHashLSH(THRESHOLD, PERMUTATIONS, 16)
        flags = index.query_duplicate_flags_matrix_one_shot(matrix)
        return Found([], [row for row, flag in enumerate(flags) if flag])

    return find


def text_dedup() -> Find:
    """`text_dedup.minhash` with the bands that it chooses; in one process, since two cost more CPU seconds."""
    from datasets import Dataset, disable_progress_bars
    from text_dedup import minhash
    from text_dedup.utils import IOArgs, MetaArgs, MinHashArgs

    disable_progress_bars()

    def find(texts: list[str], folder: Path) -> Found:
        Dataset.from_dict({"text": texts}).save_to_disk(str(folder / "in"))
        minhash.main.callback(
            io_args=IOArgs(
                path=str(folder / "in"),
                output=str(folder / "out"),
                cache_dir=str(folder),
                local=True,
                num_proc=None,
            ),
            meta_args=MetaArgs(column="text"),
            minhash_args=MinHashArgs(ngram=WORDS, min_length=1, num_perm=PERMUTATIONS, threshold=THRESHOLD),
        )
        roots = [(row, minhash.uf.find(row)) for row in range(len(texts))]
        return Found([pair for pair in roots if pair[0] != pair[1]], [])

    return find


def datatrove() -> Find:
    """The three steps of its MinHash pipeline, 14 bands of 8 as by default, on the words as they come."""
    from datatrove.data import Document
    from datatrove.pipeline.dedup import minhash
    from datatrove.utils.text import TextNormConfig
    from loguru import logger

    logger.remove()
    plain = TextNormConfig(norm_numbers=False, norm_weekdays=False, norm_monthnames=False)
    config = minhash.MinhashConfig(n_grams=WORDS, norm_config=plain)

    class Words:
        word_tokenize = staticmethod(str.split)

    minhash.load_word_tokenizer = lambda _: Words()  # its own would cut words anew, and needs spaCy

    def find(texts: list[str], folder: Path) -> Found:
        places = [str(folder / name) for name in ("signatures", "buckets", "clusters")]
        sign = minhash.MinhashDedupSignature(places[0], config)
        sign.run((Document(text=text, id=str(row)) for row, text in enumerate(texts)), 0, 1)
        for band in range(config.num_buckets):
            minhash.MinhashDedupBuckets(places[0], places[1], config=config).run(
                None, band, config.num_buckets
            )
        minhash.MinhashDedupCluster(places[1], places[2], config, save_cluster_id=True).run(None, 0, 1)
        return Found(list(leaving(Path(places[2]))), [])

    return find


def leaving(folder: Path) -> Iterator[tuple[int, int]]:
    """The rows that datatrove removes, each with the one that stays for it."""
    from struct import iter_unpack

    removed, clusters = folder / "000000.remove", folder / "000000.clusters"
    if not removed.exists():
        return
    gone = {row for (row,) in iter_unpack("<I", removed.read_bytes())}
    cluster = dict(iter_unpack("<II", clusters.read_bytes()))
    stays = {number: row for row, number in cluster.items() if row not in gone}
    yield from ((row, stays[cluster[row]]) for row in sorted(gone))


def semhash() -> Find:
    """SemHash on vectors of hashed 5-grams in place of a language model.

    1,024 dimensions with signs (K. Weinberger et al. 2009); two sets of like size and Jaccard similarity J have the
    cosine 2 J / (1 + J).
    """
    import numpy as np
    from semhash import SemHash

    def vector(text: str) -> np.ndarray:
        joined = b"".join(blake2b(one.encode(), digest_size=4).digest() for one in set(shingles(text)))
        hashes = np.frombuffer(joined, "<u4")
        return np.bincount(hashes % 1024, 1.0 - 2.0 * (hashes >> 31), 1024).astype(np.float32)

    class Encoder:
        def encode(self, inputs: list[str], **_: object) -> np.ndarray:
            return np.stack([vector(text) for text in inputs])

    def find(texts: list[str], _: Path) -> Found:
        records = [{"text": text, "row": row} for row, text in enumerate(texts)]
        index = SemHash.from_records(records, columns=["text"], model=Encoder())
        result = index.self_deduplicate(threshold=2 * THRESHOLD / (1 + THRESHOLD))
        return Found([(one.record["row"], one.duplicate_of["row"]) for one in result.filtered], [])

    return find


def data_juicer() -> Find:
    """`document_minhash_deduplicator` with the bands that it chooses."""
    from data_juicer.ops.deduplicator.document_minhash_deduplicator import DocumentMinhashDeduplicator
    from datasets import Dataset, disable_progress_bars
    from loguru import logger

    logger.remove()
    disable_progress_bars()

    def find(texts: list[str], _: Path) -> Found:
        operator = DocumentMinhashDeduplicator(
            window_size=WORDS, num_permutations=PERMUTATIONS, jaccard_threshold=THRESHOLD
        )
        given = Dataset.from_dict({"text": texts, "row": range(len(texts))})
        kept, _ = operator.process(given.map(operator.compute_hash))
        return Found([], sorted(set(range(len(texts))) - set(kept["row"])))

    return find


TOOLS = {
    "auditor": Tool("data-readiness-auditor", auditor, raw=True),
    "rensa": Tool("rensa", rensa),
    "rensa-flags": Tool("rensa", rensa_flags),
    "datasketch": Tool("datasketch", datasketch),
    "text-dedup": Tool("text-dedup", text_dedup),
    "data-juicer": Tool("py-data-juicer", data_juicer),
    "datatrove": Tool("datatrove", datatrove),
    "semhash": Tool("semhash", semhash),
}


def cpu_seconds() -> float:
    """User and system seconds of this process and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_megabytes() -> float:
    """Most memory that this process ever held, with all that it imported and was given."""
    status = Path("/proc/self/status")
    # What the other figure says on Linux may be the peak of the process that started this one.
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def measured(tool: Tool, texts: list[str]) -> dict[str, object]:
    """Costs in CPU seconds and megabytes, and what was found."""
    begun = cpu_seconds()
    find = tool.load()
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        find(texts[:WARM], Path(first))
        ready = cpu_seconds()
        found = find(texts, Path(second))
        done = cpu_seconds()
    costs = {"start": ready - begun, "cpu": done - ready, "memory": peak_megabytes()}
    return {"version": installed(tool.package), **costs, **asdict(found)}


def installed(package: str) -> str:
    """The version of a package; of a source tree there is none."""
    try:
        return version(package)
    except ModuleNotFoundError:
        return ""


def main() -> None:
    """Measure one tool."""
    name, given, result = sys.argv[1:]
    texts = [json.loads(line) for line in Path(given).read_bytes().splitlines()]
    try:
        report = measured(TOOLS[name], texts)
    except ModuleNotFoundError as missing:
        print(missing, file=sys.stderr)
        sys.exit(MISSING)
    Path(result).write_text(json.dumps(report))


if __name__ == "__main__":
    main()
