"""A text that changed to match: what fired must stand in a passage that is new, and not in another item's box."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.listing import FEED, item
from watcher.core.dedup.keys import article_keys
from watcher.core.identity.changed import Passages, fresh_sentences, new_passage, passages_of
from watcher.core.model.alert import KnownArticle
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import RuleId
from watcher.core.model.match import GroupHit, Match, ReadArticle, Span
from watcher.core.model.outcome import Identity
from watcher.core.model.verdict import Stage

RULE = RuleId("shells")
QUIET = item(1, "Live: talks go on", summary="Envoys met twice. Nothing was signed.", content="")


def fired(article: Article, field: Field = Field.TITLE, word: str = "shells") -> ReadArticle:
    start = article.text_of(field).casefold().index(word)
    span = Span(field, start, start + len(word), word)
    match = Match(RULE, (GroupHit(word, (span,)),))
    return ReadArticle(article, article_keys(article, Identity.GUID), (match,))


def known(article: Article, *, is_whole: bool = True) -> KnownArticle:
    keys = article_keys(article, Identity.GUID)
    return KnownArticle(article.id, keys, Stage.MATCHED, article.title, feed=FEED, article=article, is_whole=is_whole)


def passage(read: ReadArticle, before: KnownArticle, *others: ReadArticle, same_rules: bool = True) -> str:
    found = new_passage(read.matches[0], read, before, Passages([read, *others]), same_rules=same_rules)
    return " ".join(found)


def test_a_changed_title_is_a_new_passage() -> None:
    later = fired(replace(QUIET, title="Live: shells shipped to the front, talks go on"))
    assert passage(later, known(QUIET)) == "live shells shipped to the front talks go on"
    assert passage(later, known(later.article)) == ""


def test_a_text_that_is_gone_had_fired() -> None:
    later = fired(replace(QUIET, title="Live: shells shipped"))
    assert passage(later, known(QUIET, is_whole=False)) == ""
    assert passage(later, replace(known(QUIET), article=None)) == ""


def test_under_other_rules_the_word_that_fired_must_be_new() -> None:
    before = replace(QUIET, summary="Shells are short. Nothing was signed.")
    later = fired(replace(before, title="Live: shells shipped"))
    assert passage(later, known(before)) == "live shells shipped"
    assert passage(later, known(before), same_rules=False) == ""
    assert passage(later, known(QUIET), same_rules=False) == "live shells shipped"


def test_a_new_sentence_of_the_lead_counts_unless_it_is_another_items_title() -> None:
    later = fired(replace(QUIET, summary=f"{QUIET.summary} Army shells fall on Orlan."), Field.SUMMARY)
    other = fired(item(2, "Army shells fall on Orlan"))
    assert passage(later, known(QUIET)) == "army shells fall on orlan"
    assert passage(later, known(QUIET), other) == ""


def test_a_short_title_of_another_item_is_no_box() -> None:
    later = fired(replace(QUIET, summary=f"{QUIET.summary} Army shells fall on Orlan."), Field.SUMMARY)
    assert passage(later, known(QUIET), fired(item(2, "Army shells"))) == "army shells fall on orlan"


def test_a_title_that_lacks_the_word_is_no_box() -> None:
    later = fired(replace(QUIET, summary="Talks fall on Orlan, army shells too."), Field.SUMMARY)
    assert passage(later, known(QUIET), fired(item(2, "Talks fall on Orlan"), word="talks")) != ""


def test_below_the_lead_a_sentence_that_another_item_holds_is_a_box() -> None:
    box = "Army shells fall on Orlan again today."
    later = fired(replace(QUIET, content=f"{QUIET.summary} {box}"), Field.CONTENT)
    other = replace(item(2), content=f"Deputies voted. {box}")
    bare = ReadArticle(other, article_keys(other, Identity.GUID))
    assert passage(later, known(QUIET)) == "army shells fall on orlan again today"
    assert passage(later, known(QUIET), bare) == ""


def test_a_hit_in_a_tag_stands_in_no_passage() -> None:
    later = fired(replace(QUIET, tags=("shells",)), Field.TAG)
    assert passage(later, known(QUIET)) == ""


def test_a_rule_that_fires_by_no_word_takes_any_new_passage() -> None:
    later = replace(QUIET, summary=f"{QUIET.summary} A bell rang.")
    read = ReadArticle(later, article_keys(later, Identity.GUID), (Match(RULE, ()),))
    assert passage(read, known(QUIET)) == "a bell rang"
    assert passage(read, known(later)) == ""


def fresh(read: ReadArticle, before: Article, *others: ReadArticle) -> tuple[str, ...]:
    return fresh_sentences(read.matches[0], read, before, Passages([read, *others]))


def test_fresh_sentences_are_those_of_the_lead_with_a_hit_that_were_not_there() -> None:
    later = replace(QUIET, summary=f"{QUIET.summary} Army shells fall on Orlan. A bell rang.")
    assert fresh(fired(later, Field.SUMMARY), QUIET) == ("Army shells fall on Orlan.",)
    assert fresh(fired(later, Field.SUMMARY), later) == ()
    assert fresh(fired(replace(later, title="Live: shells"), Field.TITLE), QUIET) == ()


def test_fresh_sentences_of_a_rule_without_words_are_all_new_ones() -> None:
    later = replace(QUIET, summary=f"{QUIET.summary} A bell rang.")
    assert fresh(ReadArticle(later, article_keys(later, Identity.GUID), (Match(RULE, ()),)), QUIET) == ("A bell rang.",)


def test_without_a_summary_the_lead_is_the_beginning_of_the_content() -> None:
    before = replace(QUIET, summary="", content="Envoys met twice.")
    later = replace(before, content="Envoys met twice. Army shells fall on Orlan.")
    assert fresh(fired(later, Field.CONTENT), before) == ("Army shells fall on Orlan.",)


def test_a_box_is_no_fresh_sentence() -> None:
    later = fired(replace(QUIET, summary=f"{QUIET.summary} Army shells fall on Orlan."), Field.SUMMARY)
    assert fresh(later, QUIET, fired(item(2, "Army shells fall on Orlan"))) == ()


def test_passages_are_the_title_and_every_sentence_as_words() -> None:
    assert passages_of(QUIET) == {
        ("live", "talks", "go", "on"),
        ("envoys", "met", "twice"),
        ("nothing", "was", "signed"),
    }
