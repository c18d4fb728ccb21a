"""The bank as one thing that answers requests: the shop's, people's, and those that set what goes wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from abonent.demo.acquirer import cards, mischief, pages
from abonent.demo.acquirer.callbacks import Callbacks
from abonent.demo.acquirer.merchant import Merchant
from abonent.demo.acquirer.mischief import Mischief
from abonent.demo.acquirer.pages import Page
from abonent.demo.acquirer.store import AT_3DS, CREATED, Order, Store
from abonent.demo.acquirer.till import Till
from abonent.demo.acquirer.words import WORDS
from abonent.foundation.clock import now

BODY_MAX = 64 * 1024
REST = "/payment/rest/"
HTML, JSON = "text/html; charset=utf-8", "application/json"
Header = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """A request; `fields` are those of its form."""

    method: str
    path: str
    query: Mapping[str, str]
    fields: Mapping[str, str]
    body: bytes = b""
    wished: str = ""
    cookie: str = ""


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    headers: tuple[Header, ...]
    body: bytes


def fields_of(text: str) -> dict[str, str]:
    """Return the fields of a form or of an address."""
    return dict(parse_qsl(text, keep_blank_values=True)[:60])


class Bank:
    """The application. `address` is where it is reached, `callback` where the shop wants to hear of things."""

    def __init__(self, *, file: Path, address: str, callback: str, user: str, password: str, key: str) -> None:
        self.store = Store(file)
        self.callbacks = Callbacks(self.store, address=callback, key=key)
        self.till = Till(self.store, self.callbacks)
        self.merchant = Merchant(self.till, address, user, password)
        parts = urlsplit(callback)
        self._shop = f"{parts.scheme}://{parts.netloc}"
        self._mischief = mischief.of(self.store.mischief())

    def answer(self, asked: Asked) -> Answer | None:
        """Return the answer; None when it is lost on purpose."""
        if self._mischief.settle_after_s:
            self.till.arrive_late(self._mischief)
        if asked.path.startswith(REST):
            return self._rest(asked)
        found = self._page(asked)
        return found if found is not None else self._missing(asked)

    def _rest(self, asked: Asked) -> Answer | None:
        set_now = self._mischief
        if set_now.down:
            return None
        told = self.merchant.answer(asked.path.removeprefix(REST), {**asked.query, **asked.fields}, set_now)
        time.sleep(set_now.slow_ms / 1000)
        return None if set_now.loses_this else _json(told)

    def _page(self, asked: Asked) -> Answer | None:
        head, _, rest = asked.path.strip("/").partition("/")
        ways: dict[str, Callable[[Asked, str], Answer | None]] = {
            "": lambda *_: self._redirect("/control/"),
            "style.css": lambda *_: Answer(200, (("Content-Type", "text/css"),), pages.STYLE.encode()),
            "language": lambda asked, _: self._switch(asked),
            "pay": self._pay,
            "3ds": self._confirm,
            "sbp": self._sbp,
            "terminal": lambda asked, _: self._terminal(asked),
            "bindings": lambda asked, _: self._bindings(asked),
            "orders": lambda asked, _: self._html(pages.orders(self._look(asked), self.store.orders())),
            "orders.json": lambda *_: _json([vars(one) for one in self.store.all_orders()]),
            "control": lambda asked, _: self._control(asked),
            "control.json": lambda asked, _: self._control_by_json(asked),
        }
        way = ways.get(head)
        return way(asked, rest) if way else None

    def _look(self, asked: Asked, order: Order | None = None) -> Page:
        chosen = dict(part.strip().split("=", 1) for part in asked.cookie.split(";") if "=" in part).get(
            "bank_language"
        )
        default = order.language if order else ("en" if asked.wished.lower().startswith("en") else "ru")
        return Page(chosen if chosen in ("ru", "en") else default, asked.path)

    def _pay(self, asked: Asked, order_id: str) -> Answer | None:
        order = self.till.fresh(self.store.order(id=order_id))
        if order is None:
            return None
        page = self._look(asked, order)
        if order.state == AT_3DS:
            return self._redirect(f"/3ds/{order.id}")
        if order.state != CREATED or order.ready:
            return self._ended(page, order, "closed")
        order = self._with_binding(order)
        if asked.method != "POST":
            # A try before this one failed: say so.
            return self._html(pages.card_form(page, order, _why(page, order), {}))
        card, wrong = self._card(page, order, asked.fields)
        if card is None:
            return self._html(pages.card_form(page, order, wrong, asked.fields), status=422)
        expiry = order.expiry or cards.month_of(asked.fields.get("month", ""), now().date()) or ""
        done = self.till.pay(order.id, card, expiry, save="save" in asked.fields, mischief=self._mischief)
        return self._after(page, order, done)

    def _with_binding(self, order: Order) -> Order:
        kept = self.store.binding(order.binding) if order.binding else None
        return replace(order, masked=kept.masked, expiry=kept.expiry) if kept else order

    def _card(self, page: Page, order: Order, typed: Mapping[str, str]) -> tuple[cards.TestCard | None, str]:
        """Return the card that was typed, or what is wrong with it in words."""
        cvc = typed.get("cvc", "").strip()
        if not (cvc.isascii() and cvc.isdecimal() and len(cvc) in (3, 4)):
            return None, page.say("wrong_cvc")
        if order.binding:
            kept = self.store.binding(order.binding)
            known = next((one for one in cards.CARDS.values() if one.masked == order.masked), None)
            fate = kept.fate if kept else cards.WRONG_CARD
            return replace(known or next(iter(cards.CARDS.values())), action_code=fate), ""
        number = cards.number_of(typed.get("number", ""))
        if not cards.is_number(number):
            return None, page.say("wrong_number")
        if number not in cards.CARDS:
            return None, page.say("not_ours")
        if cards.month_of(typed.get("month", ""), now().date()) is None:
            return None, page.say("wrong_month")
        return cards.CARDS[number], ""

    def _confirm(self, asked: Asked, order_id: str) -> Answer | None:
        order = self.till.fresh(self.store.order(id=order_id))
        if order is None:
            return None
        page = self._look(asked, order)
        if order.state != AT_3DS:
            return self._ended(page, order, "closed")
        if asked.method != "POST":
            return self._html(pages.code_form(page, order, ""))
        done = self.till.confirm(order.id, asked.fields.get("code", ""), self._mischief)
        if done == "wrong":
            return self._html(pages.code_form(page, order, page.say("wrong_code")), status=422)
        return self._after(page, order, done)

    def _sbp(self, asked: Asked, qr: str) -> Answer | None:
        order = self.till.fresh(self.store.order(qr=qr))
        if order is None:
            return None
        page = self._look(asked, order)
        if order.state != CREATED or order.ready:
            return self._ended(page, order, "closed")
        if asked.method != "POST":
            return self._html(pages.sbp_form(page, order))
        if asked.fields.get("act") == "pay":
            return self._ended(page, order, self.till.pay_by_code(order.id, self._mischief))
        return self._ended(page, order, self.till.refuse_code(order.id, self._mischief))

    def _terminal(self, asked: Asked) -> Answer:
        page = self._look(asked)
        if asked.method != "POST":
            return self._html(pages.terminal_form(page, "", "", {}))
        order = self.till.fresh(self.store.order(cash_code=cards.number_of(asked.fields.get("cash_code", ""))))
        amount = asked.fields.get("cash_sum", "").strip()
        wrong = ""
        if order is None or order.state != CREATED:
            wrong = page.say("no_code")
        elif not (amount.isascii() and amount.isdecimal() and 1 <= int(amount) <= 100_000):
            wrong = page.say("wrong_sum")
        elif self.till.pay_by_code(order.id, self._mischief, amount=int(amount) * 100) != "paid":
            wrong = page.say("no_code")
        if wrong:
            return self._html(pages.terminal_form(page, wrong, "", asked.fields), status=422)
        return self._html(pages.terminal_form(page, "", page.say("paid"), {}))

    def _bindings(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            kept = self.store.binding(asked.fields.get("id", ""))
            if kept is not None:
                act = asked.fields.get("act")
                kept.active = act != "unbind"
                kept.fate = {"break": 116, "mend": cards.APPROVED}.get(act or "", kept.fate)
                with self.store.changing():
                    self.store.keep_binding(kept)
            return self._redirect("/bindings/")
        return self._html(pages.bindings(self._look(asked), self.store.bindings()))

    def _control(self, asked: Asked) -> Answer:
        page, wrong = self._look(asked), ""
        if asked.method == "POST":
            given: dict[str, Any] = dict.fromkeys(pages.FLAGS, False) | dict(asked.fields)
            wrong = self._set(Mischief().to_json() if asked.fields.get("act") == "reset" else given)
            if not wrong:
                return self._redirect("/control/?applied=1")
        told = pages.control(page, self._mischief, applied="applied" in asked.query, wrong=wrong)
        return self._html(told, status=422 if wrong else 200)

    def _control_by_json(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            try:
                given = json.loads(asked.body)
            except ValueError:
                return _json({"error": "no JSON"}, 400)
            if wrong := self._set(given) if isinstance(given, dict) else "no object":
                return _json({"error": wrong}, 400)
        return _json(self._mischief.to_json())

    def _set(self, given: Mapping[str, Any]) -> str:
        """Take what goes wrong from now on; return why not, in words."""
        try:
            self._mischief = mischief.changed(self._mischief, given)
        except (ValueError, TypeError) as error:
            return str(error)
        self.store.set_mischief(self._mischief.to_json())
        return ""

    def _after(self, page: Page, order: Order, done: str) -> Answer:
        """Lead on: to the code, back to the form for another card, or back to the shop."""
        if done == "code":
            return self._redirect(f"/3ds/{order.id}")
        fresh = self.store.order(id=order.id)
        if done == "declined" and fresh is not None and fresh.state == CREATED:
            return self._redirect(f"/pay/{order.id}")
        if done == "closed" or urlsplit(order.return_url)[:2] != urlsplit(self._shop)[:2]:
            return self._ended(page, order, done)
        return self._redirect(_back(order))

    def _ended(self, page: Page, order: Order, done: str) -> Answer:
        title, text = {
            "paid": ("paid_title", "paid"),
            "declined": ("declined_title", "declined_all"),
        }.get(done, ("closed_title", "closed"))
        return self._html(pages.ended(page, title, text, _back(order)))

    def _missing(self, asked: Asked) -> Answer:
        return self._html(pages.ended(self._look(asked), "missing_title", "missing", ""), status=404)

    def _switch(self, asked: Asked) -> Answer:
        to = "en" if asked.query.get("to") == "en" else "ru"
        back = asked.query.get("back", "/")
        back = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
        return self._redirect(back, ("Set-Cookie", f"bank_language={to}; Path=/; SameSite=Lax; HttpOnly"))

    def _redirect(self, to: str, *more: Header) -> Answer:
        return Answer(303, (("Location", to), *self._guards(), *more), b"")

    def _html(self, text: str, status: int = 200) -> Answer:
        return Answer(status, (("Content-Type", HTML), *self._guards()), text.encode())

    def _guards(self) -> tuple[Header, ...]:
        policy = (
            f"default-src 'none'; style-src 'self'; form-action 'self' {self._shop}; frame-ancestors 'none'; "
            "base-uri 'none'"
        )
        return (
            ("Content-Security-Policy", policy),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        )


def _why(page: Page, order: Order) -> str:
    """Return the words for a try that failed before; empty when none did."""
    if not order.action_code:
        return ""
    key = f"why_{order.action_code}"
    return page.say("declined", why=page.say(key if key in WORDS["ru"] else "why"))


def _back(order: Order) -> str:
    joint = "&" if "?" in order.return_url else "?"
    return f"{order.return_url}{joint}{urlencode({'orderId': order.id, 'lang': order.language})}"


def _json(document: object, status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", JSON), ("Cache-Control", "no-store")), json.dumps(document).encode())
