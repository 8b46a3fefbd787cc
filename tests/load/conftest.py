"""A place to write files and load them."""

import pytest

from tests.load.desk import Desk


@pytest.fixture
def desk(tmp_path):
    return Desk(folder=tmp_path / "files", cache=tmp_path / "cache")
