"""auditor.toml and [tool.auditor]."""

from __future__ import annotations

import pytest

from auditor.errors import PolicyError
from auditor.settings import Settings, find_settings, with_check_setting, with_text_settings
from auditor.tables import convert_table


def test_nothing_is_found_where_there_is_nothing(tmp_path):
    (tmp_path / ".git").mkdir()
    assert find_settings(tmp_path) == Settings()


def test_auditor_toml_is_found_from_a_folder_below(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "auditor.toml").write_text(
        'train = ["data/*.jsonl"]\neval = "eval.jsonl"\ntask = "style"\nrequire = ["balance"]\n'
        'map = { "Tweet text" = "text" }\n[check.noise]\nnear = 0.95\n[text]\nshingle = "c5"\n'
    )
    below = tmp_path / "notebooks"
    below.mkdir()
    monkeypatch.chdir(tmp_path)
    found = find_settings(below)
    assert found.train == ("data/*.jsonl",)
    assert found.eval == ("eval.jsonl",)
    assert (found.task, found.require, dict(found.map)) == ("style", ("balance",), {"Tweet text": "text"})
    assert found.tables.check == {"noise": {"near": 0.95}}
    assert found.tables.text == {"shingle": "c5"}


def test_pyproject_serves_too_but_auditor_toml_wins(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.auditor]\ntask = "style"\n')
    assert find_settings(tmp_path).task == "style"
    (tmp_path / "auditor.toml").write_text('task = "persona"\n')
    assert find_settings(tmp_path).task == "persona"


def test_the_search_ends_at_the_repository(tmp_path):
    (tmp_path / "auditor.toml").write_text('task = "style"\n')
    inside = tmp_path / "repository"
    (inside / ".git").mkdir(parents=True)
    assert find_settings(inside) == Settings()


def test_what_is_said_on_the_command_line_wins():
    file = Settings(
        train=("a",), eval=("b",), task="style", map={"x": "text", "y": "label"}, require=("balance",)
    )
    said = Settings(task="persona", map={"x": "prompt"}, require=("labelers",))
    both = said.over(file)
    assert (both.train, both.eval, both.task) == (("a",), ("b",), "persona")
    assert both.map == {"x": "prompt", "y": "label"}
    assert both.require == ("balance", "labelers")


def test_other_training_files_do_not_inherit_the_eval_of_the_project():
    assert Settings(train=("new",)).over(Settings(train=("a",), eval=("b",))).eval == ()


def test_a_single_check_setting_is_laid_on_top():
    changed = with_check_setting(Settings(), "structure", "max-tokens", 100)
    assert changed.tables.check == {"structure": {"max-tokens": 100}}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("trian = 'a'", "unknown key 'trian'; did you mean 'train'"),
        ("train = 3", "Expected"),
        ("stage = 'before-trainig'", "did you mean 'before-training'"),
        ("train = ", "is not valid TOML"),
    ],
)
def test_mistakes_are_named(tmp_path, written, said):
    (tmp_path / "auditor.toml").write_text(written)
    with pytest.raises(PolicyError, match=said):
        find_settings(tmp_path)


def test_text_settings_that_are_said_replace_those_of_the_file():
    file = Settings(tables=convert_table({"text": {"threshold": 0.7, "shingle": "c5"}}, "file"))
    assert with_text_settings(file, threshold=None, recall=None).tables.text == file.tables.text
    both = with_text_settings(file, threshold=0.9, recall=0.99)
    assert both.tables.text == {"threshold": 0.9, "shingle": "c5", "recall": 0.99}
