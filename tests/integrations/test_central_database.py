"""The central database by HTTP, against the demo's own: it answers, refuses, is silent, takes numbers (CAB-16)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from abonent.demo.network.__main__ import PORTING_KEY, Handler, Server
from abonent.demo.network.central_desk import Desk
from abonent.demo.network.switch import Switch
from abonent.domains.porting.ports import Bringing, NoAnswer
from abonent.integrations.porting.central import HttpCentralDatabase

ASKED = Bringing(
    UUID(int=7), "+79009990001", date(2030, 1, 9), "Орлова", "Анна", "", date(1990, 5, 17), "4509123456"
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(file=tmp_path / "central.sqlite", key=PORTING_KEY, site="")


@pytest.fixture
def address(desk: Desk, tmp_path: Path) -> Iterator[str]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.switch = Switch(file=tmp_path / "switch.sqlite", key="k" * 32, central=desk)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/central/"
        server.shutdown()
        thread.join()


@pytest.fixture
def central(address: str, settings: Any) -> HttpCentralDatabase:
    settings.PORTING_ADAPTER = SimpleNamespace(url=address, key=PORTING_KEY, ca="")
    return HttpCentralDatabase()


def test_cab_16_a_number_is_brought_once_by_its_id_and_checked(desk: Desk, central: HttpCentralDatabase) -> None:
    desk.store.set_mischief({"accept_s": 60})
    assert central.bring(ASKED).state == "checking"
    assert central.bring(replace(ASKED, number="+79009990002")).state == "checking"
    assert [port.number for port in desk.store.ports()] == [ASKED.number]
    desk.store.set_mischief({"accept_s": 0})
    standing = central.standing(ASKED.id)
    assert (standing.state, standing.operator) == ("accepted", "Вега")
    assert standing.window_from is not None
    assert standing.window_from.date() == ASKED.day
    assert central.cancel(ASKED.id).state == "cancelled"
    assert central.bring(ASKED).state == "cancelled"


def test_cab_16_what_was_called_off_before_it_came_is_not_done_later(central: HttpCentralDatabase) -> None:
    assert central.cancel(ASKED.id).state == "cancelled"
    assert central.bring(ASKED).state == "cancelled"


def test_cab_16_a_refusal_has_its_reason(desk: Desk, central: HttpCentralDatabase) -> None:
    desk.store.set_mischief({"refuse": "debt"})
    standing = central.bring(ASKED)
    assert (standing.state, standing.reason) == ("refused", "debt")


def test_cab_16_another_operator_asks_hears_our_answer_and_gives_back(desk: Desk, central: HttpCentralDatabase) -> None:
    ref = UUID(desk.central.want("+79000000001", "4509123456", days=8, minutes=10))
    assert list(central.waiting()) == [ref]
    asked = central.taking(ref)
    assert (asked.number, asked.document, asked.standing.state) == ("+79000000001", "4509123456", "checking")
    assert central.answer(ref, accepts=True, reason="").state == "accepted"
    assert central.answer(ref, accepts=False, reason="owner objects").reason == "owner objects"
    assert list(central.waiting()) == []
    other = UUID(desk.central.want("+79000000002", "", days=8, minutes=10))
    assert central.answer(other, accepts=True, reason="").state == "accepted"
    assert desk.do({"ref": str(other), "state": "ported"}) == ""
    assert central.answer(other, accepts=False, reason="owner objects").state == "ported", "it has moved"
    assert desk.do({"ref": str(other), "state": "returned"}) == ""
    assert list(central.waiting()) == [other]
    assert desk.do({"ref": str(other), "state": "ported"}) == "state"


def test_cab_16_silence_and_strange_answers_are_no_answer(
    desk: Desk, central: HttpCentralDatabase, settings: Any, address: str
) -> None:
    with pytest.raises(NoAnswer, match="404"):
        central.standing(uuid4())
    desk.store.set_mischief({"down": True})
    with pytest.raises(NoAnswer):
        central.waiting()
    desk.store.set_mischief({"down": False})
    settings.PORTING_ADAPTER = SimpleNamespace(url=address, key="x" * 32, ca="")
    with pytest.raises(NoAnswer, match="403"):
        HttpCentralDatabase().bring(ASKED)
    assert desk.store.ports() == []


@pytest.mark.parametrize("given", [{"act": "take", "number": "1"}, {"act": "set", "accept_s": "-1"}, {"ref": "x"}])
def test_cab_16_the_page_of_control_says_when_something_cannot_be(desk: Desk, given: dict[str, str]) -> None:
    page = desk.page("ru", given)
    assert page is not None
    assert 'role="alert"' in page
    assert desk.store.ports() == []


def test_cab_16_the_site_is_told_as_often_as_it_is_set(tmp_path: Path) -> None:
    told: list[str] = []
    desk = Desk(file=tmp_path / "central.sqlite", key=PORTING_KEY, site="")
    desk.central.announce = lambda ref, _after_s: told.append(ref)
    desk.store.set_mischief({"repeat": True})
    ref = desk.central.want("+79000000001", "", days=8, minutes=10)
    assert told == [ref] * 3
