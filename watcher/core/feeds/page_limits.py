"""What a web page may cost: it is looked at before it is parsed, and counted while it is read."""

from __future__ import annotations

import re
from typing import Final

from watcher.errors import ParseError

DEEPEST: Final = 512
"""As deep as browsers nest elements (Chrome puts what is deeper beside the rest)."""

_MOST_ELEMENTS: Final = 200_000
_MOST_STEPS: Final = 200_000
_MOST_REOPENED: Final = 1_000_000  # elements that the parser makes anew, since `<b>` goes on in the next paragraph
_MOST_ATTRIBUTES: Final = 1_000  # each is compared with all before it

_MOST_ESCAPED: Final = 2_000  # that deep a page of as many elements as may be takes 2 s to parse

_TAG: Final = re.compile(r"<((?:\\?/)?)([A-Za-z][\w-]*)([^<>]*)")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
# Those that have no end, those whose end may be left out, and those of drawings, which end in `/>`.
_NO_DEPTH: Final = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "optgroup",
        "colgroup",
        "rp",
        "rt",
        "html",
        "head",
        "body",
        "path",
        "circle",
        "rect",
        "line",
        "polygon",
        "polyline",
        "ellipse",
        "use",
        "stop",
        "image",
    }
)
_FORMATTING: Final = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)


def refuse_page(text: str) -> None:
    """Refuse a page that keeps the parser busy for seconds: nested too deep, or with too many elements or attributes.

    A parser of HTML goes through all open elements at each tag: 100,000 nested `<div>` take minutes. PHP writes HTML
    into scripts as JSON, `<div>...<\\/div>`: such an end counts, up to a number, since outside of scripts it ends
    nothing.

    Raises:
        ParseError: of kind too_complex.
    """
    depth = formatting = reopened = elements = escaped = 0
    for found in _TAG.finditer(text):
        end, name, rest = found[1], found[2].lower(), found[3]
        if end == "\\/":
            if name not in _NO_DEPTH and escaped < _MOST_ESCAPED:
                depth, escaped = max(0, depth - 1), escaped + 1
            continue
        step = -1 if end else 1
        elements += not end
        if name in _FORMATTING:
            formatting = max(0, formatting + step)
        if name not in _NO_DEPTH:
            depth = max(0, depth + step)
        reopened += formatting
        if len(rest) > _MOST_ATTRIBUTES and len(_QUOTED.sub("", rest).split()) > _MOST_ATTRIBUTES:
            raise _too_complex(f"an element has more than {_MOST_ATTRIBUTES} attributes")
        if depth > DEEPEST:
            raise _too_complex(f"elements are nested more than {DEEPEST} deep, or thousands are not closed")
        if elements > _MOST_ELEMENTS or reopened > _MOST_REOPENED:
            raise _too_complex(f"it has more than {_MOST_ELEMENTS} elements, or as many that begin anew")


class Steps:
    """What reading the elements of one page took so far; ends it before it takes seconds."""

    def __init__(self) -> None:
        """Begin to count."""
        self._left = _MOST_STEPS

    def take(self) -> None:
        """Count an element that is looked at.

        Raises:
            ParseError: there were too many (kind too_complex).
        """
        self._left -= 1
        if self._left < 0:
            raise _too_complex("what the selector finds stands in one another; give one that finds the articles alone")


def _too_complex(why: str) -> ParseError:
    return ParseError(f"The page is too much to read: {why}.", kind="too_complex")
