"""What an audit against a sketch finds of planted leaks, beside what it finds with the text.

    python tests/bench/sketched.py FOLDER [FOLDER ...]

Each folder holds train.jsonl, eval.jsonl and truth.jsonl as `tests/bench/corpus.py` writes them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LINE = "{:<22} {:>8} {:>16} {:>16}"
TIERS = ("clean", "suspected", "leaked")


def main() -> None:
    """Measure each folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    for folder in parser.parse_args().folders:
        with tempfile.TemporaryDirectory() as scratch:
            compare(folder, Path(scratch))


def compare(folder: Path, scratch: Path) -> None:
    """Print planted leaks by kind and tier, then all rows by both tiers."""
    sys.path.insert(0, str(ROOT))
    import numpy as np

    from auditor.load.dataset import Request, load
    from auditor.load.work import Work
    from checks.contract import Data
    from checks.sketched import sketch_leaks
    from checks.text.leaks import BY_PROMPT, SUSPECT, leaks
    from checks.text.sketch import Sketch, make_rows
    from checks.text.sketched import sketched
    from checks.text.texts import Texts

    names = (str(folder / "train.jsonl"),), (str(folder / "eval.jsonl"),)
    loaded = load(Request(train=names[0], eval=names[1]), Work(cache=scratch))
    rows = make_rows(Texts(loaded.eval), bytes(range(16)))
    tiers, spent = [], 0.0
    for data in (
        Data(train=loaded.train, eval=loaded.eval),
        Data(train=loaded.train, sketch=Sketch("eval.sketch", bytes(range(16)), rows)),
    ):
        found = data.once(leaks) or data.once(sketch_leaks)
        tiers.append((found.kind >= SUSPECT).astype(int) + (found.kind >= BY_PROMPT))
        if data.sketch is not None:
            start = time.process_time()
            sketched(data)
            spent = time.process_time() - start
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    planted = {one["a"]: one["kind"] for one in truth if one["rel"] == "leak"}
    print(f"\n{folder.name}: {data.train.rows:,} training rows, {len(rows.words):,} eval rows")
    print(f"sketch {sum(array.nbytes for array in rows) / 1e6:.1f} MB, comparing {spent:.1f} CPU seconds")
    print(LINE.format("leaked / either tier", "planted", "with the text", "by the sketch"))
    for kind, number in Counter(planted.values()).items():
        mine = [row for row, name in planted.items() if name == kind]
        shown = [f"{(tier[mine] > 1).sum()} / {(tier[mine] > 0).sum()}" for tier in tiers]
        print(LINE.format(kind, number, *shown))
    print("\nall eval rows, with the text (down) and by the sketch (across)")
    print(LINE.format("", *TIERS))
    for name, line in zip(TIERS, np.histogram2d(*tiers, bins=[range(4)] * 2)[0].astype(int), strict=True):
        print(LINE.format(name, *line.tolist()))


if __name__ == "__main__":
    main()
