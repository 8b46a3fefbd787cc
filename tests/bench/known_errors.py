"""How suspicion ranks label errors that people confirmed.

python tests/bench/known_errors.py 20news FOLDER   (cleanlab/label-errors: labels, probabilities, votes of MTurk workers)
python tests/bench/known_errors.py mmlu FOLDER     (MMLU-Redux: one CSV a subject, `error_type` by experts)

20 Newsgroups comes as probabilities that a model gave to texts it had not seen, so there the ranking alone is ours: the
fit of slips and confusions on log probabilities. MMLU-Redux labels are numbers of answers, which no text predicts: the
model has to say that it cannot estimate anything.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from checks.contract import Data
from checks.labels.slips import Observed, confusable, fit, probabilities
from checks.labels.suspicion import Suspicion, examined, opinions
from checks.noise import Noise
from tests import helpers

WRONG = {"wrong groundtruth", "no correct answer", "multiple correct answers"}


def average_precision(wrong: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    hits = wrong[np.argsort(score, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def newsgroups(folder: Path) -> None:
    labels = np.load(folder / "20news_test_set_original_labels.npy").astype(np.int32)
    logs = np.log(np.load(folder / "20news_test_set_pyx.npy").astype(np.float64) + 1e-9)
    checked = json.loads((folder / "20news_mturk.json").read_text("utf-8"))
    wrong = np.zeros(len(labels), np.bool_)
    wrong[[one["id"] for one in checked if one["mturk"]["given"] < 3]] = True
    first = (logs / logs.std()).astype(np.float32)
    second = np.zeros_like(first)  # there is no second kind of score
    classes = first.shape[1]
    slips = fit(Observed(first, second, labels, np.zeros((classes, classes), np.float32)), confusion=False)
    alike = confusable(probabilities(first, second, slips.at), labels)
    both = fit(Observed(first, second, labels, alike), confusion=True, start=np.array([*slips.at[:3], 0.0]))
    score, chance, _, best = opinions(first, second, labels, alike, both)
    order = np.argsort(score, kind="stable")
    found = [int(wrong[order[: int(share * len(order))]].sum()) for share in (0.01, 0.05, 0.1)]
    median = float(np.median(np.flatnonzero(wrong[order]))) / len(order)
    print(
        f"20news: {wrong.sum()} confirmed errors among {len(labels):,} labels, accuracy {(best == labels).mean():.3f}"
    )
    print(f"  average precision {average_precision(wrong, score):.3f} (share {wrong.mean():.4f})")
    print(f"  found in the top 1 %, 5 %, 10 %: {found} of {wrong.sum()}; median rank at {100 * median:.2f} %")
    own = logs[np.arange(len(labels)), labels]
    print(f"  for comparison, by the probability of the label alone: {average_precision(wrong, own):.3f}")
    print(
        f"  rate {slips.rate:.4f} to {both.rate:.4f}, interval {slips.interval[0]:.4f} to {both.interval[1]:.4f}"
    )
    print(f"  confirmed at least {wrong.mean():.4f}; expected wrong {chance.sum():.0f} rows")


def mmlu(folder: Path) -> None:
    told: list[bool] = []
    for path in sorted(folder.glob("*.csv")):
        rows = list(_rows(path))
        columns = {
            "text": [f"{row['question']} {row['choices']}" for row in rows],
            "label": [row["answer"] for row in rows],
        }
        data = Data(train=helpers.stored("train", columns))
        result, found = Noise().run(data), data.once(examined)
        wrong = [row["error_type"].strip().lower().replace("_", " ") in WRONG for row in rows]
        model = any(one.name == "model_noise_rate" for one in result.measures)
        told.append(model)
        accuracy = f"{found.accuracy:.2f}" if isinstance(found, Suspicion) else "none"
        print(f"{path.stem:45} {sum(wrong):3} of {len(rows)} wrong  accuracy {accuracy}  estimable: {model}")
    print(f"{sum(told)} of {len(told)} subjects are called estimable")


def _rows(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("mac_roman")
    head = text.partition("\n")[0]
    mark = ";" if head.count(";") > head.count(",") else ","
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=mark))


if __name__ == "__main__":
    {"20news": newsgroups, "mmlu": mmlu}[sys.argv[1]](Path(sys.argv[2]))
