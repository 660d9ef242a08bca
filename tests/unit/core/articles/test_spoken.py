"""Which languages an article may be in: no sign decides alone, and what is unsure excludes nothing."""

from __future__ import annotations

import pytest

from watcher.core.articles.spoken import TOLD_APART, Spoken, spoken
from watcher.core.model.article import Article
from watcher.core.model.explanation import LanguageOrigin
from watcher.core.model.ids import ArticleId, FeedId
from watcher.lexicon.languages import _table, detect


def told(title: str, lang: str = "", *, declared: bool | None = True) -> Spoken:
    article = Article(ArticleId("a"), FeedId("f"), title=title, lang=lang, lang_declared=declared)
    return spoken(article, detect)


def test_declared_language_counts_where_nothing_speaks_against_it() -> None:
    found = told("DeSantis signs school funding bill", "en")
    assert found == Spoken("en", frozenset({"en"}), LanguageOrigin.DECLARED, frozenset({"en"}))
    assert told("Iran", "de").codes == {"de"}


@pytest.mark.parametrize(
    ("title", "label", "own"),
    [
        ("Korea Północna wyśle więcej broni Rosji", "en", "pl"),
        ("Russia and North Korea are advancing in arms talks", "pl", "en"),
        ("Der Kanzler reist am Montag nach Warschau", "en", "de"),
        ("Київ заявив про нову атаку їхніх дронів", "ru", "uk"),
        ("Войска вышли из этого города", "uk", "ru"),
    ],
)
def test_wrong_label_gives_way_to_the_letters_and_shuts_out_neither(title: str, label: str, own: str) -> None:
    found = told(title, label)
    assert found.code == own
    assert {label, own} <= found.codes
    assert found.origin is LanguageOrigin.DOUBTED


def test_label_that_cannot_be_written_in_the_letters_is_none() -> None:
    found = told("북한 군부대가 이동했다", "en")
    assert found == Spoken("ko", frozenset({"ko"}), LanguageOrigin.LETTERS, frozenset({"ko", "en"}))


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("Wyrok NSA w sprawie podatku", {"pl"}),
        ("露朝首脳会談", {"ja", "zh"}),
        ("Войска в городе", {"ru", "uk"}),
        ("Войска вышли из города", {"ru"}),
        ("Її дрони біля Києва", {"uk"}),
        ("停滞する前線の影響で大雨", {"ja"}),
        ("Iran", set()),
        ("C-300", set()),
    ],
)
def test_without_a_label_letters_and_words_tell_what_may_be(title: str, codes: set[str]) -> None:
    assert told(title).codes == codes


def test_of_several_languages_the_one_named_first_is_the_guess_unless_the_feed_names_one_of_them() -> None:
    assert (told("露朝首脳会談").code, told("露朝首脳会談", "ja", declared=False).code) == ("zh", "ja")


def test_title_in_another_language_than_its_lead_keeps_both() -> None:
    article = Article(
        ArticleId("a"),
        FeedId("f"),
        title="Korea Północna wyśle więcej broni Rosji",
        summary="The full text of this article is available to subscribers in the original language only. "
        "Please log in to your account to continue reading, or subscribe to one of our newsletters today.",
    )
    assert {"pl", "en"} <= spoken(article, detect).codes


def test_article_in_other_letters_may_quote_english() -> None:
    assert told("Войска вышли из города").lists == {"ru", "en"}
    assert told("Wyrok NSA w sprawie podatku").lists == {"pl"}
    assert told("Iran").lists == set()


def test_guess_of_the_letters_that_was_stored_is_no_label() -> None:
    assert told("Войска в городе", "ru", declared=False).codes == {"ru", "uk"}


@pytest.mark.parametrize(
    ("title", "label", "own"),
    [
        ("Nordkorea: Soldaten in Kursk, Russland", "en", "de"),
        ("Kim Jong Un besucht Putin in Wladiwostok", "en", "de"),
        ("Wojska KRLD w Rosji", "en", "pl"),
        ("朝鲜向俄罗斯派遣军队", "ko", "zh"),
        ("露朝首脳会談", "zh", "ja"),
        ("Армія на полі", "ru", "uk"),
    ],
)
def test_label_alone_shuts_out_no_list(title: str, label: str, own: str) -> None:
    lists = told(title, label).lists
    assert not lists or own in lists


def test_label_that_words_agree_with_shuts_out_others() -> None:
    assert "de" not in told("Adam Schiff wins the Senate primary in California", "en").lists


def test_what_is_told_apart_is_what_the_table_and_the_letters_tell() -> None:
    assert {*_table().languages, "ko", "ja", "zh", "ru", "uk"} == TOLD_APART


def test_label_stands_where_letters_cannot_tell() -> None:
    assert told("Армия на полигоне", "uk")[:3] == ("uk", frozenset({"uk"}), LanguageOrigin.DECLARED)
