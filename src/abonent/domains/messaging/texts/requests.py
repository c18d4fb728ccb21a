"""What is said of requests: that there is something to read, and where; never what was written."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from abonent.domains.messaging.texts import words
from abonent.domains.messaging.texts.words import Params


def _request(params: Params, _secret: str) -> str:
    said = {"number": params["number"], "where": f"{words.site()}/requests/{params['id']}/"}
    if params["what"] == "received":
        said["until"] = words.moment(params["until"])
        return _("We have your request %(number)s and answer until %(until)s. See %(where)s") % said
    return {
        "answered": _("We have answered your request %(number)s. Read it at %(where)s"),
        "asked": _("We have a question about your request %(number)s. Answer at %(where)s"),
        "closed": _("Your request %(number)s is closed. It can be opened again at %(where)s"),
    }[params["what"]] % said


SMS: dict[str, Callable[[Params, str], str]] = {"request": _request}
