"""PINs guessed at once, and barring from two tabs, with real commits (CAB-14)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from abonent.domains.identity.hashing import Busy
from abonent.domains.lines.pins import actions as pins
from abonent.domains.lines.pins.rules import TRIES, Guards
from abonent.domains.orders import models
from abonent.domains.orders.barring import actions as barring
from abonent.domains.orders.barring.rules import Direction
from tests.domains.orders.test_tariffs_in_parallel import together
from tests.factories import forwarding, network
from tests.factories.network import Switch
from tests.factories.orders import AT, rich

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def switch(settings: Any) -> Switch:
    return network.open_network(settings)


def test_cab_14_of_eight_pins_guessed_at_once_three_are_looked_at() -> None:
    line = rich()
    pins.choose(line=line, guards=Guards.BARRING, pin="4071", account_id=forwarding.account(line), at=AT)

    def guess(pin: str) -> str:
        try:
            pins.prove(line_id=line.id, guards=Guards.BARRING, pin=pin)
        except (pins.WrongPin, pins.PinLocked, Busy) as refused:
            return type(refused).__name__
        return "in"

    answers = together(*(lambda pin=f"{number:04}": guess(pin) for number in range(8)))
    looked_at = TRIES - pins.of_line(line.id, Guards.BARRING).tries_left
    assert answers.count("WrongPin") == min(looked_at, TRIES - 1)
    assert answers.count("WrongPin") + answers.count("PinLocked") + answers.count("Busy") == len(answers)
    assert "in" not in answers
    while pins.of_line(line.id, Guards.BARRING).tries_left:
        guess("0000")
    assert guess("4071") == "PinLocked"


def test_cab_14_two_tabs_make_one_change_of_a_direction(switch: Switch) -> None:
    line = rich()
    account_id = forwarding.account(line)
    pins.choose(line=line, guards=Guards.BARRING, pin="4071", account_id=account_id, at=AT)
    forms = [uuid4(), uuid4()]

    def press(number: int) -> str:
        wish = barring.Wish(forms[number % 2], line, Direction.OUT, ("all", "international")[number % 2], account_id)
        try:
            return barring.change(wish=wish, pin="4071", at=AT)
        except barring.Refused as refused:
            return refused.why
        except Busy:
            return "busy"

    answers = together(*(lambda number=number: press(number) for number in range(3)))
    change = models.BarringChange.objects.get()
    assert set(answers) <= {"asked", "on the way", "busy"}
    network.sweep(AT)
    together(*(lambda: barring.settle(change_id=change.id, at=AT) for _ in range(3)))
    assert switch.on[line.number] == {f"barring-out:{change.program}"}
    assert models.BarringChange.objects.get().state == "done"
