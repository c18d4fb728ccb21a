"""The one page that says whether everything is in order, and leads to all that can be changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.identity import queries, queries_security
from abonent.domains.identity.queries import Standing
from abonent.entrypoints.portal.identity import codes
from abonent.entrypoints.portal.identity.security import page
from abonent.entrypoints.portal.identity.security.page import Row
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.web import format as formats

SHOWN = 3
PASSWORD = "/security/password/"  # noqa: S105 - an address
EMAIL = "/security/email/"
FACTORS = "/security/factors/"
LINKS = "/security/links/"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that would make the cabinet safer."""

    icon: str
    title: str
    about: str
    address: str


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show how safe the cabinet is; what changed counts as seen from now on."""
    standing = queries.standing(visitor.account_id)
    key = request.session.session_key or ""
    live = queries_security.live_sessions(visitor.account_id, key)
    events = queries_security.events_of(visitor.account_id, limit=SHOWN)
    staff = queries_security.events_of(visitor.account_id, by_staff=True, limit=SHOWN)
    entries = queries_security.entries_of(visitor.account_id, limit=SHOWN)
    page.note_seen(request)
    context = {
        "visitor": visitor,
        "standing": standing,
        "advice": advice(standing),
        "ways": ways(standing),
        "sessions": [page.session_row(session) for session in live[:SHOWN]],
        "sessions_count": len(live),
        "entries": [page.entry_row(entry) for entry in entries],
        "events": [page.event_row(event) for event in events],
        "staff": [page.event_row(event) for event in staff],
        "erase_day": formats.day(standing.erase_at) if standing.erase_at else "",
    }
    return render(request, "portal/identity/security/overview.html", context)


def advice(standing: Standing) -> list[Advice]:
    """Return what is missing, the most useful first; nothing while the cabinet is protected: nothing can be set."""
    if standing.frozen_at:
        return []
    wanted = []
    if not standing.email and codes.by_email():
        about = _("With it you get in and get warned when the phone is not at hand")
        wanted.append(Advice("mail", _("Add an e-mail address"), about, EMAIL))
    if not standing.has_second_factor and not standing.has_passkey:
        about = _("A passkey or an authenticator app: a stolen password or SIM alone will open nothing")
        wanted.append(Advice("shield", _("Add a second proof"), about, FACTORS))
    if not standing.has_password and not standing.has_passkey:
        about = _("So that you get in where no SMS comes")
        wanted.append(Advice("key", _("Set a password"), about, PASSWORD))
    return wanted


def ways(standing: Standing) -> list[Row]:
    """Return the ways in, each with how it stands."""
    password = _("Not set: you sign in by code")
    if standing.has_password:
        password = _("Set")
        if standing.password_set_at:
            password = _("Set %(day)s") % {"day": formats.day(standing.password_set_at)}
    second = _("Asked for at each sign-in") if standing.has_second_factor else _("Not asked for")
    if standing.has_passkey:
        second = " · ".join([second, _("there is a passkey")])
    email = [Row("mail", _("E-mail"), standing.email or _("No address"), EMAIL)]
    return [
        Row("key", _("Password"), password, PASSWORD),
        *(email if standing.email or codes.by_email() else []),
        Row("shield", _("Second proof, passkeys, PIN"), second, FACTORS),
        Row("link", _("Entry by other services"), _("VK, Odnoklassniki and others"), LINKS),
    ]
