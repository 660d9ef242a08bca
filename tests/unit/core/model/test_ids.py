"""Public ids: base32 letters behind a prefix, and back."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.ids import DIGEST_BYTES, public_id, raw_id

DIGESTS = st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES)


@given(DIGESTS)
def test_an_id_is_the_base32_of_its_digest_in_lower_case_without_padding(raw: bytes) -> None:
    assert public_id("a", raw) == "a" + base64.b32encode(raw).decode().rstrip("=").lower()


@given(DIGESTS)
def test_an_id_gives_its_digest_back_in_small_and_in_large_letters(raw: bytes) -> None:
    assert raw_id(public_id("a", raw)) == raw_id(public_id("a", raw).upper()) == raw


@pytest.mark.parametrize(
    "body", ["", "a" * 25, "a" * 27, "1" * 26, "a_" * 13, "+" + "a" * 25, " " * 26, "a" * 25 + "٢", "é" * 26]
)
def test_what_is_no_whole_id_has_no_digest(body: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        raw_id("a" + body)
