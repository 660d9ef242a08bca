"""The one table that says what an arriving entry is to a known article of its feed; docs/explanation/identity.md
prints it.

The first row that holds decides. A row that names no word for a sign takes all of them. No sign decides alone; what
no row claims is other news.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from watcher.core.identity.signs import Date, Guid, Lead, Link, Signs, Stay, Text, Title


class Answer(StrEnum):
    """What the entry is to the article."""

    UNCHANGED = "unchanged"
    REDATED = "redated"  # only its date moved
    REVISION = "revision"
    OTHER = "other news"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the words that each sign may have, the answer, and why in plain words."""

    why: str
    answer: Answer
    guid: tuple[Guid, ...] = tuple(Guid)
    link: tuple[Link, ...] = tuple(Link)
    title: tuple[Title, ...] = tuple(Title)
    lead: tuple[Lead, ...] = tuple(Lead)
    text: tuple[Text, ...] = tuple(Text)
    date: tuple[Date, ...] = tuple(Date)
    stay: tuple[Stay, ...] = tuple(Stay)

    def holds(self, signs: Signs) -> bool:
        """Return whether every sign has one of the words of this row."""
        return (
            signs.guid in self.guid
            and signs.link in self.link
            and signs.title in self.title
            and signs.lead in self.lead
            and signs.text in self.text
            and signs.date in self.date
            and signs.stay in self.stay
        )


_HAD: Final = (Text.SAME, Text.EARLIER)
_OTHER: Final = (Text.OTHER,)
_STILL: Final = (Date.SAME, Date.NONE)
_MOVED: Final = (Date.MOVED, Date.LATER)
_ALIKE: Final = (Title.EQUAL, Title.SHARED, Title.SERIES)
_UNLIKE: Final = (Title.SERIES, Title.SHARED, Title.OTHER)
_CLOSE: Final = (Lead.SHARED, Lead.NEAR, Lead.FULLER)
_LISTED: Final = (Stay.STAYED, Stay.SMALL)
_NOT_OTHER: Final = (Guid.SAME, Guid.SILENT)

TABLE: Final = (
    Row(
        "another id in the link, and another guid or none",
        Answer.OTHER,
        guid=(Guid.SILENT, Guid.OTHER),
        link=(Link.ID,),
    ),
    Row("equal text and publication time", Answer.UNCHANGED, text=_HAD, date=(Date.SAME,)),
    Row("equal guid and text", Answer.UNCHANGED, guid=(Guid.SAME,), text=_HAD, date=(Date.NONE,)),
    Row("equal link and text", Answer.UNCHANGED, link=(Link.SAME,), text=_HAD, date=(Date.NONE,)),
    Row(
        "equal text, and nothing else to tell it by",
        Answer.UNCHANGED,
        guid=(Guid.SILENT,),
        link=(Link.SILENT,),
        text=_HAD,
        date=(Date.NONE,),
    ),
    Row("it came back with another publication time", Answer.OTHER, date=_MOVED, stay=(Stay.BACK,)),
    Row(
        "the same text at another time in a document of few items",
        Answer.OTHER,
        text=_HAD,
        date=_MOVED,
        stay=(Stay.SMALL,),
    ),
    Row("guid and publication time both differ", Answer.OTHER, guid=(Guid.OTHER,), date=_MOVED),
    Row(
        "equal guid, and a text of before at another time, after other headlines",
        Answer.REVISION,
        guid=(Guid.SAME,),
        title=_UNLIKE,
        text=(Text.EARLIER,),
        date=_MOVED,
    ),
    Row(
        "equal link, and a text of before at another time, after other headlines",
        Answer.REVISION,
        link=(Link.SAME,),
        title=_UNLIKE,
        text=(Text.EARLIER,),
        date=_MOVED,
    ),
    Row("equal guid, only the date moved", Answer.REDATED, guid=(Guid.SAME,), text=_HAD, date=_MOVED),
    Row("equal link, only the date moved", Answer.REDATED, link=(Link.SAME,), text=_HAD, date=_MOVED),
    Row("neither guid nor link is the same, and the time differs", Answer.OTHER, text=_HAD, date=_MOVED),
    Row(
        "an equal title at another time in a document of few items",
        Answer.OTHER,
        title=(Title.EQUAL,),
        lead=(Lead.NEAR, Lead.FULLER, Lead.OTHER),
        date=_MOVED,
        stay=(Stay.SMALL,),
    ),
    Row(
        "a title of a series at another publication time",
        Answer.OTHER,
        link=(Link.SILENT, Link.OTHER, Link.ID),
        title=(Title.SERIES,),
        lead=(Lead.NEAR, Lead.FULLER, Lead.OTHER, Lead.NONE),
        date=_MOVED,
    ),
    Row(
        "an agreeing title half a day later or more, over an unrelated text",
        Answer.OTHER,
        title=_ALIKE,
        lead=(Lead.OTHER,),
        text=_OTHER,
        date=(Date.LATER,),
    ),
    Row(
        "an equal title half a day later or more, over other numbers",
        Answer.OTHER,
        title=(Title.EQUAL,),
        lead=(Lead.NEAR,),
        text=_OTHER,
        date=(Date.LATER,),
    ),
    Row("equal guid, and titles that agree", Answer.REVISION, guid=(Guid.SAME,), title=_ALIKE, text=_OTHER),
    Row("equal link, and titles that agree", Answer.REVISION, link=(Link.SAME,), title=_ALIKE, text=_OTHER),
    Row(
        "another title at another time in a document of few items",
        Answer.OTHER,
        title=(Title.OTHER, Title.NONE),
        date=_MOVED,
        stay=(Stay.SMALL,),
    ),
    Row(
        "equal guid and lead under another title",
        Answer.REVISION,
        guid=(Guid.SAME,),
        lead=(Lead.SHARED,),
        text=_OTHER,
        stay=_LISTED,
    ),
    Row(
        "equal link and lead under another title",
        Answer.REVISION,
        link=(Link.SAME,),
        lead=(Lead.SHARED,),
        text=_OTHER,
        stay=_LISTED,
    ),
    Row(
        "equal guid of an item without a title, and leads that agree",
        Answer.REVISION,
        guid=(Guid.SAME,),
        title=(Title.NONE,),
        lead=_CLOSE,
        text=_OTHER,
        date=_STILL,
    ),
    Row(
        "equal link of an item without a title, and leads that agree",
        Answer.REVISION,
        link=(Link.SAME,),
        title=(Title.NONE,),
        lead=_CLOSE,
        text=_OTHER,
        date=_STILL,
    ),
    Row(
        "equal guid and publication time of an item without words",
        Answer.REVISION,
        guid=(Guid.SAME,),
        title=(Title.NONE,),
        lead=(Lead.NONE,),
        text=_OTHER,
        date=_STILL,
    ),
    Row(
        "equal link and publication time of an item without words",
        Answer.REVISION,
        guid=_NOT_OTHER,
        link=(Link.SAME,),
        title=(Title.NONE,),
        lead=(Lead.NONE,),
        text=_OTHER,
        date=_STILL,
    ),
    Row(
        "equal title and publication time",
        Answer.REVISION,
        title=(Title.EQUAL,),
        lead=(Lead.SHARED, Lead.NEAR, Lead.FULLER, Lead.NONE),
        text=_OTHER,
        date=(Date.SAME,),
    ),
    Row("nothing says that it is the same piece of news", Answer.OTHER),
)


def decide(signs: Signs) -> Row:
    """Return the row that decides; the last one takes everything."""
    return next(row for row in TABLE if row.holds(signs))
