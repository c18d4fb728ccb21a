"""The page of the link in our SMS: what is agreed to, and the field for the code. It asks nobody to sign in."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from abonent.domains.lines import queries as lines
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.asking import Refused
from abonent.domains.orders.subscriptions.consent import Gone, WrongCode
from abonent.domains.orders.subscriptions.queries import NoSuchSubscription, Subscription
from abonent.domains.orders.subscriptions.rules import State
from abonent.domains.support.rules import masked_number
from abonent.entrypoints.portal.subscriptions import words
from abonent.foundation.clock import now
from abonent.web import format as formats

TYPED_MAX = 20


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Say who asks for how much, and take the code; when it is over, say how it ended, and no more than that."""
    found = _found(subscription_id)
    problem, refused, status = "", "", 200
    if request.method == "POST":
        try:
            subscriptions_consent.agree(
                subscription_id=subscription_id, typed=request.POST.get("code", "")[:TYPED_MAX],
                by=subscriptions_consent.PAGE, at=now(),
            )  # fmt: skip
        except WrongCode as wrong:
            status = 400
            problem = _("The code is wrong. Check the 6 digits of our SMS; tries left: %(left)s") % {"left": wrong.left}
        except Gone:
            status = 409
        except Refused as error:
            status, refused = 409, words.why_not_begun(error.why)
        found = _found(subscription_id)
    return _page(request, found, problem, refused, status)


def _page(request: HttpRequest, one: Subscription, problem: str, refused: str, status: int) -> HttpResponse:
    waits = one.state is State.ASKED and one.expires_at > now()
    number = next((line.number for line in lines.served(line_ids=[one.line_id])), "")
    facts = [
        (_("Subscription"), words.name(one)),
        (_("Price, VAT included"), words.price(one.price_minor, one.per)),
        (_("For the number"), masked_number(number)),
        (_("First charge"), _("at once, for the first period")),
        (_("To stop"), _("STOP to %(short)s, or in the cabinet") % {"short": one.short_number}),
    ]
    context = {
        "page": one, "facts": facts, "waits": waits, "until": formats.moment(one.expires_at),
        "problems": {"id_code": problem} if problem else {}, "refused": refused,
        "outcome": "" if waits else _outcome(one), "good": one.state is State.ACTIVE,
    }  # fmt: skip
    return render(request, "portal/subscriptions/consent.html", context, status=status)


def _outcome(one: Subscription) -> str:
    """Return how it ended; what it did since is told in the cabinet alone."""
    if one.state is State.PAUSED:
        return _("You agreed. There is not enough money now, so it is paused and costs nothing until there is.")
    if one.agreed_at is not None:
        return _("You agreed to this subscription. How it stands is shown in your cabinet.")
    if one.state is State.REFUSED:
        return _("It was refused, and nothing was charged.")
    return _("This request is over. Nothing began, and nothing was charged.")


def _found(subscription_id: UUID) -> Subscription:
    try:
        return queries.asked_for(subscription_id)
    except NoSuchSubscription:
        raise Http404 from None
