"""When a captcha is asked for: never for people as they are, always for floods."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.identity.rules_risk import (
    PICTURE_ALPHABET,
    PICTURE_DIGITS,
    CaptchaKind,
    Flows,
    captcha_answer,
    captcha_needed,
    is_pumped,
)

CALM = [
    pytest.param(Flows(marked=True, address=1, device=1, block=1, everybody=1), id="the first of all"),
    pytest.param(Flows(marked=True, address=12, device=7, block=8, everybody=30), id="a family with one tablet"),
    pytest.param(Flows(marked=False, address=10, block=4, everybody=30), id="browsers without marks behind one NAT"),
    pytest.param(Flows(marked=True, address=190, device=1, block=40, everybody=300), id="a mobile network's NAT"),
    pytest.param(
        Flows(marked=True, address=150, device=1, block=400, block_entered=300, everybody=500),
        id="a block of numbers after an outage: people enter their codes",
    ),
]
RISKY = [
    pytest.param(Flows(marked=False, address=21), id="no browser, many codes"),
    pytest.param(Flows(marked=True, address=201), id="one address, very many codes"),
    pytest.param(Flows(marked=True, device=9), id="one browser, many numbers"),
    pytest.param(Flows(marked=True, everybody=601), id="everybody at once"),
    pytest.param(Flows(marked=True, block=61, block_entered=2), id="a block of numbers nobody enters codes of"),
]


@pytest.mark.parametrize("flows", CALM)
def test_id_1_a_captcha_is_not_asked_for_by(flows: Flows) -> None:
    assert not captcha_needed(flows)


@pytest.mark.parametrize("flows", RISKY)
def test_id_1_a_captcha_is_asked_for_by(flows: Flows) -> None:
    assert captcha_needed(flows)


counts = st.integers(0, 3000)


@given(counts, counts, st.integers(1, 500))
def test_more_codes_that_nobody_enters_never_look_less_like_pumping(block: int, entered: int, more: int) -> None:
    if is_pumped(Flows(marked=True, block=block, block_entered=entered)):
        assert is_pumped(Flows(marked=True, block=block + more, block_entered=entered))


@given(st.uuids())
def test_an_answer_is_digits_that_its_kind_allows(captcha_id: UUID) -> None:
    picture = captcha_answer(b"key", captcha_id, CaptchaKind.PICTURE)
    assert len(picture) == PICTURE_DIGITS
    assert set(picture) <= set(PICTURE_ALPHABET)
    assert 100 <= int(captcha_answer(b"key", captcha_id, CaptchaKind.WORDS)) <= 999
