"""How numba is loaded, without what takes long and no kernel needs, and how machine code is kept."""

import os
import resource
import subprocess
import sys

import pytest

from checks.text.sealed import cleaned

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


HASHED = """
import numpy as np
from checks.text.grams import hash_grams
from checks.text.kernel import uncached
print(hash_grams(np.ones(7, np.uint64), 7, 5, np.zeros(7, np.uint64)), uncached)
{then}
"""


def hashed(folder, then="", most=resource.RLIM_INFINITY):
    env = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return subprocess.run(
        [sys.executable, "-c", HASHED.format(then=then)], capture_output=True, text=True, check=False,
        env={**env, "AUDITOR_CACHE_DIR": str(folder)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )  # fmt: skip


def test_machine_code_that_cannot_be_written_is_compiled_and_used_all_the_same(tmp_path):
    assert hashed(tmp_path).stdout == "3 []\n"
    limited = hashed(tmp_path / "full", most=1000)
    assert (limited.stdout, limited.stderr) == ("3 ['hash_grams']\n", "")


@pytest.mark.parametrize("then", ["", "import os; os._exit(0)"], ids=["in the end", "killed"])
def test_machine_code_is_trusted_as_soon_as_it_is_there(tmp_path, then):
    """A process that begins while another one compiles takes nothing away from it."""
    hashed(tmp_path, then)
    (folder,) = (tmp_path / "kernels").iterdir()
    made = sorted(folder.rglob("*.nb?"))
    assert len(made) == 2
    cleaned(folder)
    assert sorted(folder.rglob("*.nb?")) == made
