"""The bank's pages: plain forms, no script, nothing inline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from abonent.demo.acquirer.cards import CARDS
from abonent.demo.acquirer.mischief import LIES, Mischief
from abonent.demo.acquirer.store import Binding, Order
from abonent.demo.acquirer.words import WORDS

STYLE = Path(__file__).with_name("style.css").read_text()
NBSP = "\u00a0"
MENU = (
    ("/terminal/", "terminal_title"),
    ("/bindings/", "bindings_title"),
    ("/orders/", "orders_title"),
    ("/control/", "control_title"),
)
FLAGS = ("early", "silent", "down", "pays")
NUMBERS = ("slow_ms", "lose", "repeat", "settle_after_s")


@dataclass(frozen=True)
class Page:
    """Whoever looks: the language, and the address of this page."""

    language: str
    path: str

    def say(self, key: str, **values: str) -> str:
        """Return the words, with values that are made harmless."""
        return WORDS[self.language][key].format(**{name: escape(value) for name, value in values.items()})

    def whole(self, title: str, body: str, *, wrong: bool = False, wide: bool = False) -> str:
        """Return the page around a body."""
        heading = self.say(title)
        other = "en" if self.language == "ru" else "ru"
        name = f"{self.say('error')}: {heading}" if wrong else heading
        switch = f"/language/?to={other}&amp;back={quote(self.path)}"
        menu = "".join(f'<a href="{path}">{self.say(key)}</a>' for path, key in MENU)
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{name} · {self.say('bank')}</title>"
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<link rel="stylesheet" href="/style.css"></head><body>'
            f'<header><b>{self.say("bank")}</b><a href="{switch}" lang="{other}" hreflang="{other}">'
            f"{self.say('language')}</a></header>"
            f"<main{' class=wide' if wide else ''}><h1>{heading}</h1>{body}</main>"
            f'<nav aria-label="{self.say("menu")}">{menu}</nav>'
            f'<footer><p class="plain">{self.say("plain")}</p></footer></body></html>'
        )

    def money(self, minor: int) -> str:
        """Return a sum in roubles, as the language writes it."""
        whole, part = divmod(minor, 100)
        point, group = (",", NBSP) if self.language == "ru" else (".", ",")
        return f"{whole:,}".replace(",", group) + f"{point}{part:02}{NBSP}₽"


def _bad(text: str) -> str:
    return f'<p class="bad" role="alert">{text}</p>' if text else ""


def _field(page: Page, name: str, *, hint: str = "", value: str = "", more: str = "") -> str:
    told = f'<span class="soft" id="{name}-hint">{page.say(hint)}</span>' if hint else ""
    described = f' aria-describedby="{name}-hint"' if hint else ""
    return (
        f'<label for="{name}">{page.say(name)}</label>{told}'
        f'<input type="text" id="{name}" name="{name}" value="{escape(value)}" autocomplete="off"{described}{more}>'
    )


def _asked(page: Page, order: Order) -> str:
    return (
        f'<p class="soft">{page.say("to_pay")}</p><p class="sum">{page.money(order.amount)}</p>'
        f"<p>{escape(order.description)}</p>"
    )


def card_form(page: Page, order: Order, wrong: str, typed: Mapping[str, str]) -> str:
    """Return the form for a card, or for the code of a kept one; `wrong` is what to mend, in words."""
    digits = ' inputmode="numeric"'
    if order.binding:
        means = f"<p><code>{escape(order.masked)}</code></p>"
    else:
        means = _field(page, "number", value=typed.get("number", ""), more=digits)
        means += _field(page, "month", value=typed.get("month", ""), more=digits)
    means += _field(page, "cvc", hint="cvc_hint", more=f'{digits} maxlength="4"')
    if order.force_save:
        means += f'<p class="soft">{page.say("kept")}</p>'
    elif order.client and not order.binding:
        means += f'<label class="tick"><input type="checkbox" name="save">{page.say("save")}</label>'
    button = f"<button>{page.say('pay', sum=page.money(order.amount))}</button>"
    form = f'<form method="post" novalidate>{means}{button}</form>'
    tried = "".join(f"<li><code>{one.number}</code> — {page.say(one.name)}</li>" for one in CARDS.values())
    cards = "" if order.binding else (
        f'<h2>{page.say("cards_title")}</h2><p class="soft">{page.say("cards_hint")}</p><ul>{tried}</ul>'
    )  # fmt: skip
    title = "pay_saved" if order.binding else "pay_title"
    return page.whole(title, f"{_bad(wrong)}{_asked(page, order)}{form}{cards}", wrong=bool(wrong))


def code_form(page: Page, order: Order, wrong: str) -> str:
    """Return the form for the code of 3-D Secure."""
    hint = f'<p class="soft">{page.say("code_hint", code=str(order.waits_with.get("code", "")))}</p>'
    field = _field(page, "code", more=' inputmode="numeric"')
    form = f'<form method="post" novalidate>{field}<button>{page.say("confirm")}</button></form>'
    return page.whole("code_title", f"{_bad(wrong)}{_asked(page, order)}{hint}{form}", wrong=bool(wrong))


def sbp_form(page: Page, order: Order) -> str:
    """Return what a bank's application shows after a scan."""
    form = (
        f'<form method="post"><button name="act" value="pay">{page.say("pay", sum=page.money(order.amount))}</button> '
        f'<button class="no" name="act" value="refuse">{page.say("refuse")}</button></form>'
    )
    return page.whole("sbp_title", f'<p class="soft">{page.say("sbp_hint")}</p>{_asked(page, order)}{form}')


def terminal_form(page: Page, wrong: str, good: str, typed: Mapping[str, str]) -> str:
    """Return the terminal's screen."""
    digits = ' inputmode="numeric"'
    form = (
        f'<form method="post" novalidate>{_field(page, "cash_code", value=typed.get("cash_code", ""), more=digits)}'
        f"{_field(page, 'cash_sum', value=typed.get('cash_sum', ''), more=digits)}"
        f"<button>{page.say('put_in')}</button></form>"
    )
    told = f'<p class="good" role="status">{good}</p>' if good else ""
    body = f'{_bad(wrong)}{told}<p class="soft">{page.say("terminal_hint")}</p>{form}'
    return page.whole("terminal_title", body, wrong=bool(wrong))


def ended(page: Page, title: str, text: str, back: str) -> str:
    """Return a page that says how it ended, with the way back."""
    link = f'<p><a href="{escape(back)}">{page.say("back")}</a></p>' if back else ""
    return page.whole(title, f"<p>{page.say(text)}</p>{link}")


def bindings(page: Page, kept: list[Binding]) -> str:
    """Return the cards that are kept, each with what can be done to it."""
    if not kept:
        return page.whole("bindings_title", f"<p>{page.say('bindings_none')}</p>")
    rows = "".join(_binding_row(page, one) for one in kept)
    heads = "".join(f'<th scope="col">{page.say(key)}</th>' for key in ("client", "card", "until", "fate", "act"))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return page.whole("bindings_title", _scrolling(page, "bindings_title", table), wide=True)


def _scrolling(page: Page, title: str, table: str) -> str:
    return f'<div class="table" role="region" tabindex="0" aria-label="{page.say(title)}">{table}</div>'


def _binding_row(page: Page, one: Binding) -> str:
    fate, turn = ("works", "break") if one.fate == 0 else ("has no money", "mend")
    buttons = "".join(
        f'<button class="no" name="act" value="{act}" aria-label="{page.say(act)}: {escape(one.masked)}">'
        f"{page.say(act)}</button> "
        for act in (turn, "unbind")
    )
    return (
        f"<tr><td>{escape(one.client)}</td><td><code>{escape(one.masked)}</code></td>"
        f"<td>{one.expiry[4:]}/{one.expiry[2:4]}</td><td>{page.say(fate)}</td>"
        f'<td><form method="post"><input type="hidden" name="id" value="{escape(one.id)}">{buttons}</form></td></tr>'
    )


def orders(page: Page, found: list[Order]) -> str:
    """Return the latest orders."""
    rows = "".join(
        f"<tr><td><code>{escape(one.number[:12])}</code></td><td>{page.money(one.amount)}</td>"
        f"<td>{page.say(f'state_{one.state}')}</td></tr>"
        for one in found
    )
    heads = "".join(f'<th scope="col">{page.say(key)}</th>' for key in ("order", "sum", "state"))
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return page.whole("orders_title", _scrolling(page, "orders_title", table), wide=True)


def control(page: Page, set_now: Mischief, *, applied: bool, wrong: str) -> str:
    """Return the page where the bank is made to misbehave."""
    now = set_now.to_json()
    fields = "".join(_field(page, name, value=f"{now[name]:g}", more=' inputmode="decimal"') for name in NUMBERS)
    ticks = "".join(
        f'<label class="tick"><input type="checkbox" name="{name}"{" checked" if now[name] else ""}>'
        f"{page.say(name)}</label>"
        for name in FLAGS
    )
    lies = "".join(
        f'<option value="{lie}"{" selected" if lie == now["lie"] else ""}>{page.say(f"lie_{lie}")}</option>'
        for lie in LIES
    )
    choice = f'<label for="lie">{page.say("lie")}</label><select id="lie" name="lie">{lies}</select>'
    buttons = (
        f'<button name="act" value="apply">{page.say("apply")}</button> '
        f'<button class="no" name="act" value="reset">{page.say("reset")}</button>'
    )
    told = f'<p class="good" role="status">{page.say("applied")}</p>' if applied else ""
    form = f'<form method="post" novalidate>{fields}{ticks}{choice}{buttons}</form>'
    body = f'{_bad(escape(wrong))}{told}<p class="soft">{page.say("control_hint")}</p>{form}'
    return page.whole("control_title", body, wrong=bool(wrong))
