"""`watcher init`, and what is said where there is no configuration or no such verb."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from watcher import __main__
from watcher.cli import main
from watcher.cli.main import ELSEWHERE, VERBS, cli

WAYS = ("watcher init DIR", "--config DIR", "--config bundled")


def watcher(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the verbs are called in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_init_writes_is_a_configuration_without_mistakes(folder: Path) -> None:
    made = watcher("init", "desk")
    assert made.exit_code == 0, made.output
    checked = watcher("check", "--config", "desk/config", "--json")
    assert checked.exit_code == 0, checked.output
    assert json.loads(checked.stdout)["ok"]


def test_each_file_of_init_tells_an_editor_its_schema(folder: Path) -> None:
    watcher("init", "desk")
    files = sorted((folder / "desk/config").rglob("*.yaml"))
    assert len(files) >= 4
    for file in files:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        schema = file.parent / first.removeprefix("# yaml-language-server: $schema=")
        assert "properties" in json.loads(schema.read_text(encoding="utf-8"))


def test_every_secret_that_the_files_name_stands_in_the_list_of_secrets(folder: Path) -> None:
    watcher("init", "desk")
    listed = (folder / "desk/.env.example").read_text(encoding="utf-8")
    channels = (folder / "desk/config/channels.yaml").read_text(encoding="utf-8")
    named = [part.split("}")[0] for part in channels.split('"${')[1:]]
    assert named
    assert all(f"\n{name}=" in listed for name in named)


def test_the_token_is_new_each_time_and_its_folder_is_closed_to_others(folder: Path) -> None:
    tokens = set()
    for name in ("one", "two"):
        watcher("init", name)
        token = folder / name / "secrets" / "watcher_token"
        tokens.add(token.read_text(encoding="utf-8"))
        assert stat.S_IMODE(token.parent.stat().st_mode) == 0o700
    assert len(tokens) == 2


def test_the_compose_file_of_init_is_that_of_the_source_tree_but_for_the_image(folder: Path) -> None:
    watcher("init", "desk")
    made = yaml.safe_load((folder / "desk" / "compose.yaml").read_text("utf-8"))
    ours = yaml.safe_load((Path(__file__).parents[3] / "compose.yaml").read_text("utf-8"))
    assert ours["services"]["watcher"].pop("build") == "."
    assert made == ours
    assert made["services"]["watcher"]["env_file"] == [{"path": ".env", "required": False}], "it starts without one"
    assert "./config:/config:ro,z" in made["services"]["watcher"]["volumes"], "with SELinux too"


@pytest.mark.parametrize("held", ["config/rules/mine.yaml", ".env", "notes.txt"])
def test_init_changes_nothing_in_a_directory_that_holds_something(folder: Path, held: str) -> None:
    file = folder / "desk" / held
    file.parent.mkdir(parents=True)
    file.write_text("mine", encoding="utf-8")
    refused = watcher("init", "desk")
    assert refused.exit_code == 1
    assert "desk holds something already" in str(refused.exception)
    assert [path for path in (folder / "desk").rglob("*") if path.is_file()] == [file]
    assert file.read_text(encoding="utf-8") == "mine"


def test_init_below_a_file_says_what_is_in_the_way(folder: Path) -> None:
    (folder / "desk").write_text("", encoding="utf-8")
    refused = watcher("init", "desk/here")
    assert refused.exit_code == 1
    assert "desk/here cannot be written: Not a directory" in str(refused.exception)


@pytest.mark.parametrize("verb", ["run", "check"])
def test_without_a_configuration_the_ways_on_are_named_and_nothing_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    monkeypatch.setattr("sys.argv", ["watcher", verb])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert all(way in said.out + said.err for way in WAYS)
    assert list(folder.iterdir()) == []


def test_the_bundled_example_is_a_configuration_of_its_own_name(folder: Path) -> None:
    assert watcher("check", "--config", "bundled").exit_code == 0


def test_a_folder_called_bundled_is_read_as_any_other(folder: Path) -> None:
    (folder / "bundled").mkdir()
    refused = watcher("check", "--config", "bundled")
    assert "bundled holds no *.yaml files" in refused.output


@pytest.mark.parametrize("word", ELSEWHERE)
def test_a_verb_of_another_program_is_answered_with_the_one_that_does_it(word: str) -> None:
    refused = watcher(word)
    assert refused.exit_code == 2
    meant = refused.stderr.rsplit("use: watcher ", 1)[1].split()[0]
    assert word not in VERBS
    assert meant in VERBS


def test_a_slip_of_the_keys_is_answered_with_the_nearest_verb() -> None:
    assert "Did you mean 'check'?" in watcher("chekc").stderr
    assert "`watcher --help` lists" in watcher("zzzzzz").stderr


def test_every_verb_of_the_list_can_be_loaded() -> None:
    for verb in VERBS:
        assert watcher(verb, "--help").exit_code == 0, verb
    assert main.cli.list_commands(None) == list(VERBS)  # type: ignore[arg-type]  # it asks nothing of the context
