"""One's numbers: the list, how one is called, what is shared and its end."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.billing import queries_lines as billing
from abonent.domains.catalog import queries as catalog
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.lines.sharing import requests as sharing_requests
from abonent.domains.lines.sharing import rules
from abonent.domains.lines.sharing.queries import Agreement, NoSuchShare
from abonent.domains.lines.sharing.rules import Role
from abonent.entrypoints.portal.numbers import page, words
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats
from abonent.web.words import line_label

HERE = "/numbers/"
ID_MAX = 2**63


@require_safe
@signed_in
def listing(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show every number that the person sees, what they have together, and who sees theirs."""
    at, lines = now(), visitor.seen
    language = translation.get_language() or ""
    versions = {line.tariff_version_id: catalog.tariff_version(line.tariff_version_id) for line in lines}
    named = {key: one.names.get(language) or next(iter(one.names.values()), "") for key, one in versions.items()}
    found = page.present(
        lines,
        visitor.shared or visitor.line,
        billing.money_of(lines, at),
        named,
        sharing_queries.agreements(account_id=visitor.account_id, own_lines=own_of(visitor)),
        sharing_queries.requests_of(visitor.account_id),
        sharing_requests.about([line.number for line in visitor.lines if line.service == "mobile"]),
    )
    context = {"visitor": visitor, "page": found, "said": words.said(request.GET), "never": words.never()}
    return render(request, "portal/numbers/numbers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def line(request: HttpRequest, visitor: Visitor, line_id: int) -> HttpResponse:
    """Give a number a name, a colour and a place in the list; only who does it sees them."""
    found = next((one for one in visitor.seen if one.id == line_id), None)
    if found is None:
        raise Http404
    typed = {"name": found.name, "colour": found.colour, "place": str(visitor.seen.index(found) + 1)}
    problems: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:200] for name in typed}
        problems = _keep(visitor, found, typed)
        if not problems:
            return HttpResponseRedirect(f"{HERE}?kept")
    context = {
        "visitor": visitor,
        "line": found,
        "typed": typed,
        "problems": problems,
        "colours": [(one, words.colour(one), page.key(one)) for one in ("", *rules.COLOURS)],
        "places": [str(place) for place in range(1, len(visitor.seen) + 1)],
        "length": rules.NAME_LENGTH_MAX,
    }
    return render(request, "portal/numbers/line.html", context)


def _keep(visitor: Visitor, found: Line, typed: dict[str, str]) -> dict[str, str]:
    """Keep how a number is called and where it stands; return what is wrong with what was typed."""
    try:
        name = rules.name(typed["name"])
    except ValueError:
        return {"id_name": _("The name is too long: %(length)s characters at most") % {"length": rules.NAME_LENGTH_MAX}}
    if typed["colour"] not in ("", *rules.COLOURS):
        return {"id_colour": _("Choose one of these colours")}
    places = {str(place): place - 1 for place in range(1, len(visitor.seen) + 1)}
    if typed["place"] not in places:
        return {"id_place": _("Choose a place of the list")}
    sharing.label(account_id=visitor.account_id, line_id=found.id, name=name, colour=typed["colour"])
    if visitor.seen.index(found) != places[typed["place"]]:
        rest = [one.id for one in visitor.seen if one.id != found.id]
        rest.insert(places[typed["place"]], found.id)
        sharing.order(account_id=visitor.account_id, line_ids=rest)
    return {}


@require_safe
@signed_in
def share(request: HttpRequest, visitor: Visitor, share_id: int) -> HttpResponse:
    """Show one agreement to either side: who sees what, since when, how it was agreed to, when they looked last."""
    one = _mine(visitor, share_id)
    # Who looks knows their own name.
    name = one.viewer_name if one.is_owner else ""
    facts = [
        (line_label(one.number), formats.phone(one.number)),
        (_("Seen by"), " · ".join(part for part in (name, formats.phone(one.viewer_number)) if part)),
        (_("As"), words.role(one.role)),
        (_("What that gives"), words.gives(one.role)),
        (_("Since"), formats.moment(one.since)),
        (_("Agreed"), words.consent(one.consent)),
        (_("Last look"), formats.moment(one.looked_at) if one.looked_at else _("never looked yet")),
    ]
    context = {
        "visitor": visitor,
        "share": one,
        "facts": facts,
        "ended": words.ended(one.ended_by),
        "roles": words.roles(),
        "never": words.never(),
    }
    return render(request, "portal/numbers/share.html", context)


@require_POST
@fresh_proof
def role(request: HttpRequest, visitor: Visitor, share_id: int) -> HttpResponse:
    """Let the owner choose what the other side may see."""
    wanted = request.POST.get("role", "")
    if share_id >= ID_MAX or wanted not in set(Role):
        raise Http404
    try:
        sharing.choose_role(share_id=share_id, own_lines=own_of(visitor), role=Role(wanted), at=now())
    except NoSuchShare:
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?role")


@require_POST
@signed_in
def end(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """End it at once, without a code, whichever side asks."""
    share_id = request.POST.get("share", "")
    if not (share_id.isascii() and share_id.isdecimal() and len(share_id) < 19):
        raise Http404
    try:
        sharing.end(share_id=int(share_id), account_id=visitor.account_id, own_lines=own_of(visitor), at=now())
    except NoSuchShare:
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?ended")


def own_of(visitor: Visitor) -> list[int]:
    """Return the lines that are the person's own: of these they decide who sees them."""
    return [line.id for line in visitor.lines if not line.role]


def _mine(visitor: Visitor, share_id: int) -> Agreement:
    if share_id >= ID_MAX:
        raise Http404
    try:
        return sharing_queries.share_of(
            share_id=share_id, account_id=visitor.account_id, own_lines=own_of(visitor)
        )  # fmt: skip
    except NoSuchShare:
        raise Http404 from None
