"""What a handset can send."""

from __future__ import annotations

import json

import pytest

from abonent.demo.phone import rules


@pytest.mark.parametrize(
    "typed",
    [
        "+79000000001",
        " 79000000001",
        "79000000001",
        "89000000001",
        "8 (900) 000-00-01",
        "9000000001",
        "+7 900 000-00-01 ",
    ],
)
def test_any_way_of_writing_a_handset_is_understood(typed: str) -> None:
    assert rules.handset(typed) == "+79000000001"


@pytest.mark.parametrize(
    "typed", ["", " ", "+7900", "abc", "+7900000000100000", "3339", "🙂", "\0", "+7900" * 100, None, 5, []]
)
def test_what_is_no_handset_is_refused(typed: object) -> None:
    with pytest.raises(rules.BadMessage) as refusal:
        rules.handset(typed)
    assert refusal.value.field == "number"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("3339", "3339"),
        ("*100#", "*100#"),
        ("0890", "0890"),
        ("Bank-Opora", "Bank-Opora"),
        ("8 900 000 00 02", "+79000000002"),
    ],
)
def test_the_other_side_is_a_number_a_short_number_or_a_name(typed: str, meant: str) -> None:
    assert rules.other_side(typed) == meant


@pytest.mark.parametrize("typed", ["", "1", "a", "<b>", "٣٣٣٩", "'; drop table", None, {}, 3339])
def test_what_is_no_other_side_is_refused(typed: object) -> None:
    with pytest.raises(rules.BadMessage) as refusal:
        rules.other_side(typed)
    assert refusal.value.field == "recipient"


@pytest.mark.parametrize(
    "text", [None, 5, "", "  \n", "x" * (rules.TEXT_LENGTH_MAX + 1), "nul \0", "half a pair \ud83d", ["text"]]
)
def test_a_text_that_cannot_be_sent_is_refused(text: object) -> None:
    with pytest.raises(rules.BadMessage) as refusal:
        rules.message({"sender": "+79000000001", "recipient": "3339", "text": text})
    assert refusal.value.field == "text"


def test_a_text_of_the_full_length_is_taken_as_it_is() -> None:
    text = "Ё🙂" * (rules.TEXT_LENGTH_MAX // 2)
    taken = rules.message({"sender": "89000000001", "recipient": "3339", "text": text})
    assert taken == rules.Typed("+79000000001", "3339", text)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 60_000, b"1e999", json.dumps([1]).encode()]
)
def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(rules.BadMessage, match="body"):
        rules.from_json(body)
