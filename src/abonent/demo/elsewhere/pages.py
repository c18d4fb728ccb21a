"""The one page of the services: who are you, and may we say so."""

from __future__ import annotations

from html import escape

from abonent.demo.elsewhere.people import EVERYBODY

STYLE = """
:root { color-scheme: light dark; --ground: #f3f1fa; --paper: #fff; --ink: #241f33; --line: #b9b2cc; --fill: #4b3a8f }
@media (prefers-color-scheme: dark) {
  :root { --ground: #1a1724; --paper: #262233; --ink: #f1eefa; --line: #5c5474; --fill: #b9a9ff }
}
* { box-sizing: border-box; margin: 0 }
body { min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--ground);
  color: var(--ink); font: 17px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 440px; padding: 28px; background: var(--paper); border-radius: 20px }
h1 { font-size: 24px; line-height: 1.25 }
p { margin: 8px 0 20px }
.plain { padding: 8px 12px; border: 1px dashed var(--line); border-radius: 12px; font-size: 15px }
button { display: block; width: 100%; min-height: 48px; margin-top: 12px; border: 1px solid var(--line);
  border-radius: 14px; background: none; color: inherit; font: inherit; font-weight: 600; cursor: pointer }
button:focus-visible { outline: 3px solid var(--fill); outline-offset: 2px }
button.no { border-color: transparent; text-decoration: underline; font-weight: 400 }
"""
WORDS = {
    "ru": {
        "title": "Кто вы в другом сервисе?",
        "plain": "Это вымышленный сервис демо на этом компьютере. Он ни с чем настоящим не связан.",
        "asks": "Личный кабинет оператора просит подтвердить, кто вы. Выберите вымышленного человека:",
        "deny": "Не разрешать",
        "wrong": "Так сюда не приходят",
    },
    "en": {
        "title": "Who are you at the other service?",
        "plain": "This is a fictional service of the demo on this computer. It has to do with nothing real.",
        "asks": "The operator's cabinet asks who you are. Choose a fictional person:",
        "deny": "Do not allow",
        "wrong": "Nobody comes here like that",
    },
}


def chooser(language: str, asked: dict[str, str]) -> str:
    """Return the page with a button for each person; `asked` goes with the form as it came."""
    said = WORDS[language]
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items()
    )
    people = "".join(
        f'<button name="person" value="{one.id}">{escape(one.name)}</button>' for one in EVERYBODY.values()
    )
    return _page(
        language,
        f'<p class="plain">{said["plain"]}</p><p>{said["asks"]}</p>'
        f'<form method="post">{hidden}{people}<button class="no" name="person" value="">{said["deny"]}</button></form>',
        said["title"],
    )


def wrong(language: str) -> str:
    """Return the page for a request that no client of ours makes."""
    return _page(language, f'<p class="plain">{WORDS[language]["plain"]}</p>', WORDS[language]["wrong"])


def _page(language: str, body: str, title: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css">'
        f"<main><h1>{title}</h1>{body}</main>"
    )
