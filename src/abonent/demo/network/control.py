"""The page on which it is set what the network does wrong, and that shows what it was asked. Plain HTML, no script."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from abonent.demo.network.mischief import FLAGS, LIMITS, Mischief

WORDS = {
    "ru": {
        "title": "Сеть «Орбиты»", "error": "Ошибка", "plain": "Выдуманная сеть. Здесь задают, что в ней не так.",
        "slow_ms": "Отвечает через, миллисекунд", "accept_s": "Выполняет через, секунд",
        "lose": "Какая доля ответов теряется (0–1)", "refuse": "Отказывает", "down": "Не отвечает",
        "forget": "Говорит «сделано», но не делает", "set": "Задать", "reset": "Всё исправно",
        "latest": "Последние команды", "none": "Команд ещё не было.", "line": "Линия", "what": "Что сделать",
        "state": "Состояние", "done": "сделано", "accepted": "выполняется", "refused": "отказано",
    },
    "en": {
        "title": "Orbita's network", "error": "Error", "plain": "An invented network. Here you set what goes wrong.",
        "slow_ms": "Answers after, milliseconds", "accept_s": "Carries out after, seconds",
        "lose": "Share of answers that are lost (0–1)", "refuse": "Refuses", "down": "Does not answer",
        "forget": "Says “done” and does nothing", "set": "Set", "reset": "All is well",
        "latest": "Latest commands", "none": "No commands yet.", "line": "Line", "what": "What to do",
        "state": "State", "done": "done", "accepted": "on the way", "refused": "refused",
    },
}  # fmt: skip


def page(language: str, set_now: Mischief, latest: Sequence[tuple[str, str, str]], wrong: str) -> str:
    """Return the page."""
    say = WORDS[language]
    kept = set_now.to_json()
    numbers = "".join(
        f'<p><label>{say[name]}<br><input name="{name}" value="{kept[name]}" inputmode="decimal"></label></p>'
        for name in LIMITS
    )
    flags = "".join(
        f'<p><label><input type="checkbox" name="{name}"{" checked" if kept[name] else ""}> {say[name]}</label></p>'
        for name in FLAGS
    )
    rows = "".join(
        f"<tr><td>{escape(line)}</td><td>{escape(_what(said))}</td><td>{say.get(state, state)}</td></tr>"
        for line, said, state in latest
    )
    table = (
        f"<table><thead><tr><th>{say['line']}</th><th>{say['what']}</th><th>{say['state']}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        if latest
        else f"<p>{say['none']}</p>"
    )
    problem = f'<p role="alert"><b>{escape(wrong)}</b></p>' if wrong else ""
    title = f"{say['error']}: {say['title']}" if wrong else say["title"]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>'
        f"<h1>{say['title']}</h1><p>{say['plain']}</p>{problem}"
        f'<form method="post" action="/control/">{numbers}{flags}'
        f'<p><button name="act" value="set">{say["set"]}</button> '
        f'<button name="act" value="reset">{say["reset"]}</button></p></form>'
        f"<h2>{say['latest']}</h2>{table}</main></body></html>"
    )


def _what(said: str) -> str:
    told = json.loads(said)
    return " ".join([*(f"+{feature}" for feature in told.get("on", [])), *(f"−{one}" for one in told.get("off", []))])
