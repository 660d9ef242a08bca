"""Short words in scripts without spaces count only where a word begins and ends: the real segmenter, as the extra
`cjk` brings it.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from watcher.core.language.terms import parse_term
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Rule, RuleSource
from watcher.lexicon.extras import compile_with_extras, installed, segmenter
from watcher.reading.readers import WorkerReader

pytestmark = pytest.mark.skipif(find_spec("icu") is None, reason="PyICU is not installed; `make cjk` builds it")

# Term, language, a text in which its characters are parts of other words, a text in which they are the word.
WORDS = [
    ("日本", "zh", "今日本报刊登了来信", "日本政府表示"),
    ("京都", "ja", "東京都知事が会見した", "京都の会議が始まった"),
    ("京都", "zh", "东京都知事抵达首尔", "京都举行会议"),
    ("上海", "zh", "海上海军演习", "上海军方发表声明"),
    ("国外", "zh", "英国外交大臣辞职", "国外媒体报道"),
]


def count(term: str, lang: str, text: str) -> int:
    rule = Rule(RuleId("r"), "r", parse_term(term))
    rules = compile_with_extras(RuleSource(1, (rule,)))
    matches, failed = rules.match(Article(ArticleId("a"), FeedId("f"), title=text, lang=lang))
    assert failed == ()
    return sum(len(match.spans) for match in matches)


@pytest.mark.parametrize(("term", "lang", "across", "whole"), WORDS)
def test_a_short_word_counts_only_where_a_word_begins_and_ends(term: str, lang: str, across: str, whole: str) -> None:
    assert count(term, lang, across) == 0
    assert count(term, lang, whole) == 1
    assert count(term, lang, f"{across}。{whole}") == 1


def test_longer_words_count_wherever_they_stand() -> None:
    assert count("東京都", "ja", "東京都知事が会見した") == 1
    assert count("รัสเซีย", "th", "กองทัพรัสเซียส่งทหาร") == 1


def test_edges_are_counted_in_characters_even_after_rare_ones() -> None:
    cut = segmenter()
    assert cut is not None
    plain, rare = "日本政府", "𠮷日本政府"
    assert {edge + 1 for edge in cut(plain, "ja")} <= set(cut(rare, "ja"))
    assert count("日本", "ja", "𠮷𠮷𠮷。日本政府") == 1


def test_the_report_names_the_segmenter() -> None:
    assert installed()["cjk"].startswith("PyICU ")


async def test_reader_processes_cut_words(tmp_path: Path) -> None:
    reader = WorkerReader(1)
    try:
        await reader.use(RuleSource(1, (Rule(RuleId("r"), "r", parse_term("日本")),)))
        texts = ("今日本报刊登了来信", "日本政府表示")
        across, whole = await reader.match(
            [Article(ArticleId(text), FeedId("f"), title=text, lang="zh") for text in texts], 1
        )
    finally:
        await reader.close()
    assert (len(across.matches), len(whole.matches)) == (0, 1)
