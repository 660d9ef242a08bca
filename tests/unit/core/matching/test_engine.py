"""What a match says: its groups, their names and words, and what keeps a rule from firing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watcher.core.language.terms import parse_term
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import find_terms
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Match, Span
from watcher.core.model.place import Place
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    Concept,
    ConceptRef,
    First,
    Limits,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    RuleSource,
    Sentence,
    Term,
    TitleOrLead,
    Where,
)
from watcher.errors import ConfigError

CONCEPTS = {
    "north-korea": Concept(
        "north-korea", (Term("North Korea*"), Term("Pyongyang"), Term("북한")), (Term("북한산"),), "North Korea"
    ),
    "russia": Concept("russia", (Term("Russia*"), Term("Moscow")), (Term("Moscow, Idaho"),), "Russia"),
    "north-korea-cities": Concept("north-korea-cities", (Term("Pyongyang"),)),
    "russia-cities": Concept("russia-cities", (Term("Moscow"),)),
    "both": Concept("both", (ConceptRef("north-korea"), ConceptRef("russia"))),
}
_LISTS = (("ship", "north-korea-cities"), ("tank", "russia-cities"), ("ship", "russia-cities"))
KOREA, RUSSIA = ConceptRef("north-korea"), ConceptRef("russia")


def article(title: str = "", summary: str = "", content: str = "", *, lang: str = "") -> Article:
    return Article(id=ArticleId("a"), feed=FeedId("f"), title=title, summary=summary, content=content, lang=lang)


def rule(*items: Node | str, none: tuple[str, ...] = (), excepts: tuple[str, ...] = ()) -> Rule:
    body = AllOf(tuple(parse_term(item) if isinstance(item, str) else item for item in items))
    return Rule(RuleId("r"), "r", body, none=tuple(map(Term, none)), excepts=tuple(map(Term, excepts)))


def match(written: Rule, text: Article) -> Match | None:
    matches, failed = compile_rules(RuleSource(7, (written,), CONCEPTS)).match(text)
    assert failed == ()
    return matches[0] if matches else None


def words(found: Match | None, text: Article) -> list[str]:
    assert found is not None
    return [text.text_of(span.field)[span.start : span.end] for span in found.spans]


def test_groups_are_named_in_the_order_of_the_rule() -> None:
    text = article("Russian ships", "Pyongyang sends troops to Moscow", "Troops left.")

    found = match(rule("$north-korea", "$russia", AnyOf((Term("troop*"), Term("soldier*"))), "ships"), text)

    assert found is not None
    assert [group.label for group in found.groups] == ["North Korea", "Russia", "troop*", "ships"]
    assert found.groups[1].spans == (
        Span(Field.TITLE, 0, 7, "Russia*", "russia"),
        Span(Field.SUMMARY, 26, 32, "Moscow", "russia"),
    )
    assert words(found, text) == ["Russian", "ships", "Pyongyang", "troops", "Moscow", "Troops"]


def test_the_longest_hit_stays_where_one_lies_within_another() -> None:
    text = article("North Korean parade")

    found = match(rule(AnyOf((Term("Korea*"), Term("North Korea*"), Term("North")))), text)

    assert words(found, text) == ["North Korean"]


def test_a_word_that_two_groups_use_is_marked_for_both() -> None:
    found = match(rule("$both", "$russia"), article("Moscow"))

    assert found is not None
    assert {span.concept for span in found.spans} == {"both", "russia"}


def test_each_group_names_its_own_words_where_lists_hold_lists() -> None:
    lists = [AnyOf((AnyOf((Term(word), Term(f"{word}s"))), ConceptRef(concept))) for word, concept in _LISTS]

    found = match(rule(*lists), article("Moscow ships, Pyongyang tanks", "Moscow and Pyongyang"))

    assert found is not None
    assert [[span.term for span in group.spans] for group in found.groups] == [
        ["ships", "Pyongyang", "Pyongyang"],
        ["Moscow", "tanks", "Moscow"],
        ["Moscow", "ships", "Moscow"],
    ]


def test_a_word_of_lone_consonants_takes_no_plural() -> None:
    assert match(rule("ㅋㅋ"), article("ㅋㅋ들")) is None


def test_a_concepts_excepts_hold_for_its_own_terms_only() -> None:
    mountain = article("북한산 등산")
    town = article("Moscow, Idaho")

    assert match(rule("$north-korea"), mountain) is None
    assert match(rule("북한*"), mountain) is not None
    assert match(rule("$russia"), town) is None
    assert match(rule("$both"), town) is None
    assert match(rule("Moscow"), town) is not None


def test_a_rules_excepts_hold_for_everything_in_it() -> None:
    text = article("Pyongyang Street reopens", "Pyongyang fires")

    found = match(rule("$north-korea", excepts=("Pyongyang Street",)), text)

    assert found is not None
    assert found.spans == (Span(Field.SUMMARY, 0, 9, "Pyongyang", "north-korea"),)


def test_none_stops_a_rule_but_not_when_except_covers_the_word() -> None:
    text = article("Moscow football club")

    assert match(rule("$russia", none=("football",)), text) is None
    assert match(rule("$russia", none=("football",), excepts=("football club",)), text) is not None


@pytest.mark.parametrize("body", [Not(Term("sport")), AllOf(()), AnyOf(()), AnyOf((Not(Term("sport")),))])
def test_a_rule_without_a_positive_term_matches_nothing(body: Node) -> None:
    assert match(Rule(RuleId("r"), "r", body), article("anything")) is None


def test_a_not_alone_never_makes_a_rule_fire() -> None:
    body = AnyOf((Term("war"), Not(Term("sport"))))

    assert match(Rule(RuleId("r"), "r", body), article("anything")) is None


def test_title_or_lead_takes_title_and_first_paragraph_together() -> None:
    wanted = rule(TitleOrLead((KOREA, RUSSIA)))

    assert match(wanted, article("Pyongyang", "Moscow", "Moscow said.\nMore.")) is not None
    assert match(wanted, article("Pyongyang", "Moscow", "Nothing.\nMoscow said.")) is None
    assert match(wanted, article("Pyongyang", "Moscow")) is not None


def test_title_or_lead_marks_only_words_there() -> None:
    text = article("Pyongyang", "", "Moscow said.\nPyongyang and Moscow agreed.")

    assert words(match(rule(TitleOrLead((KOREA, RUSSIA))), text), text) == ["Pyongyang", "Moscow"]


def test_sentence_paragraph_and_first_words() -> None:
    text = article("", "", "Pyongyang spoke. Moscow heard.\nPyongyang again.")

    assert match(rule(Sentence((KOREA, RUSSIA))), text) is None
    assert match(rule(Paragraph((KOREA, RUSSIA))), text) is not None
    assert match(rule(First((RUSSIA,), 2)), text) is None
    assert match(rule(First((RUSSIA,), 3)), text) is not None


def test_near_counts_from_the_end_of_a_phrase() -> None:
    text = article("Russia and North Korea")

    assert match(rule(Near((Term("Russia"), Term("North Korea")), 2)), text) is not None
    assert match(rule(Near((Term("Russia"), Term("Korea")), 2)), text) is None


def test_near_never_crosses_fields() -> None:
    assert match(rule(Near((Term("Russia"), Term("missile")), 50)), article("Russia", "missile")) is None


def test_a_phrase_never_crosses_two_tags() -> None:
    tagged = replace(article(), tags=("North", "Korea"))

    assert match(rule("tag:North Korea"), tagged) is None
    assert match(rule("tag:Korea"), tagged) is not None


def test_scopes_look_into_one_field() -> None:
    text = replace(
        article("Iran", "Syria"), url="https://news.example/iran-syria", source="wire.example", author="Ann Lee"
    )

    assert match(rule("title:Syria"), text) is None
    assert match(rule("url:syria"), text) is not None
    assert match(rule("source:wire.example"), text) is not None
    assert match(rule("author:Ann Lee"), text) is not None


@pytest.mark.parametrize(
    ("where", "passes"),
    [
        (Where(lang=Limits(("en",))), True),
        (Where(lang=Limits(("ru",))), False),
        (Where(lang=Limits(("en",), negated=True)), False),
        (Where(tags=Limits(("Wire",))), True),
        (Where(tags=Limits(("satire",), negated=True)), True),
        (Where(feeds=Limits(("asia",))), True),
        (Where(sites=Limits(("example.org",))), True),
        (Where(sites=Limits(("ample.org",))), False),
        (Where(sources=Limits(("news.example.org",))), True),
    ],
)
def test_where_looks_at_metadata(where: Where, passes: bool) -> None:
    text = replace(
        article("Iran", lang="en"),
        url="https://news.example.org/x",
        source="news.example.org",
        feed_name="asia",
        tags=("wire",),
    )

    assert (match(replace(rule("Iran"), where=where), text) is not None) is passes


def test_an_unknown_language_passes() -> None:
    limited = replace(rule("Iran"), where=Where(lang=Limits(("ru",))))

    assert match(limited, article("Iran")) is not None


def test_stemming_asks_the_lemmatiser_in_the_language_of_the_article() -> None:
    lemmas = {("ru", "Кореи"): "Корея", ("ru", "Корея"): "Корея"}
    source = RuleSource(1, (replace(rule("Корея"), stem="auto"),))
    text = article("Власти Кореи", lang="ru")

    with_lemmas = compile_rules(source, lambda word, lang: lemmas.get((lang, word), word)).match(text)[0]
    without = compile_rules(source).match(text)[0]

    assert [(span.start, span.end) for span in with_lemmas[0].spans] == [(7, 12)]
    assert without == ()


def test_an_unknown_concept_is_named_with_its_place_and_a_suggestion() -> None:
    wrong = rule(ConceptRef("rusia", Place("rules.yaml", 4, 9)))

    with pytest.raises(ConfigError, match=r"rules\.yaml:4:9: unknown concept `\$rusia`; did you mean `\$russia`\?"):
        compile_rules(RuleSource(1, (wrong,), CONCEPTS))


def test_concepts_in_a_circle_are_refused() -> None:
    circle = {"a": Concept("a", (ConceptRef("b"),)), "b": Concept("b", (ConceptRef("a"),))}

    with pytest.raises(ConfigError, match=r"\$a -> \$b -> \$a"):
        compile_rules(RuleSource(1, (rule("$a"),), circle))


def test_a_rule_that_cannot_be_tried_does_not_stop_the_others() -> None:
    def breaks(word: str, lang: str) -> str:
        raise LookupError(word)

    rules = (replace(rule("Iran"), id=RuleId("stemmed"), stem="en"), replace(rule("Iran"), id=RuleId("plain")))
    matches, failed = compile_rules(RuleSource(1, rules), breaks).match(article("Iran"))

    assert [found.rule for found in matches] == ["plain"]
    assert [found.rule for found in failed] == ["stemmed"]


def test_a_rule_set_knows_its_revision() -> None:
    assert compile_rules(RuleSource(7, ())).revision == 7


def test_find_terms_gives_every_occurrence() -> None:
    found = find_terms([Term("parade*"), Term("Iran")], article("Parades in Iran", "the parade"))

    assert [(span.field, span.term) for span in found] == [
        (Field.TITLE, "parade*"),
        (Field.TITLE, "Iran"),
        (Field.SUMMARY, "parade*"),
    ]


def test_lists_within_lists_keep_their_own_words() -> None:
    first = AnyOf((AnyOf((Term("u*"),)), AnyOf((Term("kremlin"),))))
    second = AnyOf((AnyOf((Term("finance"), Term("fina*"))), Term("bank")))
    text = article(content="finance (US) office's finance")

    found = match(rule(first, second), text)

    assert found is not None
    assert [[span.term for span in group.spans] for group in found.groups] == [["u*"], ["finance", "finance"]]
