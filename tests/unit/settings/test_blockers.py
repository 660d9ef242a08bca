"""`blockers` of a concept: longer words that hold a term and are something else."""

from __future__ import annotations

import pytest

from tests.unit.settings.support import good, mistake
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import ConceptRef, Rule, RuleSource
from watcher.settings.concepts import library_concept, library_names
from watcher.settings.env import read_settings
from watcher.settings.load import load_files

FLEET = "rules: [{name: r, all: [$arms]}]\nconcepts: {arms: {terms: {zh: [萨德, 国防], ko: [총상*]}, blockers: %s}}\n"


@pytest.mark.parametrize("blockers", ["[阿萨德, 防盲, 총상금*]", "{zh: [阿萨德, 防盲], ko: [총상금*]}"])
def test_a_longer_word_wins_over_the_term_in_it(blockers: str) -> None:
    rules = compile_rules(good(FLEET % blockers).rule_source(1))
    titles = ["叙总统阿萨德来访", "中国防盲事业", "총상금 10억원", "部署萨德", "国防部", "총상 입은 병사"]
    found = [bool(rules.match(Article(ArticleId("a"), FeedId("f"), title=title))[0]) for title in titles]
    assert found == [False, False, False, True, True, True]


@pytest.mark.parametrize(
    ("concept", "said"),
    [
        ("{terms: [萨德], blockers: [萨德]}", "`萨德` blocks the term `萨德` itself"),
        ("{terms: [萨德导弹], blockers: {zh: [萨德]}}", "`萨德` blocks the term `萨德导弹` itself"),
        ("{terms: [총상*], blockers: [총상*]}", "`총상*` blocks the term `총상*` itself"),
        ("{terms: [Élysée], blockers: [elysee]}", "`elysee` blocks the term `Élysée` itself"),
        ("{use: topics/missiles, blockers: [导弹]}", "`导弹` blocks the term"),
        ("{terms: [a], blockers: [$fleet]}", "`blockers` takes words, and `$fleet` is a concept"),
        ("{terms: [a], blockers: {chinese: [b]}}", "chinese"),
        ("{terms: [a], blocker: [b]}", "did you mean `blockers`"),
    ],
)
def test_what_is_no_blocker_is_a_mistake(concept: str, said: str) -> None:
    assert said in mistake(f"concepts: {{fleet: [fleet], arms: {concept}}}\n")


@pytest.mark.parametrize(
    ("blocker", "is_warned"), [("坦克500", True), ("坦克５００", True), ("坦克500Hi4", False), ("/坦克500/", False)]
)
def test_a_blocker_that_ends_in_a_bare_number_is_warned_of(blocker: str, is_warned: bool) -> None:
    files = {"a.yaml": FLEET.replace("萨德, 国防", "坦克") % f"[{blocker}]"}
    problems = load_files(files, read_settings()).problems
    assert any("ends in a bare number" in one.message for one in problems) is is_warned


def test_a_blocker_of_the_library_can_be_dropped() -> None:
    [concept] = good("concepts: {arms: {use: topics/missiles, drop: [阿萨德]}}\n").concepts.values()
    assert "阿萨德" not in {term.text for term in concept.excepts}
    assert "阿薩德" in {term.text for term in concept.excepts}


def test_the_library_names_no_longer_word_twice_as_except_and_as_blocker() -> None:
    with_blockers = 0
    for name in library_names().values():
        found = library_concept(name)
        longer = {word for words in found.blockers.values() for word in words}
        assert not longer & set(found.masked), name
        with_blockers += bool(longer)
    assert with_blockers >= 20


@pytest.mark.parametrize(
    ("concept", "title"),
    [
        ("topics/military", "加强干部队伍建设"),
        ("topics/military", "全国防汛工作会议召开"),
        ("topics/military", "活発な前線の影響で大雨の恐れ"),
        ("topics/weapons", "对地雷达投入使用"),
        ("topics/nuclear", "陕甘宁边区旧址"),
        ("topics/espionage", "习近平会见沙特工商界代表"),
        ("topics/shipping", "民航运输生产创新高"),
        ("topics/shipping", "神舟飞船运抵发射场"),
        ("topics/cyber", "保障电网安全"),
        ("places/ukraine", "乌东德水电站发电"),
        ("places/north-korea", "반도체 매출 1.4조로 증가"),
        ("places/north-korea", "6개 조로 나눠 진행"),
        ("places/russia", "비난 조로 말했다"),
        ("topics/sport", "올림픽공원에서 콘서트"),
        ("topics/missiles", "선거 발사관리위원회 개최"),
    ],
)
def test_longer_words_of_real_news_are_not_the_terms_in_them(concept: str, title: str) -> None:
    found = library_concept(concept).concept
    rule = Rule(RuleId("r"), "r", ConceptRef(found.name))
    rules = compile_rules(RuleSource(1, (rule,), {found.name: found}))
    assert not rules.match(Article(ArticleId("a"), FeedId("f"), title=title))[0]
