from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

from tests.unit.settings.support import good, settings
from watcher.core.model.policy import ChannelState
from watcher.core.model.secret import Secret
from watcher.settings.load import load_files
from watcher.settings.secrets import NOT_STORED, SecretStore


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    (tmp_path / "in").mkdir()
    return SecretStore({"KEY": "hunter2", "EMPTY": "", "WATCHER_TOKEN": "own"}, tmp_path / "in")


def test_references_become_their_values(store: SecretStore, tmp_path: Path) -> None:
    (tmp_path / "in" / "key").write_text("from file\n", encoding="utf-8")
    assert store.find("${KEY}") == (Secret("hunter2"), "")
    assert store.find("Bearer ${KEY}!") == (Secret("Bearer hunter2!"), "")
    assert store.find("${file:key}") == (Secret("from file"), "")
    assert store.find("plain") == (Secret("plain"), "")


def test_what_is_missing_is_named(store: SecretStore) -> None:
    assert store.find("${NOPE}") == (None, "NOPE is not set")
    assert store.find("${EMPTY}") == (None, "EMPTY is not set")
    assert store.find("${file:nope}") == (None, "the secret file nope is not there")
    assert store.find(NOT_STORED)[0] is None


@pytest.mark.parametrize(
    "reference",
    [
        "${WATCHER_TOKEN}",
        "${watcher_token}",
        "${}",
        "${a b}",
        "${KEY",
        "${file:}",
        "${file:/etc/passwd}",
        "${file:../out}",
        "${file:a/../../out}",
        "${KEY:-x}",
    ],
)
def test_references_that_are_not_allowed_are_mistakes(store: SecretStore, reference: str) -> None:
    with pytest.raises(PydanticCustomError):
        store.find(reference)


def test_a_secret_file_stays_below_its_directory(store: SecretStore, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("outside", encoding="utf-8")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "folder").mkdir()
    (tmp_path / "in" / "big").write_bytes(b"a" * (64 * 1024 + 1))
    (tmp_path / "in" / "empty").write_text("\n", encoding="utf-8")
    os.mkfifo(tmp_path / "in" / "pipe")
    for name in ("link", "big", "empty", "pipe", "folder"):
        try:
            secret, missing = store.find(f"${{file:{name}}}")
        except PydanticCustomError:
            continue
        assert (secret, bool(missing)) == (None, True)


def test_kubernetes_links_within_the_directory_are_followed(store: SecretStore, tmp_path: Path) -> None:
    (tmp_path / "in" / "..data").mkdir()
    (tmp_path / "in" / "..data" / "key").write_text("v", encoding="utf-8")
    (tmp_path / "in" / "key").symlink_to(tmp_path / "in" / "..data" / "key")
    assert store.find("${file:key}") == (Secret("v"), "")


HOOK = "channels: {hook: {type: webhook, url: 'https://a.example/in', secrets: ['%s']}}\n"


def test_a_channel_is_ready_with_its_secret_and_waits_without(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = good(HOOK % "${HOOK_KEY}").channels
    by_name = {str(name): (each.state, each.reason) for name, each in setup.items()}
    assert by_name == {"hook": (ChannelState.NO_SECRET, "HOOK_KEY is not set"), "console": (ChannelState.READY, "")}
    monkeypatch.setenv("HOOK_KEY", "hunter2")
    configuration = good(HOOK % "${HOOK_KEY}")
    assert {each.state for each in configuration.channels.values()} == {ChannelState.READY}
    assert "hunter2" in configuration.secrets()
    assert "hunter2" not in repr(configuration)


def test_secret_files_are_read_below_the_secrets_directory(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("hunter2\n", encoding="utf-8")
    loaded = load_files({"a.yaml": HOOK % "${file:hook}"}, settings(secrets=tmp_path))
    assert loaded.configuration is not None
    assert loaded.configuration.channels[next(iter(loaded.configuration.channels))].state is ChannelState.READY


def test_stored_texts_hold_references_and_never_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_KEY", "from-environment")
    text = (
        "# comment\n" + HOOK % "hunter2" + "feeds: ['https://ann:hunter3@b.example/', 'https://c.example/']\n"
        "rules: [{name: r, any: [a]}]\n"
    )
    configuration = good(text, b=(HOOK % "${HOOK_KEY}").replace("hook:", "hook2:"))
    stored = "".join(configuration.files.values())
    assert "hunter" not in stored
    assert "from-environment" not in stored
    assert "${HOOK_KEY}" in stored
    assert "# comment" in stored


def test_a_stored_revision_gives_the_same_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_KEY", "hunter2")
    first = good(HOOK % "${HOOK_KEY}" + "feeds: ['https://c.example/']\nrules: [{name: r, any: [a]}]\n")
    again = load_files(first.files, settings()).configuration
    assert again == first


def test_a_channel_of_a_stored_revision_whose_secret_was_not_stored_waits() -> None:
    first = good(HOOK % "hunter2")
    again = load_files(first.files, settings()).configuration
    assert again is not None
    hook = next(each for each in again.channels.values() if each.name == "hook")
    assert hook.state is ChannelState.NO_SECRET
    assert "the store keeps none" in hook.reason


def test_mail_waits_for_the_process_setting() -> None:
    text = "channels: {me: {type: email, to: me@example.org}}\n"
    me = next(iter(good(text).channels.values()))
    assert (me.state, me.reason) == (ChannelState.NO_SECRET, "WATCHER_SMTP_URL")
    ready = load_files(
        {"a.yaml": text}, settings(smtp_url="smtp://h.example:25", smtp_from="w@example.org")
    ).configuration
    assert ready is not None
    assert next(iter(ready.channels.values())).state is ChannelState.READY
