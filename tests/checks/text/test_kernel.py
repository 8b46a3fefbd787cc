"""How numba is loaded: without what takes long and no kernel needs, and so that the kernels of others miss nothing."""

import subprocess
import sys

OTHERS = """
import checks.text.scan, numba, numpy as np
from checks.text.grams import hash_grams
hash_grams(np.ones(5, np.uint64), 5, 5, np.zeros(5, np.uint64))
import sys
print("scipy.linalg" in sys.modules)
product = numba.njit(lambda one, two: np.dot(one, two))
print(product(np.eye(2), np.full((2, 2), 3.0)).tolist())
"""


def test_numba_is_loaded_without_scipy_and_the_kernels_of_others_get_its_linear_algebra():
    done = subprocess.run([sys.executable, "-c", OTHERS], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", "[[3.0, 3.0], [3.0, 3.0]]"]
