"""Signs: what an arriving entry and a known article of its feed have in common, each sign on its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Guid(StrEnum):
    """What the two guids say; SILENT where one is missing, not trusted, or differs only in what says nothing."""

    SAME = "same"
    SILENT = "silent"
    OTHER = "other"


class Link(StrEnum):
    """What the two links say; SILENT where one is missing or tells no article; ID where only an id in the query
    differs.
    """

    SAME = "same"
    SILENT = "silent"
    OTHER = "other"
    ID = "id"


class Title(StrEnum):
    """How the two titles agree; SERIES = but for numbers, weekdays and months; SHARED = half of the words of the
    longer; NONE = one is missing.
    """

    EQUAL = "equal"
    SERIES = "series"
    SHARED = "shared"
    OTHER = "other"
    NONE = "none"


class Lead(StrEnum):
    """How the two leads agree; NEAR = much alike, with other numbers or a negation; FULLER = much alike, with numbers
    that one of them alone has; NONE = one is missing, or stands under many titles.
    """

    SHARED = "shared"
    NEAR = "near"
    FULLER = "fuller"
    OTHER = "other"
    NONE = "none"


class Text(StrEnum):
    """Whether title, summary and content are those of the newest text, of an EARLIER one, or neither."""

    SAME = "same"
    EARLIER = "earlier"
    OTHER = "other"


class Date(StrEnum):
    """How the publication times agree, to the second; LATER = moved by half a day or more; NONE = one is missing, or
    dates say nothing here.
    """

    SAME = "same"
    MOVED = "moved"
    LATER = "later"
    NONE = "none"


class Stay(StrEnum):
    """Whether the article was listed all the while: BACK = it was absent from a whole document in between; SMALL =
    fewer than five items.
    """

    STAYED = "stayed"
    SMALL = "small"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Signs:
    """All signs of one pair; the table in `core.identity.table` says what they amount to."""

    guid: Guid
    link: Link
    title: Title
    lead: Lead
    text: Text
    date: Date
    stay: Stay

    def words(self) -> dict[str, str]:
        """Return the signs as they stand in evidence."""
        return {
            "guid": self.guid.value,
            "link": self.link.value,
            "title": self.title.value,
            "lead": self.lead.value,
            "text": self.text.value,
            "date": self.date.value,
            "listed": self.stay.value,
        }


def any_of(words: Collection[StrEnum]) -> str:
    """Return the words of a cell as they are printed ("same or silent")."""
    return " or ".join(word.value for word in words)
