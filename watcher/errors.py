"""The errors that watcher raises on purpose.

WatcherError
  ConfigError          a mistake in configuration; carries where
    TermError          a term or query that cannot be read; carries the offset in its text
  FetchError           a feed could not be fetched; carries kind, status, retry_after
    BlockedAddress     the address guard refused to dial
  ParseError           a document is not a feed, or went over a limit; carries kind
  StorageError         the database refused or is not usable; carries trouble
    RefusedWork        the database takes other work, but not this
    StaleRevision      a reading was matched under rules that are no longer active
    StaleEntries       an entry that was taken as seen is not stored as it was then
    LostClaim          the lease of a feed or message now belongs to somebody else
    SchemaMismatch     the database has a schema that this code does not know
  DeliveryError        a channel cannot be built or used; carries permanent
  OutOfDescriptors     the system gives this process no more file descriptors; nobody else is to blame
  ControlError         the running daemon refused or could not be reached
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class WatcherError(Exception):
    """Base of every error that watcher raises on purpose; its text is one sentence for a person."""


class ConfigError(WatcherError):
    """A mistake in the configuration; the text names the thing and the mend."""


class TermError(ConfigError):
    """A term or query that cannot be read.

    `offset` and `length` give the wrong part, in code points of the text that was parsed; `hint` is the mend, or "".
    """

    def __init__(self, message: str, *, offset: int = 0, length: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.length = length
        self.hint = hint


@dataclass(frozen=True, slots=True)
class FetchDetail:
    """What is known about a failed fetch: the HTTP status if one came, and the server's wish when to come back.

    `asked` False = the request was certainly never sent, so that it may be sent again without doubt.
    """

    status: int | None = None
    retry_after: timedelta | None = None
    asked: bool = True


class FetchError(WatcherError):
    """A document could not be fetched; `kind` is one word of a closed list (see
    core.model.outcome.FetchProblemKind).
    """

    def __init__(self, message: str, *, kind: str, detail: FetchDetail | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.detail = detail or FetchDetail()


class BlockedAddress(FetchError):
    """The address guard refused to dial: the name leads to an address that is not public and not allowed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="blocked_address")


class ParseError(WatcherError):
    """A document is not a feed, or went over a limit; `kind` is one word (see FetchProblemKind)."""

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class StorageError(WatcherError):
    """The database refused the work or is not usable.

    `trouble` is one word where the database as a whole is in trouble: `full` (its disk), `damaged`, else "".
    """

    def __init__(self, message: str, *, trouble: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble


class RefusedWork(StorageError):
    """The database refused this piece of work for what it holds; it takes other work, so that waiting does not help."""


class AmbiguousId(StorageError):
    """The beginning of an id names several things."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{part!r} names several; give more of the id")


class StaleRevision(StorageError):
    """A reading was matched under rules that are no longer active; match it again and commit again."""


class StaleEntries(StorageError):
    """An entry that was taken as seen before is not stored as it was then; read the whole document and commit again."""


class LostClaim(StorageError):
    """The lease ran out and the feed or message now belongs to another owner; the late result is dropped."""


class SchemaMismatch(StorageError):
    """The database has a schema that this code does not know."""


class DeliveryError(WatcherError):
    """A channel cannot be built or used; `permanent` says that trying again does not help."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class OutOfDescriptors(WatcherError):
    """This process, or the system, has no file descriptor left: that is ours, no feed and no receiver is to blame."""


class ControlError(WatcherError):
    """The running daemon refused a request, or could not be reached."""
