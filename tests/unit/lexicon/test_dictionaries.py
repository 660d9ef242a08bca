"""Which dictionaries are loaded does not depend on which articles came first, or it is said."""

from __future__ import annotations

import signal

import pytest

from watcher.lexicon.dictionaries import LIBRARY, Dictionaries, _uncounted, has


def form(dictionaries: Dictionaries, word: str, language: str) -> str:
    """Return the dictionary form of a word, the word itself where there is no dictionary."""
    known = dictionaries.of(language)
    return word if known is None else known(word)


def test_the_languages_of_the_library_have_room_however_many_others_came_first() -> None:
    dictionaries = Dictionaries(most_others=1)
    for language in ("cs", "it", "nl", "sv"):
        dictionaries.of(language)
    assert form(dictionaries, "ракеты", "ru") == "ракета"
    assert form(dictionaries, "ракети", "uk") == "ракета"
    assert dictionaries.of("pl") is not None
    assert all(has(language) for language in LIBRARY)


def test_a_language_without_room_is_taken_as_written_and_said_once() -> None:
    dictionaries = Dictionaries(most_others=1)
    assert form(dictionaries, "Praze", "cs") == "Praha"
    assert form(dictionaries, "Suomessa", "fi") == "Suomessa"
    [note] = dictionaries.notes()
    assert "words in fi are matched as written" in note
    assert "`stem: fi`" in note
    dictionaries.of("fi")
    assert dictionaries.notes() == []


def test_a_language_that_a_rule_names_is_loaded_even_after_it_was_refused() -> None:
    dictionaries = Dictionaries(most_others=0)
    assert form(dictionaries, "Praze", "cs") == "Praze"
    assert dictionaries.ask_for(["cs"]), "words remembered as written are wrong now"
    assert form(dictionaries, "Praze", "cs") == "Praha"
    assert not dictionaries.ask_for(["cs"])


def test_a_language_without_a_dictionary_takes_no_room() -> None:
    dictionaries = Dictionaries(most_others=1)
    assert dictionaries.of("ko") is None
    assert dictionaries.of("cs") is not None
    assert dictionaries.notes() == []


def test_loading_a_dictionary_does_not_count_as_work_on_a_document() -> None:
    signal.setitimer(signal.ITIMER_PROF, 50)
    try:
        with _uncounted():
            assert signal.getitimer(signal.ITIMER_PROF)[0] == 0
        assert signal.getitimer(signal.ITIMER_PROF)[0] == pytest.approx(50, abs=5)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    with _uncounted():
        pass
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0, "where nothing is counted nothing begins to be"


def test_which_languages_have_a_dictionary() -> None:
    assert [code for code in ("ru", "en", "hr", "ko", "ja", "zh", "th", "vi", "yue", "qq") if has(code)] == [
        "ru",
        "en",
        "hr",
    ]
