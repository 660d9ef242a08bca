"""What is written like a pattern is one, or is said not to be; what news really writes is left alone."""

from __future__ import annotations

import pytest

from watcher.core.language.doubts import doubt
from watcher.core.language.query import read_query
from watcher.core.language.terms import odd_sign, parse_term
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Node, Rule, RuleSource, Term
from watcher.errors import TermError

REAL = (
    "C++",
    "C#",
    "AC/DC",
    "and/or",
    "24/7",
    "Who?",
    "who?",
    "Where?",
    "what's up?",
    "Yahoo!",
    "F-16C(B)",
    "T-72B3(M)",
    "S-300(PMU)",
    "US$",
    "A$AP",
    "Ke$ha",
    "[UPDATE] fire",
    "/r/news",
    "r/worldnews",
    "m/f/x",
    "km/h",
    "m/s",
    "Nord Stream (2)",
    "K+S",
    "S&P 500",
    ".NET",
    "AT&T",
    "a.k.a.",
    "U.S.",
    "Guns N' Roses",
    "R.E.M.",
    "P!nk",
    "Kim (Jong-un)",
    "Bloomberg | Markets",
    "50%",
    "missile*",
    "*ase",
    "x^2",
    "=US",
    "re:publica",
    "Toys 'R' Us",
    "{0}",
    "北(한)",
    "Москва?",
    "$$TSLA",
    "1/2/i",
    "(US)",
    "[sic]",
    "Su-27[30]",
    "(R)",
    "(C)",
    "(TM)",
    "(sic)",
    "(photo)",
    "(Reuters)",
    "Canal+",
    "Disney+",
    "disney+",
    "OPEC+",
    "opec+",
    "lgbtq+",
    "5+",
    "A+",
    "TCP/IP",
    "him/her",
    "s/he",
    "w/o",
    "n/a",
    "Gbit/s",
    "mbit/s",
    "l/100 km",
    "2023/24",
    "9/11",
    "20/i",
    "/e/",
    "/s",
    "A/H1N1",
    "i/o",
    "Wi-Fi/i",
    "https://a.example/",
    "m#1",
    "C#/F#",
    "Wham!",
    "m!a",
    "Google/Alphabet",
    '"foo|bar"',
    "/foo|bar/",
)


@pytest.mark.parametrize("text", REAL)
def test_signs_that_news_really_has_are_no_reason_to_doubt(text: str) -> None:
    assert odd_sign(text) is None


@pytest.mark.parametrize(
    ("text", "sign", "mend"),
    [
        ("(drone|missile)", "|", "write [drone, missile], or the pattern `/(drone|missile)/`"),
        ("foo|bar|old word", "|", "write [foo, bar, old word], or the pattern `/foo|bar|old word/`"),
        ("missiles?", "?", "write [missile, missiles], or the pattern `/missiles?/`"),
        ("ракеты?", "?", "write [ракет, ракеты], or the pattern `/ракеты?/`"),
        ("attack(s)", "(s)", "write [attack, attacks], or the pattern `/attack(s)?/`"),
        ("a.*b", ".*", "for a pattern write `/a.*b/`; for the signs themselves {term: 'a.*b'}"),
        ("drone.+", ".+", "for a pattern write `/drone.+/`; for the signs themselves {term: 'drone.+'}"),
        ("[ab]c", "[ab]", "for a pattern write `/[ab]c/`; for the signs themselves {term: '[ab]c'}"),
        (r"\bword\b", r"\b", r"for a pattern write `/\bword\b/`; for the signs themselves {term: '\bword\b'}"),
        ("colou?r", "?", "for a pattern write `/colou?r/`; for the signs themselves {term: 'colou?r'}"),
        ("^foo", "^", "for a pattern write `/^foo/`; for the signs themselves {term: '^foo'}"),
        ("foo$", "$", "for a pattern write `/foo$/`; for the signs themselves {term: 'foo$'}"),
        ("go{2}al", "{2}", "for a pattern write `/go{2}al/`; for the signs themselves {term: 'go{2}al'}"),
        ("/drone", "/", "write `drone`, for a pattern `/drone/`; for the signs themselves {term: '/drone'}"),
        ("/дрон", "/", "write `дрон`, for a pattern `/дрон/`; for the signs themselves {term: '/дрон'}"),
        ("drone/i", "/i", "write `drone`, for a pattern `/drone/`; for the signs themselves {term: 'drone/i'}"),
        (
            "drone strike/gi",
            "/gi",
            "write `drone strike`, for a pattern `/drone strike/`; for the signs themselves {term: 'drone strike/gi'}",
        ),
        ("drone/", "/", "write `drone`, for a pattern `/drone/`; for the signs themselves {term: 'drone/'}"),
        ("m{drone}i", "m{", "write `drone`, for a pattern `/drone/`; for the signs themselves {term: 'm{drone}i'}"),
        ("qr{drone}", "qr{", "write `drone`, for a pattern `/drone/`; for the signs themselves {term: 'qr{drone}'}"),
        ("m!drone!", "m!", "write `drone`, for a pattern `/drone/`; for the signs themselves {term: 'm!drone!'}"),
        ("s/a/b/", "s/", "write `a`, for a pattern `/a/`; for the signs themselves {term: 's/a/b/'}"),
        (
            "s/drone/uav/gi",
            "s/",
            "write `drone`, for a pattern `/drone/`; for the signs themselves {term: 's/drone/uav/gi'}",
        ),
        ("(shell)", "(", "write `shell`, for a pattern `/shell/`; for the signs themselves {term: '(shell)'}"),
        ("title:(shell)", "(", "write `shell`, for a pattern `/shell/`; for the signs themselves {term: '(shell)'}"),
        (
            "(guided missile)",
            "(",
            "write `guided missile`, for a pattern `/guided missile/`; for the signs themselves {term: '(guided missile)'}",
        ),
        ("drone+", "+", "for a pattern write `/drone+/`; for the signs themselves {term: 'drone+'}"),
        ("title:foo|bar", "|", "write [foo, bar], or the pattern `/foo|bar/`"),
    ],
)
def test_what_looks_like_a_pattern_is_said_with_place_and_mend(text: str, sign: str, mend: str) -> None:
    found = odd_sign(text)
    assert found is not None
    assert text[found.offset : found.offset + found.length] == sign
    assert found.hint == mend


def test_doubting_the_longest_term_takes_no_time_whatever_its_signs() -> None:
    for sign in "(|[?.*{^$\\a)]/+!#s":
        doubt(sign * 500)
        doubt(("a" + sign) * 250)


def fires(node: Node, title: str) -> bool:
    rules = compile_rules(RuleSource(1, (Rule(RuleId("r"), "R", node),)))
    return bool(rules.tried(Article(ArticleId("a1"), FeedId("f1"), title=title)).matches)


@pytest.mark.parametrize("form", ["list", "query"])
@pytest.mark.parametrize(
    ("text", "title", "held"),
    [
        ("/drone/i", "DRONE attack", True),
        ("/(declaration)/gim", "a Declaration on missiles", True),
        ("/a.b/", "a\nb", False),
        ("/a.b/s", "a\nb", True),
        ("/^b/m", "a\nb", True),
        ("/^b/", "a\nb", False),
        ("title:/x+/iu", "XX", True),
        (r"/a\/b/i", "A/B", True),
        ("=/drone/s", "DRONE", False),
    ],
)
def test_flags_mean_what_they_say(form: str, text: str, title: str, held: bool) -> None:
    node = parse_term(text) if form == "list" else read_query(text, ()).tree
    assert node is not None
    assert fires(node, title) is held


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("/drone/x", 7, "`/drone/x`: a pattern has no flag `x`"),
        ("/drone/iU", 8, "`/drone/iU`: a pattern has no flag `U`"),
        ("title:/drone/iy", 14, "`/drone/iy`: a pattern has no flag `y`"),
        ("m/x/i", 0, "`m/x/i` is how another program writes a pattern"),
        ("qr/drones?/", 0, "`qr/drones?/` is how another program writes a pattern"),
        ("r'drone'", 0, "`r'drone'` is how another program writes a pattern"),
        ("=/x/i", 1, "`=` says letters as written, and `i` says any case"),
        ("/a(?=b)/i", 2, "RE2, which keeps patterns fast, has no look-ahead"),
    ],
)
def test_pattern_that_cannot_be_is_an_error_at_its_place(text: str, at: int, message: str) -> None:
    with pytest.raises(TermError) as caught:
        parse_term(text)
    assert caught.value.offset == at
    assert message in str(caught.value)
    assert caught.value.hint
    assert any(message in str(error) for error in read_query(text, ()).errors)


def test_pattern_without_slashes_is_doubted_in_a_query_with_the_mend_of_queries() -> None:
    reading = read_query('missiles? OR (drone|uav) OR C++ OR "a|b"', ())
    assert not reading.errors
    assert [(hint.offset, hint.hint) for hint in reading.hints] == [
        (8, "write missile OR missiles, or the pattern `/missiles?/`"),
        (19, "write drone OR uav, or the pattern `/drone|uav/`"),
    ]


def test_flags_that_say_nothing_new_are_told() -> None:
    found = odd_sign("/drone/gi")
    assert found is not None
    assert found.hint == "leave it out: every place is found anyway"
    assert isinstance(parse_term("/drone/gi"), Term)
