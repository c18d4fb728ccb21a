"""What is told of a number that nobody uses: what becomes of it, when, and what its owner can do."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _about(params: Params) -> dict[str, str]:
    return {"number": params["number"], "day": words.day(params.get("day", "")), "site": words.site()}


def _money() -> str:
    return _("What is on the balance stays yours and is paid back when you ask for it.")


def _soon(params: Params, _secret: str) -> str:
    said = words.of_line(
        params["number"],
        phone=_(
            "Nobody uses %(number)s: on %(day)s it will be blocked. To keep it, make a call, send a text or top up: "
            "%(site)s/topup/"
        ),
        wire=_(
            "Nobody uses the connection %(number)s: on %(day)s it will be blocked. To keep it, use it or top up: "
            "%(site)s/topup/"
        ),
    )
    return said % _about(params)


def _blocked(params: Params, _secret: str) -> str:
    said = words.of_line(
        params["number"],
        phone=_(
            "%(number)s is blocked, because nobody used it. To have it back by %(day)s, sign in at "
            "%(site)s/lines/unused/, top it up, or come to a shop with your document. After that it is given to "
            "somebody else."
        ),
        wire=_(
            "The connection %(number)s is blocked, because nobody used it. To have it back by %(day)s, sign in at "
            "%(site)s/lines/unused/, top it up, or come to a shop with your document. After that it ends."
        ),
    )
    return f"{said % _about(params)} {_money()}"


def _release_soon(params: Params, _secret: str) -> str:
    said = words.of_line(
        params["number"],
        phone=_("On %(day)s %(number)s is given to somebody else. The last chance to keep it: %(site)s/lines/unused/"),
        wire=_("On %(day)s the connection %(number)s ends. The last chance to keep it: %(site)s/lines/unused/"),
    )
    return f"{said % _about(params)} {_money()}"


def _released(params: Params, _secret: str) -> str:
    said = words.of_line(
        params["number"],
        phone=_("%(number)s is not yours any more: nobody used it, and the time to have it back is over."),
        wire=_("The connection %(number)s has ended: nobody used it, and the time to have it back is over."),
    )
    return f"{said % _about(params)} {_money()}"


def _lifted(params: Params, _secret: str) -> str:
    said = words.of_line(
        params["number"],
        phone=_("%(number)s works again. It stays yours as long as you use it."),
        wire=_("The connection %(number)s works again. It stays yours as long as you use it."),
    )
    return said % _about(params)


SMS: dict[str, Callable[[Params, str], str]] = {
    "idle soon": _soon,
    "idle blocked": _blocked,
    "idle release soon": _release_soon,
    "idle released": _released,
    "idle lifted": _lifted,
}
