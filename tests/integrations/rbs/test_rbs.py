"""The adapter against the demo's bank, over real HTTP, and against gateways that misbehave."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from abonent.config.environment_payments import Rbs as Settings
from abonent.demo.acquirer.__main__ import KEY, PASSWORD, USER, Handler, Server
from abonent.demo.acquirer.app import Bank
from abonent.domains.payments.ports import (
    BadNotice,
    Forged,
    Method,
    NoAnswer,
    Order,
    Reason,
    Refused,
    Status,
)
from abonent.foundation.clock import now
from abonent.integrations.rbs import reading
from abonent.integrations.rbs.gateway import Rbs
from abonent.integrations.rbs.wire import ANSWER_MAX, Wire

SHOP = "http://localhost:1"


class Silent(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_: Any) -> None:
        return None


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Server(("127.0.0.1", 0), Handler) as server:
        address = f"http://localhost:{server.server_address[1]}"
        server.bank = Bank(
            file=tmp_path / "bank.sqlite", address=address, callback=f"{SHOP}/callbacks/payments",
            user=USER, password=PASSWORD, key=KEY,
        )  # fmt: skip
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.bank
        server.shutdown()


def merchant(address: str, **changes: Any) -> Settings:
    given: dict[str, Any] = {
        "url": f"{address}/payment/rest/", "user": USER, "password": PASSWORD, "key": KEY, "ca": "",
        "pages": (address,), "methods": tuple(Method), "two_phase": False,
    } | changes  # fmt: skip
    return Settings(**given)


@pytest.fixture
def rbs(bank: Bank, settings: Any) -> Rbs:
    settings.RBS = merchant(bank.merchant.address)
    return Rbs()


def order(method: Method = Method.CARD, **changes: Any) -> Order:
    given: dict[str, Any] = {
        "payment_id": uuid4(), "method": method, "amount_minor": 12_345, "currency": "RUB", "description": "Счёт",
        "language": "ru", "return_url": f"{SHOP}/topup/", "expires_at": now() + timedelta(minutes=20),
    } | changes  # fmt: skip
    return Order(**given)


def type_card(url: str, number: str = "2200000000000004") -> None:
    """Somebody types a card; where it leads is of no interest here."""
    with pytest.raises(urllib.error.HTTPError, match="303"):
        urllib.request.build_opener(Silent()).open(url, f"number={number}&month=12/30&cvc=123".encode())


def test_cab_5_a_card_pays_the_order_and_is_kept(rbs: Rbs) -> None:
    wanted = order(payer="7")
    made = rbs.register(wanted)
    assert rbs.status(wanted.payment_id, made.gateway_order).status is Status.OPEN
    type_card(made.redirect_url)
    found = rbs.status(wanted.payment_id, made.gateway_order)
    assert (found.status, found.taken_minor, found.currency, found.detail) == (
        Status.TAKEN, 12_345, "RUB", "MIR •• 0004",
    )  # fmt: skip
    assert found.card is not None
    assert (found.card.last_four, found.card.expires_on) == ("0004", date(2030, 12, 31))
    assert [card.token for card in rbs.cards("7")] == [found.card.token]
    charged = order(Method.SAVED, payer="7", token=found.card.token)
    rbs.charge(charged)
    assert rbs.status(charged.payment_id, "").status is Status.TAKEN
    rbs.forget(found.card.token)
    rbs.forget(found.card.token)
    assert rbs.cards("7") == ()
    with pytest.raises(Refused) as refused:
        rbs.charge(order(Method.SAVED, payer="7", token=found.card.token))
    assert refused.value.reason is Reason.WRONG_CARD


def test_a_declined_card_may_be_followed_by_one_that_works(rbs: Rbs) -> None:
    wanted = order()
    made = rbs.register(wanted)
    type_card(made.redirect_url, "2200000000000202")
    assert rbs.status(wanted.payment_id, "").status is Status.OPEN
    for _ in range(2):
        type_card(made.redirect_url, "2200000000000202")
    found = rbs.status(wanted.payment_id, "")
    assert (found.status, found.reason) == (Status.DECLINED, Reason.FUNDS)


def test_a_number_is_registered_once(rbs: Rbs) -> None:
    wanted = order()
    rbs.register(wanted)
    with pytest.raises(NoAnswer):
        rbs.register(wanted)


def test_an_order_nobody_made_is_absent(rbs: Rbs) -> None:
    assert rbs.status(uuid4(), "").status is Status.ABSENT


def test_what_is_held_is_taken_or_released(bank: Bank, settings: Any) -> None:
    settings.RBS = merchant(bank.merchant.address, two_phase=True)
    rbs = Rbs()
    taken, released = order(), order()
    for one in (taken, released):
        type_card(rbs.register(one).redirect_url)
        found = rbs.status(one.payment_id, "")
        assert (found.status, found.taken_minor) == (Status.HELD, 12_345)
    rbs.capture(rbs.status(taken.payment_id, "").gateway_order, 12_345)
    rbs.release(rbs.status(released.payment_id, "").gateway_order)
    assert rbs.status(taken.payment_id, "").status is Status.TAKEN
    back = rbs.status(released.payment_id, "")
    assert (back.status, back.taken_minor, back.returned_minor) == (Status.RETURNED, 12_345, 12_345)


def test_a_refund_is_done_once_by_its_number(rbs: Rbs) -> None:
    wanted = order()
    made = rbs.register(wanted)
    type_card(made.redirect_url)
    refund_id = uuid4()
    for _ in range(2):
        rbs.refund(refund_id, made.gateway_order, amount_minor=345, left_before_minor=12_345)
    found = rbs.status(wanted.payment_id, "")
    assert (found.status, found.taken_minor, found.returned_minor) == (Status.RETURNED, 12_345, 345)
    with pytest.raises(Refused):
        rbs.refund(uuid4(), made.gateway_order, amount_minor=345, left_before_minor=12_345)


def test_a_qr_code_and_a_cash_code_are_paid(rbs: Rbs, bank: Bank) -> None:
    by_phone, cash = order(Method.SBP), order(Method.CASH, cash_code="1234567890")
    made = rbs.register(by_phone)
    urllib.request.urlopen(made.qr_payload, b"act=pay")
    assert rbs.status(by_phone.payment_id, "").status is Status.TAKEN
    rbs.register(cash)
    urllib.request.urlopen(f"{bank.merchant.address}/terminal/", b"cash_code=1234567890&cash_sum=200")
    assert rbs.status(cash.payment_id, "").taken_minor == 20_000


def test_a_closed_order_takes_no_money_and_a_paid_one_is_not_closed(rbs: Rbs) -> None:
    closed, paid = order(), order()
    page = rbs.register(closed).redirect_url
    rbs.cancel(closed.payment_id, "")
    type_card_refused = urllib.request.urlopen(page, b"number=2200000000000004&month=12/30&cvc=123")
    assert "закрыт" in type_card_refused.read().decode()
    assert rbs.status(closed.payment_id, "").status is Status.DECLINED
    type_card(rbs.register(paid).redirect_url)
    with pytest.raises(Refused):
        rbs.cancel(paid.payment_id, "")


def test_a_form_on_a_foreign_page_leads_nowhere(bank: Bank, settings: Any) -> None:
    settings.RBS = merchant(bank.merchant.address, pages=("https://pay.bank.example",))
    with pytest.raises(NoAnswer):
        Rbs().register(order())


def test_a_wrong_login_is_refused_and_said_nowhere(bank: Bank, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.RBS = merchant(bank.merchant.address, password="a-very-secret-word")
    with pytest.raises(Refused) as refused:
        Rbs().register(order())
    assert "a-very-secret-word" not in f"{refused.value}{caplog.text}"


@pytest.mark.parametrize("wrong", [{"down": True}, {"lose": 1}], ids=str)
def test_an_answer_that_does_not_come_is_no_answer(rbs: Rbs, bank: Bank, wrong: Mapping[str, Any]) -> None:
    wanted = order()
    assert bank._set(wrong) == ""
    with pytest.raises(NoAnswer):
        rbs.register(wanted)
    assert bank._set({"down": False, "lose": 0}) == ""
    assert (rbs.status(wanted.payment_id, "").status is Status.OPEN) == ("lose" in wrong)


Answering = Callable[[BaseHTTPRequestHandler], None]


def serve(answering: Answering) -> tuple[ThreadingHTTPServer, str]:
    class Strange(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answering(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Strange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://localhost:{server.server_address[1]}/payment/rest/"


def say(status: int, body: bytes, **headers: str) -> Answering:
    def answering(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answering


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)


@pytest.mark.parametrize(
    "answering",
    [
        say(500, b"{}"),
        say(302, b"", Location="http://localhost:9/"),
        say(200, b"<html>"),
        say(200, b"[]"),
        say(200, b"{" + b" " * ANSWER_MAX + b"}"),
        say(200, b'{"errorCode"', Content_Length="100"),
        say(200, b"\xff\xfe"),
        hang_up,
        drip,
    ],
    ids=["500", "redirect", "no json", "no object", "too long", "cut off", "no text", "hung up", "drips"],
)
def test_whatever_a_gateway_does_instead_of_answering_is_no_answer(answering: Answering) -> None:
    server, url = serve(answering)
    try:
        began = time.monotonic()
        with pytest.raises(NoAnswer) as missing:
            Wire(url, user="u", password="secret-word", timeout_s=1).call("register.do", {"orderNumber": "n"})
        assert time.monotonic() - began < 4
        assert "secret-word" not in str(missing.value)
    finally:
        server.shutdown()
        server.server_close()


ID = UUID("6f8f0c6e-0000-4000-8000-000000000001")
TOLD: dict[str, Any] = {
    "errorCode": "0", "orderNumber": ID.hex, "orderStatus": 2, "actionCode": 0, "amount": 100, "currency": "643",
    "paymentAmountInfo": {"approvedAmount": 100, "depositedAmount": 100, "refundedAmount": 0},
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"orderNumber": UUID(int=1).hex},
        {"orderStatus": "two"},
        {"orderStatus": None},
        {"amount": 1.5},
        {"amount": True},
        {"errorCode": "7"},
        {"errorCode": "x"},
        {"paymentAmountInfo": [1]},
        {"paymentAmountInfo": {"depositedAmount": "many"}},
    ],
    ids=str,
)
def test_an_answer_that_makes_no_sense_is_no_answer(change: Mapping[str, Any]) -> None:
    assert reading.outcome(ID, TOLD).taken_minor == 100
    with pytest.raises(NoAnswer):
        reading.outcome(ID, {**TOLD, **change})


def signed(**fields: str) -> dict[str, str]:
    return fields | {"checksum": reading.checksum(KEY, fields)}


NOTICE = {"mdOrder": "abc-1", "orderNumber": ID.hex, "operation": "deposited", "status": "1", "amount": "100"}


def test_a_checksum_is_made_as_banks_make_it() -> None:
    fields = {"amount": "123456", "mdOrder": "3ff6962a-7dcc-4283-ab50-a6d7dd3386fe", "operation": "deposited",
              "orderNumber": "10747", "status": "1"}  # fmt: skip
    made = reading.checksum("yourSecretToken", fields)
    assert made == made.upper()
    assert len(made) == 64
    assert reading.checksum("yourSecretToken", fields | {"checksum": made, "sign_alias": "x"}) == made


def test_a_signed_callback_is_heard() -> None:
    heard = reading.notice(KEY, signed(**NOTICE))
    assert (heard.payment_id, heard.gateway_order, heard.operation, heard.succeeded, heard.amount_minor) == (
        ID, "abc-1", "deposited", True, 100,
    )  # fmt: skip
    assert heard.key == reading.notice(KEY, signed(**NOTICE)).key


@pytest.mark.parametrize(
    "fields",
    [
        NOTICE,
        {**signed(**NOTICE), "amount": "1000"},
        {**signed(**NOTICE), "added": "1"},
        {name: value for name, value in signed(**NOTICE).items() if name != "status"},
        {**signed(**NOTICE), "checksum": "0" * 64},
        {**signed(**NOTICE), "checksum": "ÿ"},
        signed(**NOTICE, long="x" * 1001),
        {},
    ],
    ids=["unsigned", "another sum", "a field more", "cut off", "zeros", "no hex", "too long", "empty"],
)
def test_a_callback_that_is_not_the_banks_is_forged(fields: dict[str, str]) -> None:
    with pytest.raises(Forged):
        reading.notice(KEY, fields)
    with pytest.raises(Forged):
        reading.notice("", fields)


@pytest.mark.parametrize("change", [{"mdOrder": ""}, {"operation": "?"}, {"status": "2"}], ids=str)
def test_a_signed_callback_of_no_use_says_why(change: dict[str, str]) -> None:
    with pytest.raises(BadNotice):
        reading.notice(KEY, signed(**{**NOTICE, **change}))


def test_the_bank_tells_its_answers_as_json(bank: Bank) -> None:
    with urllib.request.urlopen(f"{bank.merchant.address}/control.json") as answer:
        assert json.load(answer)["lose"] == 0
