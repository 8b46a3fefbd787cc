"""What a command writes for the user: never over an input, a folder or what is there."""

import pytest

from auditor.errors import DataError
from auditor.newfile import check_new, write_new


def test_inputs_and_folders_are_never_written(tmp_path):
    train = tmp_path / "train.csv"
    train.write_text("text,label\n")
    for force in (True, False):
        with pytest.raises(DataError, match="is one of the inputs"):
            check_new(train, (train,), force=force)
        with pytest.raises(DataError, match="is a folder"):
            check_new(tmp_path, (train,), force=force)
        with pytest.raises(DataError, match="does not exist; make it first"):
            check_new(tmp_path / "no" / "s.csv", (train,), force=force)


def test_a_new_file_is_private_and_never_replaced_by_accident(tmp_path):
    path = tmp_path / "a"
    check_new(path, (), force=False)
    write_new(path, b"one", force=False)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(DataError, match="is there already; name another file, or --force"):
        check_new(path, (), force=False)
    with pytest.raises(DataError, match="is there already; name another file, or --force"):
        write_new(path, b"two", force=False)
    assert path.read_bytes() == b"one"
    check_new(path, (), force=True)
    write_new(path, b"two", force=True)
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]
