"""A stored answer is short and holds no secret of ours."""

from __future__ import annotations

import time

import pytest

from watcher.core.model.secret import Secret
from watcher.delivery.answers import MAX_ANSWER_BYTES, masked

HOOK = Secret("https://user:p4ssword@hooks.example/services/T0001/B0002/abcDEFghiJKLmno?key=quer1y")


@pytest.mark.parametrize(
    "echo",
    [
        "https://user:p4ssword@hooks.example/services/T0001/B0002/abcDEFghiJKLmno?key=quer1y",
        "/services/T0001/B0002/abcDEFghiJKLmno",
        "B0002",
        "abcDEFghiJKLmno",
        "quer1y",
        "p4ssword",
    ],
)
def test_an_address_is_masked_whole_and_in_pieces(echo: str) -> None:
    answer = masked(f"404 nothing at {echo} here", [HOOK])
    assert echo not in answer
    assert answer.startswith("404 nothing at ")
    assert answer.endswith(" here")


def test_what_looks_like_a_token_is_masked_although_it_is_not_ours() -> None:
    answer = masked("use xoxb-123456-abcdef or whsec_abcdefgh1234 or Bearer abc.def.ghi or ftp://me:pw@h", [])
    assert answer == "use *** or *** or *** or ftp:***h"


def test_plain_words_stay() -> None:
    assert masked("404 no_service", [HOOK]) == "404 no_service"


def test_an_answer_is_one_short_line() -> None:
    answer = masked("500 \r\nline\x1b[31m \x00" + "ж" * 5000, [])
    assert answer.startswith("500 line[31m ж")
    assert len(answer.encode()) <= MAX_ANSWER_BYTES


def test_a_secret_at_the_edge_of_what_is_kept_is_masked_first() -> None:
    assert "p4ss" not in masked("x" * (MAX_ANSWER_BYTES - 4) + "p4ssword", [HOOK])


@pytest.mark.parametrize(
    "echo",
    [
        "%2Fservices%2FT0001%2FB0002%2FabcDEFghiJKLmno",
        "%2fservices%2ft0001%2fb0002%2fabcdefghijklmno",
        "%252Fservices%252FT0001%252FB0002%252FabcDEFghiJKLmno",
        "/SERVICES/T0001/B0002/ABCDEFGHIJKLMNO",
        "/services/t0001/b0002/abcdefghijklmno",
        "%61bcDEFghiJKLmno",
        "HTTPS://USER:P4SSWORD@HOOKS.EXAMPLE/SERVICES",
    ],
)
def test_an_address_is_masked_however_it_is_spelt(echo: str) -> None:
    answer = masked(f"404 nothing at {echo} here", [HOOK]).lower()
    assert not any(piece in answer for piece in ("t0001", "b0002", "abcdefghijklmno", "bcdefghijklmno", "p4ssword"))


def test_masking_a_long_secret_in_a_long_answer_takes_no_time() -> None:
    secret = Secret("https://hooks.example/" + "%2Fa1" * 400)
    began = time.thread_time()
    masked("%2525" * 20_000, [secret])
    masked("%2Fa" * 20_000, [secret])
    assert time.thread_time() - began < 10.0  # it took 52 s of processor time; a shared core may double what it takes


SIGNS = Secret("ab/cd+Ef9=gh&ij'kl")


@pytest.mark.parametrize(
    "echo",
    [
        r"ab\/cd+Ef9=gh&ij'kl",
        r"ab\u002fcd\u002BEf9=gh\u0026ij\u0027kl",
        "ab/cd+Ef9=gh&amp;ij&#x27;kl",
        "ab&#47;cd&plus;Ef9&#061;gh&#X26;ij&apos;kl",
        "ab%2Fcd%2BEf9%3Dgh%26ij%27kl",
        "ab/cd+Ef\0009=gh&ij'kl",
        "ab/cd+Ef\u200b9=gh\ufeff&ij'kl",
        "ab/cd+Ef\x1b9=gh&ij'kl",
    ],
)
def test_a_secret_is_masked_as_json_and_html_spell_it_and_when_cleaning_makes_it_whole(echo: str) -> None:
    assert masked(f'{{"no": "{echo}"}}', [SIGNS]) == '{"no": "***"}'


def test_masking_what_looks_like_spelt_signs_takes_no_time() -> None:
    secret = Secret("/" * 300 + "&" * 300 + "x9")
    masked("", [secret])
    for text in ("&#0000000", "&#x00000", "\\/", "\\u002f", "&amp;", "/", "%25"):
        began = time.thread_time()
        masked(text * (1_000_000 // len(text)), [secret])
        # A busy machine takes 0.7 s; the square of a megabyte takes hours.
        assert time.thread_time() - began < 2, text
