"""`abonent sims cards`, `abonent numbers add`: taken in whole or not at all (CAB-16)."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from abonent.domains.lines import models, sims
from abonent.domains.orders.numbers import actions as numbers
from abonent.entrypoints.cli import sims as command
from tests.factories import lines
from tests.factories import numbers as make
from tests.factories.numbers import NUMBERS, VALID_FROM

pytestmark = pytest.mark.django_db(transaction=True)
CARDS = [f"{make.iccid(899990100000000000 + place)},99901400000000{place},1234567{place}" for place in range(3)]


def run(app: typer.Typer, file: Path, text: str | bytes, *words: str) -> tuple[int, str]:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = CliRunner().invoke(app, [words[0], str(file), *words[1:]])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_cab_16_blank_cards_are_taken_in_once(tmp_path: Path) -> None:
    file = tmp_path / "cards"
    assert run(command.app, file, "\n".join(CARDS[:2]) + "\n\n", "cards") == (0, "2 new cards\n")
    without_puk = CARDS[2].rpartition(",")[0]
    assert run(command.app, file, "\n".join([*CARDS[:2], without_puk]), "cards") == (0, "1 new cards\n")
    assert all(sims.is_spare(card.split(",")[0]) for card in CARDS)
    assert "12345670" not in str(list(models.SpareCard.objects.values()))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("8999901,999014000000009,1", "8999901"),
        (CARDS[1].replace(",99901", ",9990l"), CARDS[1].partition(",")[0]),
        (CARDS[1].replace(",99901", ",0099901"), CARDS[1].partition(",")[0]),
        (CARDS[1].partition(",")[0], "is no ICCID, IMSI and PUK"),
        (CARDS[1] + ",more", "is no ICCID, IMSI and PUK"),
        (b"\xff\xfe", "UTF-8"),
    ],
    ids=repr,
)
def test_cab_16_one_bad_card_and_none_is_taken_in(tmp_path: Path, wrong: str | bytes, says: str) -> None:
    text = wrong if isinstance(wrong, bytes) else f"{CARDS[0]}\n{wrong}\n"
    code, said = run(command.app, tmp_path / "cards", text, "cards")
    assert (code, says in said) == (1, True), said
    assert not models.SpareCard.objects.exists()


def test_cab_16_numbers_are_put_on_the_shelf_once_and_served_ones_are_not(tmp_path: Path) -> None:
    numbers.publish_rules(valid_from=VALID_FROM, terms=NUMBERS)
    served = lines.line(number=make.PLAIN)
    file, words = tmp_path / "numbers", ("add", "--region", "sreda")
    typed = f"8 900 700-33-44\n\n{served.number}\n{make.GOLD}\n"
    assert run(command.numbers_app, file, typed, *words) == (0, "2 new numbers\n")
    assert run(command.numbers_app, file, typed, *words) == (0, "0 new numbers\n")
    free = models.FreeNumber.objects.order_by("number").values_list("number", "region")
    assert list(free) == [(make.SILVER, "sreda"), (make.GOLD, "sreda")]


@pytest.mark.parametrize(
    ("typed", "region", "says"),
    [
        (f"{make.GOLD}\n12\n", "sreda", "line 2"),
        (make.GOLD, "atlantis", "only: pomorye, sreda"),
        (b"\xff\xfe", "sreda", "UTF-8"),
    ],
    ids=repr,
)
def test_cab_16_one_bad_number_and_none_is_taken_in(tmp_path: Path, typed: str | bytes, region: str, says: str) -> None:
    numbers.publish_rules(valid_from=VALID_FROM, terms=NUMBERS)
    code, said = run(command.numbers_app, tmp_path / "numbers", typed, "add", "--region", region)
    assert (code, says in said) == (1, True), said
    assert not models.FreeNumber.objects.exists()
