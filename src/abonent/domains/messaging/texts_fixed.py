"""What is said of home internet and TV: when a technician comes, and that a card was activated anew."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging import texts_words as words
from abonent.domains.messaging.texts_words import Params


def _visit(params: Params, _secret: str) -> str:
    said = {
        "from": words.moment(params["starts"]), "until": words.clock(params["ends"]),
        "where": f"{words.site()}/visits/{params['id']}/",
    }  # fmt: skip
    return {
        "booked": _("A technician comes on %(from)s–%(until)s. To move it or call it off: %(where)s"),
        "moved": _("The technician comes on %(from)s–%(until)s now. See %(where)s"),
        "soon": _("A technician comes on %(from)s–%(until)s. Somebody has to be at home. See %(where)s"),
        "on the way": _("The technician is on the way to you. See %(where)s"),
        "cancelled": _("The visit of %(from)s is called off: nobody comes. See %(where)s"),
    }[params["what"]] % said


def _activation(params: Params, _secret: str) -> str:
    said = {"number": params["number"], "where": f"{words.site()}/activation/"}
    if params["failed"]:
        return _("The card of %(number)s could not be activated anew. Write to us: %(where)s") % said
    return _("The card of %(number)s is activated anew. Leave the receiver on for ten minutes on any channel.") % said


SMS: dict[str, Callable[[Params, str], str]] = {"visit": _visit, "activation": _activation}
