"""Text from outside, with marks on its hits: made safe to show, cut on words, split into pieces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

import regex

from watcher.core.model.message import Marked

ELLIPSIS = "…"
_JOINERS = "\u200c\u200d"  # zero-width non-joiner and joiner
_FIRST_JOINING, _LAST_JOINING = "\u0600", "\u0dff"  # Arabic to Sinhala: scripts that are spelt with joiners
_FIRST_EMOJI = "\U0001f000"
_GRAPHEME = regex.compile(r"\X")
_LONGEST_GRAPHEME = 64
_MAX_WORD = 24  # how far back a cut looks for a blank; scripts without blanks are cut where they stand


def shown(text: str) -> str:
    """Return `text` on one line, without anything that could change how the text around it is shown.

    Line breaks and tabs become blanks; other controls, bidirectional overrides and zero-width characters go, joiners
    stay only where a script or an emoji needs them; a lone surrogate becomes U+FFFD.
    """
    return shown_marked(Marked(text)).text


def shown_lines(text: str, limit: int) -> str:
    """Return `text` as `shown` does, but keep its line breaks; at most `limit` characters."""
    return cut_text("\n".join(shown(line) for line in text[: 4 * limit].splitlines()), limit)


def shown_marked(marked: Marked) -> Marked:
    """Return `marked` as `shown` does its text, with the marks moved to where their words now stand."""
    if _is_shown(marked.text):
        return Marked(marked.text, tuple(mark for mark in marked.marks if 0 <= mark[0] < mark[1] <= len(marked.text)))
    return _cleaned(marked)


def _is_shown(text: str) -> bool:
    """Return True for text that stays as it is, as nearly all does; False also where only each letter can tell."""
    return text.isprintable() and "  " not in text and not text.startswith(" ") and not text.endswith(" ")


def _cleaned(marked: Marked) -> Marked:
    kept: list[str] = []
    moved: list[int] = []  # new offset of each old one
    blank = True  # a blank at the start is dropped too
    for index, letter in enumerate(marked.text):
        moved.append(len(kept))
        letter = _shown_letter(letter, marked.text[index - 1] if index else "")
        if letter == " " and blank:
            continue
        if letter:
            kept.append(letter)
            blank = letter == " "
    moved.append(len(kept))
    text = "".join(kept).rstrip()
    marks = (
        (min(moved[start], len(text)), min(moved[end], len(text)), group)
        for start, end, group in marked.marks
        if 0 <= start < end <= len(marked.text)
    )
    return Marked(text, tuple(mark for mark in marks if mark[0] < mark[1]))


def _shown_letter(letter: str, before: str) -> str:
    if " " < letter < "\x7f":
        return letter
    if letter.isspace():
        return " "
    category = unicodedata.category(letter)
    if category == "Cs":
        return "\ufffd"
    if letter in _JOINERS:
        wanted = _FIRST_JOINING <= before <= _LAST_JOINING or before >= _FIRST_EMOJI or before == "\ufe0f"
        return letter if before and wanted else ""
    return "" if category in ("Cc", "Cf") else letter


def without_overlaps(marks: Iterable[tuple[int, int, int]], length: int) -> tuple[tuple[int, int, int], ...]:
    """Return the marks within a text of `length` in order, the longer one where two overlap, the earlier group on a
    tie.
    """
    best: list[tuple[int, int, int]] = []
    for start, end, group in sorted(marks, key=lambda mark: (mark[0] - mark[1], mark[2], mark[0])):
        if 0 <= start < end <= length and all(end <= other[0] or other[1] <= start for other in best):
            best.append((start, end, group))
    return tuple(sorted(best))


def shown_start(marked: Marked, limit: int) -> Marked:
    """Return what `shown_marked` makes of the start of a text that may be far too long, cut to at most `limit`
    characters.
    """
    enough = 4 * limit  # what cleaning drops may come before what is shown
    return cut(shown_marked(Marked(marked.text[:enough], marked.marks)), limit)


def cut(marked: Marked, limit: int) -> Marked:
    """Return `marked` with at most `limit` (at least 2) characters, cut on a word, with … where something went."""
    if len(marked.text) <= limit:
        return marked
    return window(marked, 0, limit - 1)


def cut_text(text: str, limit: int) -> str:
    """Return `text` with at most `limit` characters, cut on a word, with … where something went."""
    return cut(Marked(text), limit).text


def window(marked: Marked, start: int, width: int) -> Marked:
    """Return the part of `marked` from about `start`, at most `width` characters, cut on words, with … at each cut
    side.
    """
    text = marked.text
    end = min(len(text), start + width)
    if start > 0:
        start = _next_word(text, start, end)
    if end < len(text):
        end = _word_end(text, end, start)
    before = ELLIPSIS if start > 0 else ""
    after = ELLIPSIS if end < len(text) else ""
    body = text[start:end].rstrip()
    marks = tuple(
        (first - start + len(before), min(last, start + len(body)) - start + len(before), group)
        for first, last, group in marked.marks
        if start <= first < start + len(body)
    )
    return Marked(before + body + after, marks)


def _next_word(text: str, start: int, end: int) -> int:
    """The first place at or after `start` where a word begins, if one is near."""
    for index in range(start, min(end, start + _MAX_WORD)):
        if text[index - 1].isspace() and not text[index].isspace():
            return index
    return start


def _word_end(text: str, end: int, start: int) -> int:
    """The last place at or before `end` where a word ends, if one is near; never between a letter and its accent."""
    if text[end].isspace():
        return end
    for index in range(end - 1, max(start, end - _MAX_WORD), -1):
        if text[index].isspace():
            return index
    return _grapheme_start(text, end, start)


def _grapheme_start(text: str, at: int, start: int) -> int:
    """Return the nearest place at or before `at` that is not inside what is read as one letter: a flag, a family of
    emoji, a letter with its accents. One that is longer than any script has is cut.
    """
    begin = max(start, at - _LONGEST_GRAPHEME)
    boundary = begin
    for found in _GRAPHEME.finditer(text, begin, min(len(text), at + _LONGEST_GRAPHEME)):
        if found.start() > at:
            break
        boundary = found.start()
    return boundary if boundary > begin else at


def pieces(marked: Marked) -> Iterator[tuple[str, int]]:
    """Yield the text in order as (part, group number), 0 for what is not marked; the parts joined are the text."""
    done = 0
    for start, end, group in without_overlaps(marked.marks, len(marked.text)):
        if done < start:
            yield marked.text[done:start], 0
        yield marked.text[start:end], group
        done = end
    if done < len(marked.text):
        yield marked.text[done:], 0
