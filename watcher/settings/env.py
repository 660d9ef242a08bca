"""The process settings: `WATCHER_*` of the environment, and the same as flags of the command line."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from watcher.core.model.secret import Secret
from watcher.core.spelling import nearest_word
from watcher.core.web_addresses import is_web
from watcher.errors import ConfigError
from watcher.settings.bundled import bundled
from watcher.settings.secrets import SecretStore
from watcher.storage.place import Place, file_uri_path, find_database, hosts_of, is_server_url, place_of_url
from watcher.telemetry.whose import say_refused

_LIKE_A_SETTING = 0.88  # other programs have variables of this beginning too
_MEANT = {
    "WATCHER_CONFIG_DIR": "WATCHER_CONFIG",
    "WATCHER_DATA_DIR": "WATCHER_DATA",
    "WATCHER_DB": "WATCHER_DATABASE",
    "WATCHER_SMTP": "WATCHER_SMTP_URL",
    "WATCHER_PASSWORD": "WATCHER_TOKEN",
    "WATCHER_URL": "WATCHER_PUBLIC_URL",
    "WATCHER_HOST": "WATCHER_BIND",
}

_SECRETS = ("token", "smtp_url", "database", "draft_key")
_MAX_SECRET_BYTES = 64 * 1024
_BUNDLED = Path("bundled")


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", "{sentence}", {"sentence": message})


def _secret(value: object) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise _wrong("must be a text")
    return Secret(value) if value else None


def _smtp(secret: Secret | None) -> Secret | None:
    if secret is None:
        return None
    try:
        parts = urlsplit(secret.reveal())
        good = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise _wrong("must look like smtp://user:password@host:587 or smtps://user:password@host")
    if parts.query not in {"", "starttls=required", "starttls=never"}:
        raise _wrong("takes ?starttls=required or ?starttls=never and nothing else after its host")
    return secret


def _database(value: str) -> str:
    if is_server_url(value):
        return _server(value)
    if not value.startswith("sqlite:///"):
        raise _wrong("must look like sqlite:///data/watcher.db or postgresql://user:password@host/watcher")
    if named := file_uri_path(value):
        raise _wrong(f"takes a path and no file: URI; write sqlite:///{named}")
    return value


def _server(value: str) -> str:
    # Programs differ in what such an address means, and each would hide another part of it as the password.
    if re.search(r"[@/?#]", value.partition("://")[2].rpartition("@")[0]):
        raise _wrong("must have the signs @ / ? # of its user and password written with %, as in %40 for @")
    if re.search(r"[?&][^=&]*password=", value, re.IGNORECASE):
        raise _wrong(
            "takes the password before its host, like postgresql://user:password@host/watcher, not after its ?"
        )
    if re.search(r"[?&](host|hostaddr|port|service|dbname|user)=", value, re.IGNORECASE):
        raise _wrong("takes user, host, port and database before its ?, like postgresql://user:password@host/watcher")
    if not (len(urlsplit(value).path) > 1 and all(_is_host(one) for one in hosts_of(value).split(","))):
        raise _wrong("must name a host and a database, like postgresql://user:password@host/watcher")
    return value


def _is_host(named: str) -> bool:
    """Return whether a host is named, with a port or without."""
    try:
        parts = urlsplit(f"//{named}")
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _bind(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise _wrong("must look like 127.0.0.1:8080")
    return value


def _callback_bind(value: str) -> str:
    return _bind(value) if value else ""


def _proxies(value: object) -> object:
    items = [item.strip() for item in value.split(",")] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise _wrong("must be addresses parted by commas")
    found = []
    for item in filter(None, items):
        try:
            found.append(str(ipaddress.ip_network(str(item), strict=False)))
        except ValueError as error:
            raise _wrong(f"`{str(item)[:60]}` is not an address or a block such as 10.0.0.0/8") from error
    return tuple(found)


def _site(value: str, like: str) -> str:
    """Return a web address that says nothing but a place, without its last slash; "" stays."""
    if not value:
        return ""
    try:
        parts = urlsplit(value) if is_web(value) else None
        is_good = parts is not None and parts.port != 0 and not ("@" in parts.netloc or parts.query or parts.fragment)
    except ValueError:
        is_good = False
    if not is_good:
        raise _wrong(f"must look like {like}")
    return value.rstrip("/")


def _public_url(value: str) -> str:
    return _site(value, "https://watcher.example.org")


def _draft_url(value: str) -> str:
    like = "https://models.example/v1, without a key, which is WATCHER_DRAFT_KEY"
    return _site(value, like).removesuffix("/chat/completions")


def _sender(value: str) -> str:
    if value and (not re.search(r"[^\s@<>]+@[^\s@<>]+", value) or any(sign in value for sign in "\r\n\0")):
        raise _wrong("must be an address such as watcher@example.org")
    return value


def _configuration(path: Path) -> Path:
    """Return the directory that `bundled` stands for, the example that ships; any other as it is."""
    return bundled("config") if path == _BUNDLED and not path.exists() else path


def _reachable(path: Path) -> Path:
    """Refuse a data directory that may not be looked into: every verb asks first whether it holds a database."""
    try:
        (path / _BUNDLED).exists()
    except OSError as error:
        raise _wrong(f"names {path}, which cannot be used: {say_refused(path, error, writes=True)}") from error
    return path


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def usable_processors() -> int:
    """Return how many processors this process may use, at least 1: its affinity, cut by the quota of its cgroup
    (version 2).
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        allowed = min(allowed, -(-int(quota) // int(period)))
    except (OSError, ValueError):
        pass  # no cgroup, or no quota ("max")
    return max(1, allowed)


class Settings(BaseSettings):
    """What the process itself needs to know; a `WATCHER_*_FILE` names a file that holds a secret."""

    model_config = SettingsConfigDict(
        env_prefix="WATCHER_", extra="ignore", frozen=True, arbitrary_types_allowed=True, env_ignore_empty=True
    )

    config: Annotated[Path, AfterValidator(_configuration)] = Path("config")
    data: Annotated[Path, AfterValidator(_reachable)] = Path("data")
    database: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda so_far: find_database(so_far.get("data", Path("data"))).url
    )
    database_file: Path | None = None
    bind: Annotated[str, AfterValidator(_bind)] = "127.0.0.1:8080"
    token: Annotated[Secret | None, NoDecode, BeforeValidator(_secret)] = None
    token_file: Path | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_proxies)] = ()
    callback_bind: Annotated[str, AfterValidator(_callback_bind)] = ""
    callback_url: Annotated[str, AfterValidator(_public_url)] = ""
    public_url: Annotated[str, AfterValidator(_public_url)] = ""
    smtp_url: Annotated[Secret | None, NoDecode, BeforeValidator(_secret), AfterValidator(_smtp)] = None
    smtp_url_file: Path | None = None
    smtp_from: Annotated[str, AfterValidator(_sender)] = ""
    draft_url: Annotated[str, AfterValidator(_draft_url)] = ""
    draft_model: str = ""
    draft_key: Annotated[Secret | None, NoDecode, BeforeValidator(_secret)] = None
    draft_key_file: Path | None = None
    draft_daily: int = Field(default=20, ge=0, le=10_000)
    workers: int = Field(default_factory=lambda: min(4, usable_processors()), ge=1, le=64)
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"
    log_format: Annotated[Literal["auto", "console", "json"], BeforeValidator(_lower)] = "auto"
    send: Annotated[Literal["all", "none"], BeforeValidator(_lower)] = "all"
    secrets_dir: Path = Field(default=Path("/run/secrets"), alias="WATCHER_SECRETS")

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was merged
        for name in _SECRETS:
            path = data.get(f"{name}_file")
            if not path:
                continue
            if data.get(name):
                raise _wrong(f"WATCHER_{name.upper()} and WATCHER_{name.upper()}_FILE are both set; keep one")
            data = {**data, name: _file_text(Path(path), f"WATCHER_{name.upper()}_FILE")}
        return data

    @model_validator(mode="after")
    def _check_callback(self) -> Settings:
        if bool(self.callback_bind) != bool(self.callback_url):
            raise _wrong(
                "WATCHER_CALLBACK_BIND and WATCHER_CALLBACK_URL go together: where hubs (WebSub) are listened to, and "
                "the address by which they reach that"
            )
        if self.callback_bind and self.callback_bind == self.bind:
            raise _wrong("WATCHER_CALLBACK_BIND must be another address than WATCHER_BIND: the page is not for hubs")
        return self

    @property
    def sends_nothing(self) -> bool:
        """Return whether all is done but sending."""
        return self.send == "none"

    def place(self) -> Place:
        """Return where the database lies, and why there if it was not told and lies outside the data directory."""
        if "database" not in self.model_fields_set:
            found = find_database(self.data)
            if found.url == self.database:
                return found
        return place_of_url(self.database)

    def secrets(self) -> tuple[str, ...]:
        """Return the values that logs must mask, with the passwords in the addresses of mail server and database."""
        values = [secret.reveal() for secret in (self.token, self.smtp_url, self.draft_key) if secret is not None]
        if self.smtp_url is not None:
            values += _passwords(self.smtp_url.reveal())
        if is_server_url(self.database):
            values += _passwords(self.database)
        return tuple(dict.fromkeys(values))

    def secret_store(self, environment: Mapping[str, str] | None = None) -> SecretStore:
        """Return where `${NAME}` and `${file:NAME}` of the configuration files are looked up."""
        return SecretStore(os.environ if environment is None else environment, self.secrets_dir)


def _passwords(url: str) -> list[str]:
    """Return the password of a URL, as it stands there and as it is meant."""
    password = urlsplit(url).password
    return [password, unquote(password)] if password else []


def read_settings(**given: object) -> Settings:
    """Return the process settings: what is given, else the environment, else the defaults.

    Raises:
        ConfigError: a setting is wrong; the text names each wrong variable and the mend.
    """
    try:
        return Settings(**_instead_of_files(given))  # type: ignore[arg-type]  # flags are checked by pydantic
    except ValidationError as error:
        # What is made of a value that is wrong itself says nothing new.
        wrong = [one for one in error.errors(include_url=False) if one["type"] != "default_factory_not_called"]
        raise ConfigError("; ".join(map(_sentence, wrong))) from None


def _instead_of_files(given: Mapping[str, object]) -> dict[str, object]:
    """Return what is given, in which a value takes the place of the file that the environment names for it."""
    return {**given, **{f"{name}_file": None for name in _SECRETS if given.get(name)}}


def misspelt_settings(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (variable, setting that was probably meant) for variables that look like a setting and are none.

    Others that begin with WATCHER_ are left alone: an orchestrator sets some for a service of that name
    (WATCHER_SERVICE_HOST).
    """
    known = setting_names()
    unknown = sorted(name for name in environment if name.startswith("WATCHER_") and name not in known)
    found = [(name, _MEANT.get(name) or nearest_word(name, known, _LIKE_A_SETTING)) for name in unknown]
    return [(name, meant) for name, meant in found if meant]


def setting_names() -> tuple[str, ...]:
    """Return the names of all variables that are read."""
    return tuple(field.alias or f"WATCHER_{name.upper()}" for name, field in Settings.model_fields.items())


def _sentence(detail: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = str(detail["loc"][0]).upper() if detail["loc"] else ""
    if not name:
        return str(detail["msg"])
    variable = name if name.startswith("WATCHER_") else f"WATCHER_{name}"
    if detail["type"] == "literal_error":
        return f"{variable} must be {detail['ctx']['expected']}"
    if detail["type"].startswith("int_"):
        return f"{variable} must be a whole number"
    message = str(detail["msg"])
    return f"{variable} {message if detail['type'] == 'wrong' else 'is wrong: ' + message}"


def _file_text(path: Path, variable: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_SECRET_BYTES + 1)
        text = raw.decode("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = say_refused(path, error) if isinstance(error, OSError) else "it is not text"
        raise _wrong(f"{variable}: {path} cannot be read: {why}") from error
    if len(raw) > _MAX_SECRET_BYTES or not text:
        raise _wrong(f"{variable}: {path} is empty or larger than 64 KiB")
    return text
