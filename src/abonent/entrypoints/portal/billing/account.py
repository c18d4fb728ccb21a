"""State of the account at a moment, and the act of reconciliation for some days: page, PDF, XLSX."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from abonent.domains.billing import acts
from abonent.domains.billing.acts_rules import Act
from abonent.entrypoints.portal.billing import account_moment, account_page, act_files
from abonent.entrypoints.portal.billing import expenses_period as periods
from abonent.entrypoints.portal.billing.contracts import contract_of
from abonent.entrypoints.portal.billing.expenses_period import Asked, Days
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.foundation.values import Period

DAYS = ("from", "to")


@require_safe
@signed_in
def account(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what the account has, or had on the day `on` at `time`, and offer the act."""
    contract_id = contract_of(visitor)
    if contract_id is None:
        return render(request, "portal/billing/account_hidden.html", {"visitor": visitor})
    typed = {name: request.GET.get(name, "") for name in ("on", "time")}
    asked = account_moment.asked(typed["on"], typed["time"], now(), _zone())
    today = timezone.localdate(now())
    state = account_page.state(
        acts.balance_at(contract_id, asked.at), asked.at, day_only=asked.day_only, typed=typed,
        problems=asked.problems, today=today,
    )  # fmt: skip
    period = account_page.period(Days(today.replace(day=1), today), {}, {}, today)
    return render(request, "portal/billing/account.html", {"visitor": visitor, "state": state, "period": period})


@require_safe
@signed_in
def act(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the act of the days `from` to `to`."""
    contract_id = contract_of(visitor)
    if contract_id is None:
        return render(request, "portal/billing/account_hidden.html", {"visitor": visitor})
    asked = _asked(request)
    typed = {name: request.GET.get(name, "") for name in DAYS}
    context = {
        "visitor": visitor,
        "period": account_page.period(asked.days, typed, asked.problems, timezone.localdate(now())),
        "act": account_page.act_page(_act(contract_id, asked.days)),
    }
    return render(request, "portal/billing/act.html", context)


@require_safe
@signed_in
def act_file(request: HttpRequest, visitor: Visitor, extension: str) -> HttpResponse:
    """Give the act as a file; days that cannot be shown lead back to the page that says so."""
    contract_id = contract_of(visitor)
    if contract_id is None:
        raise Http404
    asked = _asked(request)
    if asked.problems:
        return HttpResponseRedirect(f"{account_page.ACT}?{request.GET.urlencode()}")
    made = _act(contract_id, asked.days)
    content_type, write = act_files.WRITERS[extension]
    name = f"{_('Act of reconciliation')} {made.payer.contract_number} {made.first} {made.last}.{extension}"
    return HttpResponse(
        write(made, now()),
        content_type=content_type,
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )


def _asked(request: HttpRequest) -> Asked:
    return periods.asked(request.GET.get("from", ""), request.GET.get("to", ""), timezone.localdate(now()))


def _act(contract_id: int, days: Days) -> Act:
    return acts.act(contract_id, Period.of_days(days.first, days.last, _zone()))


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
