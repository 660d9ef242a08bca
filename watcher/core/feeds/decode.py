"""Turn the bytes of a feed document into text that an XML parser accepts.

1. choose the encoding: byte order mark, valid UTF-8, HTTP charset, XML declaration, detector;
2. drop what no XML document may hold: control characters, NUL, surrogates, junk before the first tag;
3. give every ampersand a meaning: HTML entities become characters, a bare one becomes `&amp;`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from html.entities import html5

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first character of a document without a mark, in encodings that are not ASCII-like. Source: XML 1.0, appendix F.
_SHAPES = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"{\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
)
# Names that are used for a larger set than they mean. Source: WHATWG Encoding Standard, section 4.2.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "big5": "big5hkscs",
}
_SEVEN_BIT = {"iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_ext", "iso2022_kr", "hz"}
_NEVER = {"utf-7", "punycode", "idna", "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "undefined"}
# Encodings that a text may be in without saying so. Those of other Latin alphabets come in by the document's language
# only: in a short text they cannot be told from Windows-1252, and would spoil it.
_DETECTABLE = (
    "cp1251",
    "koi8_u",
    "cp1252",
    "gb18030",
    "big5",
    "cp1253",
    "cp1255",
    "cp1256",
    "cp874",
    "iso8859_5",
    "cp866",
)
_BY_LANGUAGE = {
    "cs": "cp1250", "hr": "cp1250", "hu": "cp1250", "pl": "cp1250", "ro": "cp1250", "sk": "cp1250", "sl": "cp1250", "sq": "cp1250",
    "az": "cp1254", "tr": "cp1254", "et": "cp1257", "lt": "cp1257", "lv": "cp1257", "vi": "cp1258",
}  # fmt: skip
# A strict decoding that gives this share of these letters cannot be chance: Japanese is half hiragana, and these
# endings and particles are a fourth of Korean text; Chinese bytes read as Korean give all syllables alike.
_BY_LETTERS = (
    ("euc_jp", re.compile("[\u3041-\u3096]"), 0.15),
    ("cp932", re.compile("[\u3041-\u3096]"), 0.15),
    ("cp949", re.compile("[이다는의에을를고하한가지사로은도기서인]"), 0.1),
)
_SAMPLE_BYTES = 16 * 1024
_HEAD_BYTES = 4096

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{1,40})[\"']", re.IGNORECASE)
_DECLARATION = re.compile(r"(?<!\s)\s*<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_LANGUAGE = re.compile(rb"(?:<(?:dc:)?language>\s*|xml:lang\s*=\s*[\"'])([A-Za-z]{2})\b")
_TAG_BYTES = re.compile(rb"<[^<>]{0,400}>")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FIRST_TAG = re.compile(r"<(?:rss|rdf:RDF|feed|opml|urlset|[A-Za-z]\w*:feed)\b", re.IGNORECASE)
_JUNK_CHARS = 2048
_AMPERSAND = re.compile(r"&(?:#([0-9]{1,8});|#[xX]([0-9a-fA-F]{1,7});|([A-Za-z][A-Za-z0-9]{0,31});)?")
_ENTITY_NAME = re.compile(r"<!ENTITY\s+([A-Za-z_][\w.-]{0,60})\s")
_CDATA = "<![CDATA["
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def decode(body: bytes, content_type: str = "") -> str:
    """Return the document as text without byte order mark, XML declaration, control characters and lone surrogates.

    Never fails: bytes that fit no encoding become U+FFFD. Runs in linear time.

    Source: RFC 7303 section 3 for the order; valid UTF-8 goes first because text in another encoding is almost never
    valid UTF-8, while wrong declarations are common (facts: miniflux does the same).
    """
    text = _ILLEGAL.sub("", _to_text(body, content_type)).removeprefix("\ufeff").lstrip()
    # The declaration names an encoding that no longer holds, and expat takes none but at the very start.
    text = _DECLARATION.sub("", text[:_HEAD_BYTES]) + text[_HEAD_BYTES:] if "<?xml" in text[:_HEAD_BYTES] else text
    text = text.lstrip()
    # PHP warnings and the like before the feed.
    if not text.startswith(("<", "{", "[")):
        start = _FIRST_TAG.search(text[:_JUNK_CHARS])
        if start:
            return text[start.start() :]
    return text


def mend_ampersands(xml: str) -> str:
    """Return the document with every reference outside CDATA and comments readable without a DTD.

    A named HTML entity becomes its character, a number of C1 controls what browsers make of it (Windows-1252), a
    reference to nothing and a bare ampersand become the text `&amp;…`. Names that the document declares itself stay.
    """
    if "&" not in xml:
        return xml
    # An article may speak of entities, in its CDATA: the document declares its own before.
    own = frozenset(_ENTITY_NAME.findall(xml.partition(_CDATA)[0][:20_000])) if "<!ENTITY" in xml else frozenset()

    def mend(found: re.Match[str]) -> str:
        decimal, hexadecimal, name = found.groups()
        if decimal or hexadecimal:
            return _number(int(decimal) if decimal else int(hexadecimal, 16))
        if name is None:
            return "&amp;"
        if name in _XML_ENTITIES or name in own:
            return found.group()
        known = html5.get(name + ";")
        return _escaped(known) if known else f"&amp;{name};"

    pieces = []
    position = 0
    for literal in _literals(xml):
        pieces.append(_AMPERSAND.sub(mend, xml[position : literal[0]]))
        pieces.append(xml[literal[0] : literal[1]])
        position = literal[1]
    pieces.append(_AMPERSAND.sub(mend, xml[position:]))
    return "".join(pieces)


def without_comments(xml: str) -> str:
    """Return the document without comments outside CDATA; what opens a comment that never ends goes alone."""
    if "<!--" not in xml:
        return xml
    pieces = []
    position = 0
    for start, end in _literals(xml):
        pieces.append(xml[position:start].replace("<!--", ""))
        if not xml.startswith("<!--", start):
            pieces.append(xml[start:end])
        position = end
    pieces.append(xml[position:].replace("<!--", ""))
    return "".join(pieces)


def _literals(xml: str) -> list[tuple[int, int]]:
    """Return where CDATA sections and comments stand; an unclosed one is no literal."""
    found: list[tuple[int, int]] = []
    position = 0
    ends = {_CDATA: "]]>", "<!--": "-->"}
    # The next place of each opening; looked for again only when passed, so that every letter is searched once.
    places = {mark: xml.find(mark) for mark in ends}
    while True:
        for mark, at in places.items():
            if 0 <= at < position:
                places[mark] = xml.find(mark, position)
        open_marks = [(at, mark) for mark, at in places.items() if at >= 0]
        if not open_marks:
            return found
        at, mark = min(open_marks)
        end = xml.find(ends[mark], at + len(mark))
        if end < 0:
            places[mark] = -1
            continue
        found.append((at, end + 3))
        position = end + 3


def _number(code: int) -> str:
    if 0x80 <= code <= 0x9F:
        text = bytes([code]).decode("cp1252", "ignore")
        return f"&#{ord(text)};" if text else ""
    if code in {9, 10, 13} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF:
        return f"&#{code};"
    return ""


def _escaped(text: str) -> str:
    return "".join(f"&#{ord(letter)};" for letter in text)


def _to_text(body: bytes, content_type: str) -> str:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for shape, encoding in _SHAPES:
        if body.startswith(shape):
            return body.decode(encoding, "replace")
    names = _declared(body, content_type)
    # ISO-2022-JP and HZ are made of ASCII bytes and would pass for UTF-8.
    shifts = b"\x1b$" in body or b"~{" in body or b"\x0e" in body
    text = _as_first_of([*(name for name in names if shifts and name in _SEVEN_BIT), "utf-8"], body)
    if text is not None:
        return text
    if _is_broken_utf8(body):
        return body.decode("utf-8", "replace")
    text = _as_first_of([_WIDER.get(name, name) for name in names if name != "utf-8"], body)
    return _guess(body, names) if text is None else text


def _as_first_of(names: Sequence[str], body: bytes) -> str | None:
    """Return the text in the first of these encodings that every byte of it fits, or None."""
    return next((text for name in names if (text := _strictly(body, name)) is not None), None)


def _declared(body: bytes, content_type: str) -> list[str]:
    """Return the encodings that the server and the document name, as Python calls them, without unknown ones."""
    said = [found.group(1) for found in [_CHARSET.search(content_type)] if found]
    said += [found.group(1).decode("ascii", "ignore") for found in [_DECLARED.search(body[:_HEAD_BYTES])] if found]
    names = []
    for name in said:
        try:
            known = codecs.lookup(name)
        except LookupError:
            continue
        # Codecs that are no character sets (base64, rot13) are known to Python, too.
        if known.name not in _NEVER and known._is_text_encoding:
            names.append(known.name)
    return names


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, ValueError):
        return None


def _is_broken_utf8(body: bytes) -> bool:
    """Return whether the bytes are UTF-8 with few faults: cut inside a character, or one bad quotation in a long
    text.
    """
    text = body.decode("utf-8", "replace")
    faults = text.count("\ufffd")
    good = sum(1 for letter in text[:200_000] if letter > "\x7f" and letter != "\ufffd")
    return good >= 2 and faults * 4 <= good


def _guess(body: bytes, names: list[str]) -> str:
    """Return the text in the encoding that its letters suggest, else in the declared one, else in Windows-1252."""
    dense = b" ".join(_TAG_BYTES.sub(b" ", line) for line in body.splitlines() if not line.isascii())[:_SAMPLE_BYTES]
    for name, letters, share in _BY_LETTERS:
        # Cut in the middle of a letter: the last bytes may be wrong.
        sample = dense.decode(name, "ignore") if _strictly(body, name) is not None else ""
        foreign = sum(1 for letter in sample if letter > "\x7f")
        if foreign and len(letters.findall(sample)) >= share * foreign:
            return body.decode(name)
    text = _as_first_of(_of_language(body), body)
    if text is not None:
        return text
    import charset_normalizer  # noqa: PLC0415 - verbs read lists of feeds too; few documents need it

    best = charset_normalizer.from_bytes(dense, cp_isolation=list(_DETECTABLE), preemptive_behaviour=False).best()
    likely = [best.encoding] if best else []
    text = _as_first_of([_WIDER.get(name, name) for name in (*likely, *names, "cp1252")], body)
    return body.decode((*likely, "cp1252")[0], "replace") if text is None else text


def _of_language(body: bytes) -> list[str]:
    """Return the encoding that documents in the language it names are mostly in, where we know one."""
    language = _LANGUAGE.search(body[:_HEAD_BYTES])
    near = _BY_LANGUAGE.get(language.group(1).decode("ascii").lower()) if language else None
    return [] if near is None else [near]
