"""`blockers` of a concept: longer words that hold one of its terms and are something else, such as 阿萨德 (Assad) for 萨德.

They mask as `except` does, in articles of every language. One that is a term of the concept itself, or a part of one,
would keep that term from ever being found, so it is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from watcher.core.articles.letters import fold
from watcher.core.model.rule import ConceptRef, Node, Term
from watcher.settings.issues import Issues
from watcher.settings.phrases import short

_HINT = "a blocker is a longer word that holds a term and is something else"
_BARE_NUMBER = re.compile(r"(?<![a-z0-9-])\d+$")
_NUMBER_HINT = "write more of the word: 坦克500 hides 坦克 in 坦克500辆 (500 tanks), and 坦克500Hi4 only the car"


def checked_blockers(blockers: Iterable[Term | ConceptRef], terms: Iterable[Node], issues: Issues) -> tuple[Term, ...]:
    """Return the blockers of a concept; a concept among them, and one that blocks a term itself, is a mistake;
    one that ends in a bare number is warned of.

    A regular expression is not held against the terms.
    """
    plain = {_letters(term): term.text for term in terms if isinstance(term, Term) and not term.regex}
    written = "\n".join(plain)
    found: list[Term] = []
    for blocker in blockers:
        if isinstance(blocker, ConceptRef):
            message = f"`blockers` takes words, and `${short(blocker.name)}` is a concept"
            issues.error(blocker.place, message, hint="write the longer words themselves")
            continue
        found.append(blocker)
        word = _letters(blocker)
        if not blocker.regex and _BARE_NUMBER.search(word):
            message = f"`{short(blocker.text)}` ends in a bare number, which may count what follows in true news"
            issues.warn(blocker.place, message, hint=_NUMBER_HINT)
        if blocker.regex or word not in written:
            continue
        term = plain.get(word) or next(text for letters, text in plain.items() if word in letters)
        message = f"`{short(blocker.text)}` blocks the term `{short(term)}` itself, which is then never found"
        issues.error(blocker.place, message, hint=_HINT, length=len(blocker.text))
    return tuple(found)


def _letters(term: Term) -> str:
    return fold(term.text.casefold()).replace("*", "").strip()
