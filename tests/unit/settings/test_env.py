from __future__ import annotations

from pathlib import Path

import pytest

from watcher.core.model.secret import Secret
from watcher.errors import ConfigError
from watcher.settings.env import misspelt_settings, read_settings
from watcher.storage.dialects import shown

NAMES = (
    "CONFIG DATABASE DATA BIND TOKEN TOKEN_FILE TRUSTED_PROXIES PUBLIC_URL SMTP_URL SMTP_URL_FILE SMTP_FROM WORKERS LOG_LEVEL LOG_FORMAT SECRETS"
)  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES.split():
        monkeypatch.delenv(f"WATCHER_{name}", raising=False)


def test_the_defaults_are_those_of_a_fresh_machine() -> None:
    found = read_settings()
    assert (found.config, found.database, found.data) == (Path("config"), "sqlite:///data/watcher.db", Path("data"))
    assert (found.bind, found.token, found.trusted_proxies, found.public_url) == ("127.0.0.1:8080", None, (), "")
    assert (found.smtp_url, found.smtp_from, found.log_level, found.log_format) == (None, "", "info", "auto")
    assert found.secrets_dir == Path("/run/secrets")
    assert 1 <= found.workers <= 4
    assert found.secrets() == ()


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CONFIG": "/config",
        "DATABASE": "sqlite:////data/watcher.db",
        "BIND": "0.0.0.0:8080",
        "TOKEN": "hunter2",
        "TRUSTED_PROXIES": "10.0.0.0/8, 192.168.1.1",
        "PUBLIC_URL": "https://watcher.example.org/",
        "SMTP_URL": "smtp://ann:p%40ss@mail.example.org:587?starttls=required",
        "SMTP_FROM": "watcher@example.org",
        "WORKERS": "3",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
        "SECRETS": "/secrets",
    }.items():
        monkeypatch.setenv(f"WATCHER_{name}", value)
    found = read_settings()
    assert (found.config, found.database, found.bind) == (Path("/config"), "sqlite:////data/watcher.db", "0.0.0.0:8080")
    assert (found.token, found.trusted_proxies) == (Secret("hunter2"), ("10.0.0.0/8", "192.168.1.1/32"))
    assert (found.public_url, found.smtp_from, found.workers) == (
        "https://watcher.example.org",
        "watcher@example.org",
        3,
    )
    assert (found.log_level, found.log_format, found.secrets_dir) == ("debug", "json", Path("/secrets"))
    assert {"hunter2", "p%40ss", "p@ss"} <= set(found.secrets())
    assert "hunter2" not in repr(found)
    assert "p%40ss" not in repr(found)


def test_what_is_given_overrides_the_environment_and_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_BIND", "0.0.0.0:1")
    monkeypatch.setenv("WATCHER_TOKEN", "")
    assert read_settings(bind="127.0.0.1:2").bind == "127.0.0.1:2"
    assert read_settings().token is None


def test_each_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n", encoding="utf-8")
    (tmp_path / "smtp").write_text("smtps://ann:pass@mail.example.org\n", encoding="utf-8")
    monkeypatch.setenv("WATCHER_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("WATCHER_SMTP_URL_FILE", str(tmp_path / "smtp"))
    found = read_settings()
    assert (found.token, found.smtp_url) == (Secret("hunter2"), Secret("smtps://ann:pass@mail.example.org"))


def test_what_is_given_takes_the_place_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "database").write_text("postgresql://ann:pass@db/watcher\n", encoding="utf-8")
    monkeypatch.setenv("WATCHER_DATABASE_FILE", str(tmp_path / "database"))
    assert read_settings(database="sqlite:///a.db").database == "sqlite:///a.db"
    assert read_settings().place().server == "postgresql://ann:***@db/watcher"


def test_an_address_may_name_several_servers() -> None:
    found = read_settings(database="postgresql://ann:pass@db1:5432,db2.example.org,[::1]:5433/watcher")
    assert found.place().server == "postgresql://ann:***@db1:5432,db2.example.org,[::1]:5433/watcher"
    assert shown(found.database) == found.place().server


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BIND", "8080", "WATCHER_BIND must look like 127.0.0.1:8080"),
        ("BIND", "127.0.0.1:99999", "WATCHER_BIND must look like"),
        ("DATABASE", "postgresql://db", "WATCHER_DATABASE must name a host and a database, like postgresql://"),
        ("DATABASE", "postgresql://db:port/watcher", "WATCHER_DATABASE must name a host and a database"),
        ("DATABASE", "postgresql://u:p@db1:5432,/watcher", "WATCHER_DATABASE must name a host and a database"),
        ("DATABASE", "postgresql://u:p@db1:5432,db2:x/watcher", "WATCHER_DATABASE must name a host and a database"),
        ("DATABASE", "postgresql://u:pa@ss@db/watcher", "WATCHER_DATABASE must have the signs @ / ? #"),
        ("DATABASE", "postgresql://u:12/ss@db/watcher", "WATCHER_DATABASE must have the signs @ / ? #"),
        ("DATABASE", "postgresql://db/watcher?user=u&password=hidden", "WATCHER_DATABASE takes the password before"),
        ("DATABASE", "postgresql://db/watcher?host=other.example.org", "WATCHER_DATABASE takes user, host, port"),
        ("DRAFT_URL", "https://h:abc/v1", "WATCHER_DRAFT_URL must look like https://models.example/v1"),
        ("DRAFT_URL", "https://h:99999/v1", "WATCHER_DRAFT_URL must look like https://models.example/v1"),
        ("DATABASE", "data/watcher.db", "WATCHER_DATABASE must look like sqlite:///data/watcher.db"),
        ("SMTP_URL", "mail.example.org:25", "WATCHER_SMTP_URL must look like smtp://"),
        ("SMTP_URL", "smtp://mail.example.org:0", "WATCHER_SMTP_URL must look like smtp://"),
        ("SMTP_URL", "smtp://h/?starttls=maybe", "WATCHER_SMTP_URL takes ?starttls=required"),
        ("SMTP_FROM", "Ann\r\nBcc: x", "WATCHER_SMTP_FROM must be an address"),
        ("TRUSTED_PROXIES", "proxy", "WATCHER_TRUSTED_PROXIES `proxy` is not an address"),
        ("PUBLIC_URL", "watcher.example.org", "WATCHER_PUBLIC_URL must look like https://"),
        ("PUBLIC_URL", "https://watcher.example.org:port", "WATCHER_PUBLIC_URL must look like https://"),
        ("PUBLIC_URL", "javascript:alert(1)", "WATCHER_PUBLIC_URL must look like https://"),
        ("WORKERS", "many", "WATCHER_WORKERS must be a whole number"),
        ("WORKERS", "0", "WATCHER_WORKERS"),
        ("WORKERS", "9" * 5000, "WATCHER_WORKERS"),
        ("LOG_LEVEL", "loud", "WATCHER_LOG_LEVEL must be 'debug', 'info', 'warning' or 'error'"),
        ("TOKEN_FILE", "/nonexistent", "WATCHER_TOKEN_FILE: /nonexistent cannot be read"),
    ],
)
def test_a_wrong_setting_is_named_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"WATCHER_{name}", value)
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert str(caught.value).startswith(said)


def test_a_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_SMTP_URL", "hunter2")
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_secret_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WATCHER_TOKEN", "a")
    monkeypatch.setenv("WATCHER_TOKEN_FILE", str(tmp_path / "x"))
    with pytest.raises(ConfigError, match="both set"):
        read_settings()


def test_names_of_other_programs_settings_are_told_which_one_it_is_here() -> None:
    given = {"WATCHER_DB": "x", "WATCHER_HOST": "::", "WATCHER_SERVICE_HOST": "10.0.0.1"}
    assert misspelt_settings(given) == [("WATCHER_DB", "WATCHER_DATABASE"), ("WATCHER_HOST", "WATCHER_BIND")]


def test_a_data_directory_that_cannot_be_looked_into_is_one_sentence() -> None:
    with pytest.raises(ConfigError) as refused:
        read_settings(data=Path("x" * 300))
    assert str(refused.value).startswith("WATCHER_DATA names xxx")
    assert str(refused.value).endswith("which cannot be used: File name too long")
