"""`publish` and `show` of all terms that hold from a day on, as an operator runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from abonent.domains.billing.idle.rules import DEFAULT
from abonent.entrypoints.cli import blocks, equipment, idle, promised, providers, sims, visits
from tests.factories.blocks import TERMS as BLOCKS
from tests.factories.fixed import SERVED
from tests.factories.numbers import NUMBERS, SIMS
from tests.factories.promised import TERMS as PROMISED

pytestmark = pytest.mark.django_db(transaction=True)

PROVIDER: dict[str, Any] = {
    "code": "stars", "names": {"ru": "Звёзды", "en": "Stars"}, "contact": "a", "short_number": "3300", "phone": "b",
    "url": "", "services": [
        {"code": "horoscope", "names": {"ru": "Гороскоп", "en": "Horoscope"}, "price_minor": 500, "per": "day",
         "words": []},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Command:
    """Commands of one kind of terms: `terms`, a change that makes others of them, changes that nobody can mean.

    `before` and `after` are words of the command around the file, `of` is under what `show` has the days.
    """

    app: typer.Typer
    terms: dict[str, Any]
    other: dict[str, Any]
    wrong: tuple[dict[str, Any], ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    of: str = ""


ROUTER: dict[str, Any] = {
    "kind": "router", "model": "Orbita Wave", "warranty_months": 12,
    "ways": {"rent": {"month_minor": 9_900}, "sale": {"price_minor": 349_000}, "free": {}},
}  # fmt: skip
COMMANDS = {
    "promised": Command(promised.app, PROMISED.to_json(), {"times": 5}, ({"times": 0}, {"times": "5"}, {"steps": 1})),
    "blocks": Command(
        blocks.app, BLOCKS.to_json(), {"once_minor": 7}, ({"shortest_days": 0}, {"free_days": True}), of="mobile"
    ),
    "blocks of wires": Command(
        blocks.app, BLOCKS.to_json(), {"once_minor": 7}, ({"once_minor": -1},), after=("--for", "tv"), of="tv"
    ),
    "sims": Command(
        sims.app, SIMS.to_json(), {"card_minor": 100}, ({"card_minor": -1}, {"esim_days": 0}, {"esim_minor": "9"})
    ),
    "numbers": Command(
        sims.numbers_app, NUMBERS.to_json(), {"wait_min": 99},
        (
            {"price_minor": -1}, {"hold_min": 0}, {"regions": {"sreda": {"ru": "Среда"}}}, {"regions": []},
            {"beauties": [{"code": "gold", "names": {"ru": "З", "en": "G"}, "price_minor": 1, "masks": "AABB"}]},
            {"beauties": [{"code": "gold", "names": {"ru": "", "en": "G"}, "price_minor": 1, "masks": ["AABB"]}]},
            {"beauties": [{"code": "gold"}]}, {"beauties": 5}, {"beauties": [5]},
        ),
    ),
    "idle": Command(idle.app, DEFAULT.to_json(), {"grace_days": 60}, ({"warn_days": [1, 7]}, {"services": "mobile"})),
    "visits": Command(
        visits.app, SERVED.to_json(), {"capacity": 9}, ({"capacity": 0}, {"windows": [[12, 9]]}, {"weekdays": 7}),
        before=("Центр",), of="Центр",
    ),
    "providers": Command(
        providers.app, PROVIDER, {"phone": "c"}, ({"short_number": "1"}, {"names": {"ru": "Звёзды"}}), of="stars"
    ),
}  # fmt: skip


@pytest.fixture(params=list(COMMANDS))
def command(request: pytest.FixtureRequest) -> Command:
    return COMMANDS[request.param]


@pytest.fixture
def publish(command: Command, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Return what publishes a document, or a text, from a day on; it answers with the exit code and what was said."""

    def published(document: object, day: str = "2026-01-01") -> tuple[int, str]:
        file = tmp_path / "terms.json"
        file.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return run(command, "publish", *command.before, str(file), "--from", day, *command.after)

    return published


def run(command: Command, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(command.app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def shown(command: Command) -> dict[str, Any]:
    code, said = run(command, "show")
    assert code == 0
    found: dict[str, Any] = json.loads(said)
    return {day: terms for day, terms in (found.get(command.of, {}) if command.of else found).items() if day}


def test_terms_are_put_in_force_once_and_never_edited(command: Command, publish: Any) -> None:
    first, second = command.terms, command.terms | command.other
    # As JSON has it: a tuple comes back as a list.
    as_read = json.loads(json.dumps(first))
    for _ in range(2):
        code, said = publish(first)
        assert (code, "from 2026-01-01 on" in said) == (0, True), said
    assert shown(command) == {"2026-01-01": as_read}
    code, said = publish(second)
    assert code == 1
    assert shown(command) == {"2026-01-01": as_read}
    assert publish(second, "2026-02-01")[0] == 0
    assert shown(command) == {"2026-01-01": as_read, "2026-02-01": json.loads(json.dumps(second))}


def test_what_was_shown_can_be_published(command: Command, publish: Any) -> None:
    assert publish(command.terms)[0] == 0
    assert publish(shown(command)["2026-01-01"])[0] == 0
    assert publish(shown(command)["2026-01-01"], "2026-03-01")[0] == 0


def test_bad_terms_are_refused_in_one_line_and_change_nothing(command: Command, publish: Any) -> None:
    bad = [command.terms | change for change in command.wrong]
    bad += [command.terms | {"strange": 1}, {name: command.terms[name] for name in list(command.terms)[1:]}]
    for wrong in (*bad, [], b"{", b"\xff\xfe"):
        code, said = publish(wrong)
        assert (code, len(said.splitlines())) == (1, 1), (wrong, said)
        assert "terms.json: " in said
    assert shown(command) == {}


def test_wrong_use_is_told_from_wrong_terms(command: Command, tmp_path: Path) -> None:
    missing = run(command, "publish", *command.before, str(tmp_path / "none.json"), "--from", "2026-01-01")
    assert missing[0] == 2
    file = tmp_path / "terms.json"
    file.write_text(json.dumps(command.terms))
    assert run(command, "publish", *command.before, str(file))[0] == 2
    assert run(command, "publish", *command.before, str(file), "--from", "tomorrow")[0] == 2
    assert shown(command) == {}


def test_lines_that_nobody_serves_have_no_terms_of_blocks(tmp_path: Path) -> None:
    file = tmp_path / "terms.json"
    file.write_text(json.dumps(BLOCKS.to_json()))
    command = COMMANDS["blocks"]
    code, said = run(command, "publish", str(file), "--from", "2026-01-01", "--for", "pigeon")
    assert (code, "mobile" in said) == (1, True)
    assert json.loads(run(command, "show")[1]) == {}


def test_fix_2_equipment_is_published_by_code_all_or_none(tmp_path: Path) -> None:
    file, command = tmp_path / "terms.json", Command(equipment.app, {}, {}, ())

    def published(document: object, day: str) -> tuple[int, str]:
        file.write_text(json.dumps(document))
        return run(command, "publish", str(file), "--from", day)

    for _ in range(2):
        assert (
            published({"wave": ROUTER, "card": ROUTER | {"kind": "card", "ways": {"free": {}}}}, "2026-01-01")[0] == 0
        )
    stands = json.loads(run(command, "show")[1])
    assert stands["wave"] == {"2026-01-01": ROUTER}
    for change in (
        {"kind": "dog"}, {"model": ""}, {"warranty_months": 999}, {"ways": {"rent": {}}}, {"ways": {"gift": {}}},
        {"ways": {"rent": {"month_minor": -1}}}, {"ways": {"sale": {"price_minor": 1, "parts": 2}}}, {"more": 1},
        {"ways": {"instalments": {"price_minor": 100, "parts": "3"}}},
    ):  # fmt: skip
        code, said = published({"new": ROUTER, "wave": ROUTER | change}, "2026-02-01")
        assert (code, "wave: " in said) == (1, True), (change, said)
    assert published({"wave": ROUTER | {"model": "Other"}}, "2026-01-01")[0] == 1
    assert json.loads(run(command, "show")[1]) == stands, "nothing of a file that is wrong"
