"""Turn the HTML that feeds carry into plain text, in linear time whatever the HTML is."""

from __future__ import annotations

import re
from html import unescape

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "title",
        "tr",
        "ul",
        "video",
        "audio",
    ]
)
_SPACED = frozenset({"td", "th", "img", "input", "iframe", "object", "embed", "textarea"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "blink",
        "body",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "frame",
        "frameset",
        "head",
        "html",
        "i",
        "ins",
        "kbd",
        "label",
        "link",
        "map",
        "area",
        "mark",
        "marquee",
        "meta",
        "meter",
        "nobr",
        "noscript",
        "output",
        "param",
        "picture",
        "progress",
        "q",
        "rb",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "source",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "svg",
        "math",
        "template",
        "time",
        "track",
        "tt",
        "u",
        "var",
        "wbr",
        "base",
        "basefont",
        "canvas",
        "applet",
        "noembed",
        "noframes",
    ]
)
_DROPPED = frozenset({"script", "style", "xmp", "noembed", "noframes", "template"})
_KNOWN = _BLOCKS | _SPACED | _INLINE | _DROPPED

_MARKUP = re.compile(r"<(?=/?[A-Za-z]|[!?])")
_NO_TAG = re.compile(r"<(?=[!?])")  # what is left to look for where no `>` follows
_NAME = re.compile(r"/?([A-Za-z][^\s/>\x00]{0,60})")
_CLOSERS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _DROPPED}
_QUOTED_CHARS = 2000
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9A-Fa-f]{7,});?")
_BLANK_LINE = re.compile(r"\n[ \t\r\f\v\xa0]*\n\s*")
_BLANKS = re.compile(r"[^\S\n]+|[\x00-\x08\x0e-\x1f\x7f]+")
_AROUND_BREAK = re.compile(r" ?\n[ \n]*")  # where runs of blanks are one blank already
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_ESCAPED_TAG = re.compile(
    r"</(?:p|a|b|i|em|strong|div|span|ul|ol|li|h[1-6]|blockquote|figure|table|td|tr|font)\s*>|<(?:br|p|hr)\s*/?>|<(?:img|a)\s[^<>]{1,2000}>",
    re.IGNORECASE,
)
_ESCAPED_ENTITY = re.compile(
    r"&(?:#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,6}|amp|quot|apos|nbsp|[lr][ds]quo|[mn]dash|hellip|[lg]t);"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


def html_to_text(html: str) -> str:
    """Return the words of a piece of HTML: no tags, no entities, "\\n" between paragraphs, single blanks, none at the
    ends.

    Words keep apart where a browser shows them apart (`foo<br>bar`), and join where it does not (`<b>Ru</b>ssia`).
    Scripts and styles are dropped. HTML that was escaped once too often is read once more. A `<` that begins no tag
    is text, and so is an unknown tag without attributes that is never closed (`List<String>`). Text without any tag
    keeps its empty lines as paragraphs.
    """
    if "<" not in html and "&" not in html and "\n" not in html:
        return _collapse(html)
    return any_html_to_text(html)


def any_html_to_text(html: str) -> str:
    """Return what `html_to_text` does, for any text; the quick way for text without signs of HTML gives the same."""
    text, has_tags = _strip(html)
    text = _entities(text)
    if not has_tags and _ESCAPED_TAG.search(text):
        text = _entities(_strip(text)[0])
    elif _ESCAPED_ENTITY.search(text):
        text = _entities(text)
    return _collapse(text)


def plain_to_text(text: str) -> str:
    """Return plain text with its own line breaks as paragraphs, single blanks and no controls."""
    return _collapse(_LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """Return text on one line; for titles, names and tags."""
    return text.replace("\n", " ")


def cut_to_bytes(text: str, limit: int) -> str:
    """Return the longest start of the text that fits into `limit` bytes of UTF-8, on a code-point boundary."""
    if len(text) * 4 <= limit:
        return text
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= limit else raw[:limit].decode("utf-8", "ignore")


def _entities(text: str) -> str:
    """Resolve references; too long numbers go first, because Python refuses to read them."""
    return unescape(_LONG_NUMBER.sub("", text)) if "&" in text else text


def _collapse(text: str) -> str:
    if not text.replace("\n", "").isprintable():
        return collapse_any(text)
    return "\n".join([line for line in [" ".join(line.split()) for line in text.split("\n")] if line])


def collapse_any(text: str) -> str:
    """Return any text with single blanks and line breaks, none at the ends, and without controls; the quick way for
    text that can be printed gives the same.
    """
    text = _SURROGATES.sub("", text).replace("\x00", "")
    return _AROUND_BREAK.sub("\n", _BLANKS.sub(" ", _LINE_ENDS.sub("\n", text))).strip()


def _strip(html: str) -> tuple[str, bool]:
    """Return the text between the tags, entities as they are, and whether there was any tag."""
    scanner = _Scanner(html)
    scanner.run()
    if scanner.tags:
        return "".join(scanner.pieces), True
    if "<" in html:
        return "".join(scanner.pieces), False
    paragraphs = _BLANK_LINE.sub("\x1d", html.replace("\x1d", " "))
    return paragraphs.replace("\n", " ").replace("\x1d", "\n"), False


class _Scanner:
    """One walk over the text from tag to tag. Every search that fails is remembered, so that none is made twice: the
    walk stays linear.
    """

    def __init__(self, html: str) -> None:
        self.html = html
        self.pieces: list[str] = []
        self.tags = 0
        self.missing: set[str] = set()
        self.closing: set[str] | None = None

    def run(self) -> None:
        position = 0
        html = self.html
        while True:
            found = (_NO_TAG if ">" in self.missing else _MARKUP).search(html, position)
            if found is None:
                self.words(position, len(html))
                return
            at = found.start()
            self.words(position, at)
            position = self.markup(at)

    def words(self, start: int, end: int) -> None:
        if end > start:
            # Line breaks of HTML source are blanks.
            self.pieces.append(self.html[start:end].replace("\n", " ").replace("\r", " "))

    def markup(self, at: int) -> int:
        """Handle what begins with the `<` at `at`; return where the text goes on."""
        html = self.html
        if html.startswith("<!--", at):
            end = self.find("-->", at + 4)
            return end + 3 if end >= 0 else at + 4
        if html.startswith("<![CDATA[", at):
            self.pieces.append(" ")
            return at + 9
        if html.startswith(("<!", "<?"), at):
            end = self.find(">", at)
            return end + 1 if end >= 0 else at + 2
        found = _NAME.match(html, at + 1)
        end = self.tag_end(at) if found else -1
        if found is None or end < 0:
            self.pieces.append("<")
            return at + 1
        return self.tag(at, end, found.group(1).lower())

    def tag(self, at: int, end: int, name: str) -> int:
        html = self.html
        closes = html[at + 1] == "/"
        if name in _DROPPED and not closes:
            self.tags += 1
            closer = self.closer(name, end + 1)
            return closer if closer >= 0 else len(html)
        if name not in _KNOWN and not closes and self.is_text(html[at + 1 : end], name):
            self.pieces.append(html[at : end + 1])
            return end + 1
        self.tags += 1
        if name in _BLOCKS:
            self.pieces.append("\n")
        elif name in _SPACED:
            self.pieces.append(" ")
        return end + 1

    def is_text(self, inner: str, name: str) -> bool:
        """Return whether an unknown tag is meant as text: no attributes, no namespace, and closed nowhere."""
        if inner.lower() != name or ":" in name or "-" in name:
            return False
        if self.closing is None:
            self.closing = {found.lower() for found in re.findall(r"</([A-Za-z][^\s/>]{0,60})", self.html)}
        return name not in self.closing

    def tag_end(self, at: int) -> int:
        """Return where the tag ends: at the first `>` outside quotes, or the first at all when a quote is not closed
        nearby.
        """
        end = self.find(">", at)
        if end < 0:
            return -1
        position = at
        while True:
            quote = _first_quote(self.html, position, end)
            if quote < 0:
                return end
            close = self.html.find(self.html[quote], quote + 1, quote + _QUOTED_CHARS)
            if close < 0:
                return end
            if close > end:
                later = self.find(">", close)
                if later < 0 or later - at > 2 * _QUOTED_CHARS:
                    return end
                end = later
            position = close + 1

    def closer(self, name: str, start: int) -> int:
        if name in self.missing:
            return -1
        found = _CLOSERS[name].search(self.html, start)
        if found is None:
            self.missing.add(name)
            return -1
        return found.start()

    def find(self, mark: str, start: int) -> int:
        if mark in self.missing:
            return -1
        found = self.html.find(mark, start)
        if found < 0:
            self.missing.add(mark)
        return found


def _first_quote(html: str, start: int, end: int) -> int:
    double, single = html.find('"', start, end), html.find("'", start, end)
    if double < 0 or single < 0:
        return max(double, single)
    return min(double, single)
