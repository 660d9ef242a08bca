"""Prints longer words around the library's Chinese, Japanese and Korean terms, for a person to choose blockers from.

    python -m tests.blockers ARTICLES.jsonl ... [--concept military] [--least 2] [--most 40]

Each line of a file is an article as `watcher match` reads it. A hit of a concept is looked at where it stands:

1. Scripts without spaces: two neighbouring signs hold together by how often they stand side by side, against how often
   each stands at all. Where an edge of the term holds tighter to what is outside it than the term holds in itself, it
   is likely no word of its own there: 国|防 of 中国防盲, 萨德 of 阿萨德. The words with three signs on either side are
   counted, and the longest that is as frequent as its parts is shown.
2. Korean: words that begin with the term and go on; particles are taken away.

What is printed was not judged: most lines are the term itself in longer words, which are right. Corpora are read from
where they lie, and are no part of the project.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import regex

from watcher.core.articles.korean import stems
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import ConceptRef, Rule, RuleSource
from watcher.settings.concepts import library_concept, library_names

_RUN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー々]+")
_HANGUL = regex.compile(r"\p{Hangul}")
_AROUND = 3
_WORD = regex.compile(r"[\p{L}\p{N}]+")


@dataclass
class Corpus:
    """Texts, and how often a sign and a pair of neighbouring signs stand in them."""

    texts: list[str] = field(default_factory=list)
    signs: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        self.texts.append(text)
        for run in _RUN.findall(text):
            self.signs.update(run)
            self.pairs.update(map("".join, pairwise(run)))

    def hold(self, pair: str) -> float:
        """Return how tightly two signs hold together: pointwise mutual information, 0 = as by chance."""
        together = self.pairs[pair]
        if not together:
            return -math.inf
        return math.log(together * self.signs.total() / (self.signs[pair[0]] * self.signs[pair[1]]))


def read(paths: Iterable[Path]) -> Corpus:
    """Return the titles and summaries of articles; a text that was there before counts once."""
    corpus, seen = Corpus(), set[str]()
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            for key in ("title", "summary"):
                text = unicodedata.normalize("NFKC", article.get(key) or "")
                if text and text not in seen:
                    seen.add(text)
                    corpus.add(text)
    return corpus


def longer_words(corpus: Corpus, names: Iterable[str]) -> Iterator[tuple[str, str, str, int, str]]:
    """Yield concept, term, longer word, how often, and a text that holds it; the most frequent of a concept first."""
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    texts: dict[tuple[str, str], str] = {}
    for name, term, text, start, end in _hits(_finder(names), corpus.texts):
        for word in _around(corpus, text, start, end):
            found[name][term, word] += 1
            texts.setdefault((term, word), text[max(0, start - 12) : end + 12])
    for name, words in sorted(found.items()):
        for (term, word), count in _longest(words):
            yield name, term, word, count, texts[term, word]


def _finder(names: Iterable[str]) -> RuleSet:
    concepts = {name: library_concept(library_names()[name]).concept for name in names}
    rules = tuple(Rule(RuleId(name), name, ConceptRef(name)) for name in concepts)
    return compile_rules(RuleSource(revision=1, rules=rules, concepts=concepts))


def _hits(finder: RuleSet, texts: Iterable[str]) -> Iterator[tuple[str, str, str, int, int]]:
    for number, text in enumerate(texts):
        article = Article(ArticleId(str(number)), FeedId("corpus"), title=text)
        for match in finder.match(article)[0]:
            for span in match.spans:
                yield match.rule, span.term, text, span.start, span.end


def _around(corpus: Corpus, text: str, start: int, end: int) -> Iterator[str]:
    if _HANGUL.search(text, start, end):
        word = next((each.group() for each in _WORD.finditer(text) if each.start() <= start < each.end()), "")
        yield min((word, *stems(word)), key=len)
        return
    run = next((each for each in _RUN.finditer(text) if each.start() <= start and end <= each.end()), None)
    if run is None:
        return
    inner = min((corpus.hold(text[at : at + 2]) for at in range(start, end - 1)), default=0.0)
    left = start > run.start() and corpus.hold(text[start - 1 : start + 1]) > inner
    right = end < run.end() and corpus.hold(text[end - 1 : end + 1]) > inner
    if not (left or right):
        return
    for before in range(_AROUND + 1 if left else 1):
        for after in range(_AROUND + 1 if right else 1):
            if before + after and run.start() <= start - before and end + after <= run.end():
                yield text[start - before : end + after]


def _longest(found: Counter[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    """Return words by frequency, without those that are only part of one that is as frequent."""
    by_term: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (term, word), count in found.items():
        by_term[term].append((word, count))
    kept: list[tuple[tuple[str, str], int]] = []
    for term, words in by_term.items():
        for word, count in words:
            if not any(word != longer and word in longer and many >= 0.8 * count for longer, many in words):
                kept.append(((term, word), count))
    return sorted(kept, key=lambda one: -one[1])


def main() -> None:
    """Print what was found, a line a word."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", nargs="+", type=Path)
    parser.add_argument("--concept", choices=sorted(library_names()), action="append")
    parser.add_argument("--least", type=int, default=2, help="how often a longer word must stand in the articles")
    parser.add_argument("--most", type=int, default=40, help="how many words of a concept are printed")
    asked = parser.parse_args()
    corpus = read(asked.articles)
    shown: Counter[str] = Counter()
    for name, term, word, count, text in longer_words(corpus, asked.concept or sorted(library_names())):
        if count >= asked.least and shown[name] < asked.most:
            shown[name] += 1
            sys.stdout.write("\t".join((name, term, word, str(count), text)) + "\n")


if __name__ == "__main__":
    main()
