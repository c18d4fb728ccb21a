"""PINs of lines: which are taken, how many wrong ones are, what is kept (CAB-14, VAS-5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.identity import hashing
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import models
from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import Fault, Guards, fault
from abonent.domains.lines.queries import Line
from tests.factories import forwarding, lines
from tests.factories.orders import AT

NUMBER = "+79000000001"


@given(st.text("0123456789", min_size=4, max_size=4))
def test_cab_14_four_digits_are_taken_but_for_what_a_stranger_tries_first(pin: str) -> None:
    in_a_row = pin in "0123456789" or pin in "9876543210" or len(set(pin)) == 1
    assert fault(pin, NUMBER) is (Fault.EASY if in_a_row else Fault.OF_NUMBER if NUMBER.endswith(pin) else None)


@given(st.text(max_size=8).filter(lambda text: not (len(text) == 4 and text.isascii() and text.isdecimal())))
def test_cab_14_anything_else_is_no_pin(pin: str) -> None:
    assert fault(pin, NUMBER) is Fault.NOT_FOUR


def chosen(pin: str = "4071") -> Line:
    line = lines.line()
    pins.choose(line=line, guards=Guards.BARRING, pin=pin, account_id=forwarding.account(line), at=AT)
    return line


@pytest.mark.django_db
def test_cab_14_three_wrong_pins_lock_until_a_new_one_is_chosen_and_nothing_is_kept_in_clear() -> None:
    line = chosen()
    row = models.LinePin.objects.get()
    assert "4071" not in row.kept
    assert row.kept.startswith(hashing.PepperedArgon2.algorithm)
    for left in (2, 1):
        with pytest.raises(pins.WrongPin) as wrong:
            pins.prove(line_id=line.id, guards=Guards.BARRING, pin="0000")
        assert wrong.value.tries_left == left
    pins.prove(line_id=line.id, guards=Guards.BARRING, pin="4071")
    for expected in (pins.WrongPin, pins.WrongPin, pins.PinLocked):
        with pytest.raises(expected):
            pins.prove(line_id=line.id, guards=Guards.BARRING, pin="9999")
    with pytest.raises(pins.PinLocked):
        pins.prove(line_id=line.id, guards=Guards.BARRING, pin="4071")
    pins.choose(line=line, guards=Guards.BARRING, pin="7352", account_id=forwarding.account(line), at=AT)
    pins.prove(line_id=line.id, guards=Guards.BARRING, pin="7352")
    assert SecurityEvent.objects.filter(kind="barring pin").count() == 2


@pytest.mark.django_db
def test_cab_14_a_bad_pin_leaves_the_one_before_and_there_is_none_for_another_purpose() -> None:
    line = chosen()
    with pytest.raises(pins.BadPin):
        pins.choose(line=line, guards=Guards.BARRING, pin="1234", account_id=forwarding.account(line), at=AT)
    pins.prove(line_id=line.id, guards=Guards.BARRING, pin="4071")
    with pytest.raises(pins.PinLocked):
        pins.prove(line_id=line.id, guards=Guards.VOICEMAIL, pin="4071")
