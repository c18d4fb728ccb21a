"""The page on which the central database of the demo is led by hand. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from abonent.demo.network.central import OPERATOR, REASONS, acts_of
from abonent.demo.network.central_store import FLAGS, LIMITS, Port

PATH = "/porting/"
WORDS = {
    "ru": {
        "title": "Общая база номеров", "error": "Ошибка",
        "plain": f"Выдуманная база. Номера приходят от выдуманного оператора «{OPERATOR}» и уходят к нему.",
        "accept_s": "Проверка длится, секунд", "slow_ms": "Отвечает через, миллисекунд", "down": "Не отвечает",
        "repeat": "Сообщает обо всём трижды", "refuse": "Отказывать сразу", "set": "Задать", "requests": "Заявки",
        "none": "Заявок ещё не было.", "in": "к «Орбите»", "out": f"к «{OPERATOR}»", "take": "Забрать номер",
        "number": "Номер", "document": "Документ владельца", "days": "Через сколько дней",
        "minutes": "Минут на ответ",
        "checking": "проверяется", "accepted": "отпущен", "refused": "отказ", "cancelled": "отозвана",
        "failed": "не вышло", "ported": "перенесён", "returned": "вернулся", "state": "Состояние",
        "what": "Что сделать",
        "where": "Куда", "no": "нет", "debt": "долг", "other owner": "другой владелец",
        "not served": "не обслуживается", "blocked": "заблокирован", "ported lately": "недавно перенесён",
        "owner objects": "владелец против", "wrong": "так нельзя", "reason": "Причина отказа",
    },
    "en": {
        "title": "Central database of numbers", "error": "Error",
        "plain": f"An invented database. Numbers come from the invented operator {OPERATOR} and go to it.",
        "accept_s": "A check takes, seconds", "slow_ms": "Answers after, milliseconds", "down": "Does not answer",
        "repeat": "Tells everything three times", "refuse": "Refuse at once", "set": "Set", "requests": "Requests",
        "none": "No requests yet.", "in": "to Orbita", "out": f"to {OPERATOR}", "take": "Take a number",
        "number": "Number", "document": "The owner's document", "days": "In how many days",
        "minutes": "Minutes to answer",
        "checking": "being checked", "accepted": "let go", "refused": "refused", "cancelled": "given up",
        "failed": "failed", "ported": "ported", "returned": "returned", "state": "State", "what": "What to do",
        "where": "Where to", "no": "no", "debt": "debt", "other owner": "other owner", "not served": "not served",
        "blocked": "blocked", "ported lately": "ported lately", "owner objects": "owner objects",
        "wrong": "that cannot be", "reason": "Reason of a refusal",
    },
}  # fmt: skip


def page(language: str, mischief: Mapping[str, Any], ports: Sequence[Port], wrong: str) -> str:
    """Return the page."""
    say = WORDS[language]
    problem = f'<p role="alert"><b>{escape(wrong)}</b></p>' if wrong else ""
    title = f"{say['error']}: {say['title']}" if wrong else say["title"]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>'
        f"<h1>{say['title']}</h1><p>{say['plain']}</p>{problem}{_take(say)}"
        f"<h2>{say['requests']}</h2>{_table(say, ports)}{_settings(say, mischief)}</main></body></html>"
    )


def _take(say: Mapping[str, str]) -> str:
    fields = (("number", "", "tel"), ("document", "", "text"), ("days", "8", "text"), ("minutes", "10", "text"))
    inputs = "".join(
        f'<p><label>{say[name]}<br><input type="{kind}" name="{name}" value="{value}"></label></p>'
        for name, value, kind in fields
    )
    return (
        f'<h2>{say["take"]}</h2><form method="post" action="{PATH}">{inputs}'
        f'<p><button name="act" value="take">{say["take"]}</button></p></form>'
    )


def _table(say: Mapping[str, str], ports: Sequence[Port]) -> str:
    rows = "".join(
        f"<tr><td>{escape(port.number)}</td><td>{say[port.direction]}</td>"
        f"<td>{say[port.state]}{f': {say.get(port.reason, port.reason)}' if port.reason else ''}</td>"
        f"<td>{_acts(say, port)}</td></tr>"
        for port in ports
    )
    head = "".join(f"<th>{say[name]}</th>" for name in ("number", "where", "state", "what"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else f"<p>{say['none']}</p>"


def _acts(say: Mapping[str, str], port: Port) -> str:
    acts = acts_of(port)
    if not acts:
        return ""
    reasons = "".join(f'<option value="{one}">{say[one]}</option>' for one in REASONS)
    reason = f'<label>{say["reason"]} <select name="reason">{reasons}</select></label>' if "refused" in acts else ""
    buttons = " ".join(f'<button name="state" value="{act}">{say[act]}</button>' for act in acts)
    return (
        f'<form method="post" action="{PATH}"><input type="hidden" name="ref" value="{port.ref}">'
        f"{reason} {buttons}</form>"
    )


def _settings(say: Mapping[str, str], mischief: Mapping[str, Any]) -> str:
    numbers = "".join(
        f'<p><label>{say[name]}<br><input name="{name}" value="{mischief[name]}" inputmode="numeric"></label></p>'
        for name in LIMITS
    )
    flags = "".join(
        f'<p><label><input type="checkbox" name="{name}"{" checked" if mischief[name] else ""}> {say[name]}</label></p>'
        for name in FLAGS
    )
    options = "".join(
        f'<option value="{one}"{" selected" if mischief["refuse"] == one else ""}>{say[one or "no"]}</option>'
        for one in ("", *REASONS)
    )
    refuse = f'<p><label>{say["refuse"]}<br><select name="refuse">{options}</select></label></p>'
    return (
        f'<h2>{say["set"]}</h2><form method="post" action="{PATH}">{numbers}{flags}{refuse}'
        f'<p><button name="act" value="set">{say["set"]}</button></p></form>'
    )
