"""The webhook channel: signed JSON to one address, as the Standard Webhooks specification has it.

Source: Standard Webhooks specification 1.0 (headers, signature, payload size, answers).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import field_validator, model_validator
from pydantic_core import PydanticCustomError

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, ChannelTraits, Message
from watcher.core.model.secret import Secret
from watcher.core.web_addresses import is_exact_web
from watcher.delivery.config import ChannelConfig, SecretText, address_digest
from watcher.delivery.http import DEADLINE, HttpSender, Post, usual_table
from watcher.delivery.unchanging import Unchanging
from watcher.telling.payload import encoded_message, message_json

MAX_BODY_BYTES = 20_000
_MAX_LISTED = 15
SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of every Standard Webhooks secret
_TRIES_BEFORE_REFUSED = 3  # 401, 403 and 404 also come from a receiver that is just being deployed


class WebhookConfig(ChannelConfig):
    """`{type: webhook, url: …, secrets: [new, old]}`; every secret signs, so that a receiver can change them one by
    one. Only `unsigned: true` sends without a signature.
    """

    rings: ClassVar[bool] = False

    type: Literal["webhook"]
    url: SecretText
    secrets: tuple[SecretText, ...] = ()
    unsigned: bool = False

    @property
    def posts_to(self) -> str:
        """Where it posts."""
        return self.url.reveal()

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: Secret) -> Secret:
        if not is_exact_web(url.reveal()):
            raise PydanticCustomError("not_an_address", "url must be an http:// or https:// address")
        return url

    @model_validator(mode="before")
    @classmethod
    def _is_signed_or_said_not_to_be(cls, values: object) -> object:
        """Look at what is written, for a secret may still be missing."""
        if not isinstance(values, Mapping):
            return values
        is_unsigned = str(values.get("unsigned", "")).lower() in ("true", "yes", "on")
        if is_unsigned and values.get("secrets"):
            raise PydanticCustomError("both", "give secrets, or unsigned: true, not both")
        if not is_unsigned and not values.get("secrets"):
            message = 'a webhook needs secrets that sign: secrets: ["${HOOK_SECRET}"]; unsigned: true signs nothing'
            raise PydanticCustomError("no_secrets", "{message}", {"message": message})
        return values

    @field_validator("secrets")
    @classmethod
    def _are_keys(cls, secrets: tuple[Secret, ...]) -> tuple[Secret, ...]:
        for position, secret in enumerate(secrets, start=1):
            try:
                key = signing_key(secret)
            except ValueError as error:
                message = "secret {position} starts with whsec_ but the rest is not base64"
                raise PydanticCustomError("bad_secret", message, {"position": position}) from error
            if not key:
                raise PydanticCustomError("bad_secret", "secret {position} is empty", {"position": position})
        return secrets


def signing_key(secret: Secret) -> bytes:
    """Return the bytes to sign with: a `whsec_` secret is base64, any other text is taken as it stands.

    Raises:
        ValueError: it starts with `whsec_` and the rest is not base64.
    """
    text = secret.reveal().strip()
    if not text.startswith(SECRET_PREFIX):
        return text.encode("utf-8", "surrogatepass")
    body = text.removeprefix(SECRET_PREFIX)
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error


def signatures(secrets: Sequence[Secret], message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature`: one `v1,…` for each secret, in their order, separated by blanks."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(signing_key(secret), signed, hashlib.sha256) for secret in secrets)
    return " ".join("v1," + base64.b64encode(digest).decode("ascii") for digest in digests)


@dataclass(frozen=True, slots=True)
class WebhookChannel(Unchanging):
    """Implements ports.Channel; the body of a message is the same at each attempt, only its time and signature
    change.
    """

    name: ChannelName
    config: WebhookConfig
    sender: HttpSender
    kind: str = "webhook"

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return DEADLINE

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know of it."""
        return ChannelTraits(
            lists_at_most=_MAX_LISTED,
            address=address_digest(self.kind, self.config.url, *self.config.secrets),
        )

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the JSON body."""
        return message_json(message, MAX_BODY_BYTES)

    async def send(self, message: Message) -> AttemptResult:
        """Post once; a receiver that keeps `webhook-id` can drop a repeat."""
        body = encoded_message(message, MAX_BODY_BYTES)
        timestamp = int(self.sender.clock.now().timestamp())
        headers = {
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "idempotency-key": message.id,
            "webhook-attempt": str(message.attempt),
        }
        if self.config.secrets:
            headers["webhook-signature"] = signatures(self.config.secrets, message.id, timestamp, body)
        if message.repeat:
            headers["webhook-possible-repeat"] = "true"
        post = Post(self.config.url, body, headers, self.config.secrets, self.config.allow_private)

        def table(status: int, answer: str | None) -> AttemptClass:
            return _meaning(status, answer, message.attempt)

        return await self.sender.post(post, table)


def _meaning(status: int, answer: str | None, attempt: int) -> AttemptClass:
    """Return what an answer means; 410 says for good that the address is gone.

    The status alone decides: a receiver that says 2xx took the message, also where the rest of its answer is broken.

    Source: Standard Webhooks, "Operational considerations": 2xx, 410 Gone, 429, retries.
    """
    if status in (401, 403, 404) and attempt < _TRIES_BEFORE_REFUSED:
        return AttemptClass.RETRY
    return usual_table(status, answer)
