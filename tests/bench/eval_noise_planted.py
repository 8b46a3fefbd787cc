"""What is said of eval sets with planted wrong labels: how often the interval of the model holds the truth.

    python tests/bench/eval_noise_planted.py TRAIN EVAL [TRAIN EVAL ...] [--seeds N] [--train-noise SHARE]

Files are read as `tests/bench/noise_planted.py` says; of one JSON file given for both, the split `train` is train and
`test` is eval. Each eval set is taken whole and drawn down to 300 rows, with 0, 2, 5 and 10 % of its labels made wrong.
What was wrong in the files before counts as right. Ends with an error if an interval lies wholly above 5 % at a true
rate of up to 3 %, or wholly below at 10 % or more.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from noise_planted import Labelled, Slip, mislabelled, read

RATES = (0.0, 0.02, 0.05, 0.1)
ROWS = (300, 1000, 1_000_000)


def main() -> None:
    """Print a line for each run, then how many intervals held the truth, and stop on a false verdict."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--train-noise", type=float, default=0.0)
    given = parser.parse_args()
    held, false = Counter[tuple[str, bool]](), 0
    for train_file, eval_file in zip(given.files[::2], given.files[1::2], strict=True):
        train, whole = both(train_file, eval_file)
        for seed in range(given.seeds):
            taught, _ = mislabelled(train, given.train_noise, "uniform", seed + 1000)
            for data, rate, slip in planted(whole, seed):
                labels, wrong = mislabelled(data, rate, slip, seed)
                truth = float(wrong.mean())
                said = told(Labelled(train.texts, taught), Labelled(data.texts, labels))
                print(f"{train_file.parent.name[-20:]:<21} {len(labels):>5} {slip:<8} {100 * truth:5.1f} %  {said[0]}", flush=True)  # fmt: skip
                if said[1] is not None:
                    low, high = said[1]
                    held[slip, low <= truth <= high] += 1
                    false += (truth <= 0.03 and low > 0.05) or (truth >= 0.1 and high < 0.05)
    for (slip, inside), number in sorted(held.items()):
        print(f"{slip:<8} {'held' if inside else 'missed'} {number}")
    if false:
        message = f"{false} verdicts are false"
        raise SystemExit(message)


def both(train: Path, evals: Path) -> tuple[Labelled, Labelled]:
    """Train and eval under one numbering of the classes."""
    if train == evals:
        with gzip.open(train, "rb") as file:
            splits = json.load(file)
        pairs = [splits["train"], splits["test"]]
        names = {name: n for n, name in enumerate(sorted({label for _, label in pairs[0]}))}
        one, two = (
            Labelled([text for text, _ in rows], np.array([names[label] for _, label in rows]))
            for rows in pairs
        )
        return one, two
    return read(train), read(evals)  # both have all classes, so these are numbered alike


def planted(whole: Labelled, seed: int) -> Iterator[tuple[Labelled, float, Slip]]:
    """Eval sets of several sizes, each with every rate and kind of slip."""
    draw = np.random.default_rng([seed, 5])
    for rows in ROWS:
        chosen = draw.permutation(len(whole.texts))[:rows]
        data = Labelled([whole.texts[row] for row in chosen.tolist()], whole.labels[chosen])
        for rate in RATES:
            slips: tuple[Slip, ...] = ("uniform", "pair") if rate else ("uniform",)
            for slip in slips:
                yield data, rate, slip


def told(train: Labelled, evals: Labelled) -> tuple[str, tuple[float, float] | None]:
    """What is said of the labels of eval, and the interval of the model."""
    from checks.contract import Data
    from checks.eval_noise import EvalNoise
    from checks.labels.suspicion import suspicions
    from tests import helpers

    train_split, eval_split = (
        helpers.stored(role, {"text": one.texts, "label": [f"c{label:04d}" for label in one.labels.tolist()]})
        for role, one in (("train", train), ("eval", evals))
    )
    data = Data(train=train_split, eval=eval_split)
    data.once(suspicions)
    start = time.process_time()
    result = EvalNoise().run(data)
    spent = time.process_time() - start
    found = {one.name: one for one in result.measures}
    accuracy = found.get("eval_model_accuracy")
    shown = f"accuracy {accuracy.value:.3f} of {accuracy.of}" if accuracy else "no model"
    rate = found.get("model_eval_noise_rate")
    if rate is None or rate.interval is None:
        return f"{shown}  not estimable", None
    low, high = rate.interval
    return (
        f"{shown}  {100 * rate.value:5.2f} %  {100 * low:5.2f} - {100 * high:5.2f} %  {spent:.2f} CPU s",
        rate.interval,
    )


if __name__ == "__main__":
    main()
