"""What a number was told, newest first, and the form that says how it wants to be told."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.identity import queries as identity
from abonent.domains.lines import notices as lines
from abonent.domains.messaging import preferences, queries
from abonent.domains.messaging import rules_topics as topics
from abonent.domains.messaging.rules_topics import Quiet, Topic, Wishes
from abonent.entrypoints.portal.messaging import words
from abonent.entrypoints.portal.visitor import CONFIRM, Visitor, has_fresh_proof, safe_address, signed_in
from abonent.foundation.clock import now

ADDRESS = "/notices/"
SETTINGS = "/notices/settings/"
SHOWN = 30
# The night that is offered to who has none.
NIGHT = Quiet(22, 8)


@require_safe
@signed_in
def notices(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List what the number was told; `topic` shows one alone, `before` goes on from there."""
    before, topic = _moment(request.GET.get("before", "")), _topic(request.GET.get("topic", ""))
    found = queries.notices(
        recipient=visitor.line.number,
        since=visitor.line.numbered_at or visitor.line.opened_at,
        language=get_language() or "",
        topic=topic,
        before=before,
        limit=SHOWN + 1,
    )
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    on = ({"topic": topic.value} if topic else {}) | ({"before": last.at.isoformat()} if last else {})
    context = {
        "visitor": visitor,
        "rows": [words.row(one) for one in found[:SHOWN]],
        "chips": words.chips(topic),
        "earlier": f"?{urlencode(on)}" if last else "",
        "is_first": before is None,
    }
    return render(request, "portal/messaging/notices.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def settings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask how the number wants to be told; fewer SMS are asked for with a fresh proof, as they could hide something."""
    current = preferences.wishes_of(visitor.line.number)
    email = identity.email_of(visitor.account_id)
    given = request.POST if request.method == "POST" else request.GET
    try:
        wished = _wished(given, email) if "sent" in given else current
    except ValueError:
        problems = {"id_from": _("Choose hours that begin and end at different times")}
        return _form(request, visitor, current, email, problems)
    if request.method != "POST":
        return _form(request, visitor, wished, email, {})
    if wished.sms_off - current.sms_off and not has_fresh_proof(request):
        back = f"{SETTINGS}?{_kept(given)}"
        return HttpResponseRedirect(f"{CONFIRM}?{urlencode({'next': safe_address(back)})}")
    lines.choose(account_id=visitor.account_id, line=visitor.line, wishes=wished, at=now())
    return HttpResponseRedirect(f"{SETTINGS}?saved")


def _kept(given: QueryDict) -> str:
    """Return what was chosen as a query, for the page that comes after the proof."""
    return urlencode(
        {name: given.getlist(name) for name in ("sent", "sms", "email", "quiet", "from", "until")}, doseq=True
    )


def _wished(given: QueryDict, email: str) -> Wishes:
    """Return what the form says; raise `ValueError` for hours that are none. Without an address nothing goes there."""
    ticked = {name: set(given.getlist(name)) for name in ("sms", "email")}
    mailed = frozenset(one for one in Topic if one.value in ticked["email"] and one not in topics.MAILED)
    return Wishes(
        sms_off=frozenset(one for one in Topic if one.value not in ticked["sms"]),
        email_on=mailed if email else frozenset(),
        email=email if mailed else "",
        quiet=Quiet(_hour(given, "from"), _hour(given, "until")) if given.get("quiet") else None,
    )


def _hour(given: QueryDict, name: str) -> int:
    typed = given.get(name, "")
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 2):
        raise ValueError(name)
    return int(typed)


def _form(request: HttpRequest, visitor: Visitor, wishes: Wishes, email: str, problems: dict[str, str]) -> HttpResponse:
    night = wishes.quiet or NIGHT
    typed = (request.POST if request.method == "POST" else request.GET) if problems else {}
    context = {
        "visitor": visitor,
        "by_sms": words.by_sms(wishes),
        "by_email": words.by_email(wishes),
        "email": email,
        "is_quiet": wishes.quiet is not None or bool(problems),
        "from_hours": words.hours(typed.get("from") or str(night.from_h)),
        "until_hours": words.hours(typed.get("until") or str(night.until_h)),
        "problems": problems,
        "saved": "saved" in request.GET,
    }
    return render(request, "portal/messaging/settings.html", context)


def _topic(text: str) -> Topic | None:
    return Topic(text) if text in set(Topic) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
