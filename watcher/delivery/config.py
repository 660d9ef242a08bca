"""What every channel's configuration has in common, and the one type for secrets in configuration files."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo
from pydantic_core import PydanticCustomError

from watcher.core.model.secret import Secret
from watcher.core.web_addresses import is_exact_web
from watcher.network.addresses import parse_networks

SecretResolver = Callable[[str], Secret | None]
"""Turns the text of a field (`${NAME}`, `${file:NAME}`, or the text itself) into its secret; None = it is not set."""


def _resolve(value: object, info: ValidationInfo) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("text_expected", "a text is expected here")
    resolve: SecretResolver | None = (info.context or {}).get("resolve_secret")
    secret = Secret(value) if resolve is None else resolve(value)
    if secret is None:
        raise PydanticCustomError("secret_missing", "{reference} is not set", {"reference": value})
    return secret


SecretText = Annotated[Secret, BeforeValidator(_resolve)]
"""The only kind of field in which `${NAME}` may stand; see `watcher.settings.load` for the resolver."""


def _web_address(url: Secret) -> Secret:
    if not is_exact_web(url.reveal()):
        raise PydanticCustomError("not_an_address", "this must be an http:// or https:// address")
    return url


WebAddress = Annotated[SecretText, AfterValidator(_web_address)]
"""A web address that is a secret, since whoever knows it can write there."""


def address_digest(*parts: str | Secret) -> str:
    """Return a digest of where a channel sends, for comparing: of no use to whoever reads it in the database.

    Slow on purpose, since a mail password may be short: a guess costs about 10 ms.
    """
    shown = "\0".join(part.reveal() if isinstance(part, Secret) else part for part in parts)
    return _slow_digest(hashlib.sha256(shown.encode("utf-8", "surrogatepass")).digest())


@functools.lru_cache(maxsize=256)
def _slow_digest(raw: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha256", raw, b"watcher channel address", 20_000, 16).hex()


class StrictModel(BaseModel):
    """A mapping in a configuration file: no unknown keys, nothing changes once read."""

    # Built when the first mapping of the kind is read: most files name a few kinds, and each takes a millisecond.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


def _block(text: str) -> str:
    try:
        parse_networks([text])
    except ValueError as error:
        message = "{text} is not a block of addresses; write it as 10.0.0.0/8 or 192.168.1.5"
        raise PydanticCustomError("not_a_block", message, {"text": repr(text)}) from error
    return text


AddressBlock = Annotated[str, AfterValidator(_block)]
"""A CIDR block that may be dialled although it is not public."""


class ChannelConfig(StrictModel):
    """The keys that every channel takes."""

    rings: ClassVar[bool] = True
    """Whether a message rings somebody: a phone, a mail box, a chat. A machine that reads, a file and the console do
    not ring.
    """

    @property
    def has_threads(self) -> bool:
        """Whether more of a story is told in its thread, where it rings nobody."""
        return False

    @property
    def recipients(self) -> tuple[str, ...] | None:
        """Whom it writes to one by one, None = it has no recipients."""
        return None

    @property
    def posts_to(self) -> str:
        """The web address of the service that takes its messages, which may be a secret; "" = they stay on this
        machine, or go to the mail server.
        """
        return ""

    type: str
    was: tuple[str, ...] = ()
    allow_private: tuple[AddressBlock, ...] = ()

    def waiting_for(self, *, smtp_url: Secret | None, smtp_from: str) -> str:
        """Return which process setting this channel still waits for, or ""; most wait for none."""
        return ""
