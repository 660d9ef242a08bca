"""Regular expressions and scoped concepts within rules: their hits, their place beside words, and when they are run."""

from __future__ import annotations

import pytest

from watcher.core.language.query import parse, split_excluded
from watcher.core.language.regexes import Regex
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.explain import explain
from watcher.core.matching.texts import FieldText
from watcher.core.matching.word_rows import Occurrence
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Concept, Rule, RuleSource, Term

CONCEPTS = {
    "kim": Concept("kim", (Term("Kim"), Term(r"rocket ?man", regex=True)), (), "Kim"),
    "ship": Concept("ship", (Term("ship*"), Term("hull", regex=True))),
}


def words(query: str, title: str, content: str = "", *, excepts: tuple[str, ...] = ()) -> list[str] | None:
    """Return the words that make a query hold, or None when it does not."""
    body, none = split_excluded(parse(query))
    masked = tuple(term for each in excepts if isinstance(term := parse(each), Term))
    rule = Rule(RuleId("r"), "r", body, none=none, excepts=masked)
    article = Article(ArticleId("a"), FeedId("f"), title=title, content=content)
    matches, failed = compile_rules(RuleSource(1, (rule,), CONCEPTS)).match(article)
    assert failed == ()
    if not matches:
        return None
    return [article.text_of(span.field)[span.start : span.end] for span in matches[0].spans]


@pytest.mark.parametrize(
    ("query", "title", "hits"),
    [
        (r"/hwasong-?\d+/", "A HWASONG-17 flew", ["HWASONG-17"]),
        (r"=/hwasong-?\d+/", "A HWASONG-17 flew", None),
        (r"/\bкоре\w+/ ракет*", "В Корее пуск ракеты", ["Корее", "ракеты"]),
        (r"kim NEAR/2 /launch\w*/", "Kim will launch it", ["Kim", "launch"]),
        (r"kim NEAR/2 /launch\w*/", "Kim says that they will launch it", None),
        (r"kim ONEAR/3 /launch\w*/", "Launched by Kim", None),
        (r"SENTENCE(/a+h/ kim)", "Aaah, said Kim.", ["Aaah", "Kim"]),
        (r"kim NOT /footbal+/", "Kim at football", None),
        (r"kim NOT /footbal+/", "Kim at sea", ["Kim"]),
        (r"ATLEAST/2(/x\d/)", "x1 and x2", ["x1", "x2"]),
        (r"$kim /fl[iy]\w*/", "Rocket man flies", ["Rocket man", "flies"]),
        (r"title:/x\d/", "nothing", None),
        ("/%%/ kim", "Kim 100 %%", ["Kim", "%%"]),
    ],
)
def test_a_pattern_is_a_term_like_others(query: str, title: str, hits: list[str] | None) -> None:
    assert words(query, title, "x1" if "title:" in query else "") == hits


def test_a_pattern_masks_words() -> None:
    assert words("moscow", "In Moscow (Idaho)", excepts=(r"/moscow \(idaho\)/",)) is None
    assert words("moscow", "Moscow, not Moscow (Idaho)", excepts=(r"/moscow \(idaho\)/",)) == ["Moscow"]


def test_a_scope_holds_for_all_of_a_concept() -> None:
    assert words("title:$ship", "Ship with a hull", "a ship, a hull") == ["Ship", "hull"]
    assert words("title:$ship", "Nothing", "a ship, a hull") is None
    assert words("lead:$ship", "Ship", "a ship\n\na hull") == ["ship"]
    assert words("title:$ship content:$ship", "Ship", "a hull") == ["Ship", "hull"]


def test_a_pattern_is_run_only_when_all_else_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    find = FieldText.find_regex

    def _counted(self: FieldText, pattern: Regex) -> list[Occurrence]:
        runs.append(self.field.value)
        return find(self, pattern)

    monkeypatch.setattr(FieldText, "find_regex", _counted)

    assert words(r"/x\d/ kim (ship OR boat) NOT y", "x1 kim sails") is None
    assert runs == []
    assert words(r"/x\d/ kim (ship OR boat) NOT y", "x1 kim ship") == ["x1", "kim", "ship"]
    assert runs


def test_an_explanation_says_what_operators_ask_for() -> None:
    query = r"kim NEAR/5 ship TITLE_OR_LEAD(a b) ATLEAST/3(/x\d/) FIRST/50(c) (d OR ONEAR e)".replace(
        "ONEAR e", "e ONEAR/2 f"
    )
    rules = compile_rules(RuleSource(1, (Rule(RuleId("r"), "r", parse(query)),)))

    (explanation,) = explain(rules, Article(ArticleId("a"), FeedId("f"), title="x e"))

    assert [group.asks for group in explanation.groups] == [
        "NEAR/5: positions differ by at most 5",
        "TITLE_OR_LEAD: all of it in title and lead together",
        "ATLEAST/3: at least 3 times",
        "FIRST/50: within the first 50 words of a field",
        "ONEAR/2: positions differ by at most 2, in this order",
    ]
    assert explanation.groups[2].wanted == (r"/x\d/",)
