"""What the network does, on screen: a SIM replaced, calls forwarded, a number given to somebody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from abonent.demo import names
from abonent.demo.dice import key as stream
from abonent.demo.dice import pick
from abonent.demo.people import MOSCOW, NETWORK_CODE, number_of
from abonent.domains.billing import actions as billing
from abonent.domains.billing.fees.rules import period_day
from abonent.domains.catalog import queries as catalog
from abonent.domains.customers import actions as customers
from abonent.domains.lines import actions as lines
from abonent.domains.lines import queries
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.network.rules import Noted
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidNumber, Msisdn

LOGIN_LENGTH_MAX = 40
OFFERED = 3
ELSEWHERE = "+79161234567"
TARIFF_OF_THE_NEXT = "poputny"
ACTS = ("sim", "forward", "stay", "release", "terminate", "unused", "used")


class ActForm(forms.Form):
    """One thing the network does to a line; `key` makes a form sent twice one event."""

    number = forms.CharField(max_length=LOGIN_LENGTH_MAX)
    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    key = forms.UUIDField()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def network_page(request: HttpRequest) -> HttpResponse:
    """Show how the line of `?number=` stands, and let the network do something to it."""
    if request.method != "POST":
        return _page(request, request.GET.get("number", ""), request.GET.get("noted", ""))
    form = ActForm(request.POST)
    if not form.is_valid():
        return _page(request, request.POST.get("number", ""), "")
    number = _number(form.cleaned_data["number"])
    noted = _do(form.cleaned_data["act"], number, form.cleaned_data["key"])
    return HttpResponseRedirect(f"/phone/network/?{urlencode({'number': number, 'noted': noted})}")


def _do(act: str, number: str, key: UUID) -> Noted:
    told: dict[str, Any] = {"number": number, "at": now(), "key": f"screen {key}"}
    if act == "sim":
        return network.note_sim_replaced(imsi=f"{NETWORK_CODE}{key.int % 10**10:010d}", **told)
    if act in ("forward", "stay"):
        return network.note_forwarding(condition="all", target=ELSEWHERE if act == "forward" else None, **told)
    if act == "release":
        return _give_to_another(number, key)
    notes = {"terminate": network.note_terminated, "unused": network.note_unused, "used": network.note_used_again}
    return notes[act](**told)


@transaction.atomic
def _give_to_another(number: str, key: UUID) -> Noted:
    """Release a number, and let somebody else sign a contract for it."""
    at = now()
    noted = network.note_released(number=number, at=at, key=f"screen {key}")
    if noted is not Noted.DONE or not number.startswith("+"):
        return noted
    own = stream("next owner", str(key))
    surname, patronymic = pick(names.SURNAMES, own, 0)[True], pick(names.PATRONYMICS, own, 1)[True]
    contract_id = customers.register(
        parties=[customers.NewParty(pick(names.WOMEN, own, 2), patronymic, surname)],
        contracts=[customers.NewContract(f"9{key.int % 10**12:012d}", 0, "prepaid", localdate(at))],
    )[0]
    # Of the versions in force the newest: one that is published for a day to come is not sold yet.
    sold = {id_: version.valid_from for id_, version in catalog.tariff_versions().items()
            if version.tariff_code == TARIFF_OF_THE_NEXT and version.valid_from <= localdate(at)}  # fmt: skip
    tariff_version_id = max(sold, key=lambda id_: sold[id_])
    lines.open_lines(
        [
            lines.NewLine(
                contract_id=contract_id,
                service="mobile",
                number=number,
                tariff_version_id=tariff_version_id,
                period_day=period_day(at.astimezone(MOSCOW).date()),
                opened_at=at,
                is_main=True,
                imsi=f"{NETWORK_CODE}{key.int % 10**10:010d}",
            )
        ]
    )
    billing.open_accounts(contract_ids=[contract_id])
    return noted


def _number(typed: str) -> str:
    """Return E.164 for a number in any writing, and a login as it is."""
    try:
        return Msisdn.parse(typed).e164
    except InvalidNumber:
        return "".join(character for character in typed.strip()[:LOGIN_LENGTH_MAX] if character.isprintable())


def _page(request: HttpRequest, typed: str, noted: str) -> HttpResponse:
    number = _number(typed)
    found = [line for line in queries.find(number) if line.number == number] if number else []
    holder = queries.holder(found[0].line_id, now()) if found else None
    context = {
        "number": number,
        "holder": holder,
        "unknown": bool(number) and holder is None,
        "noted": _words(noted),
        "key": uuid4,
        "offered": [*(number_of(place) for place in range(OFFERED)), "net-000001", "sat-000001"],
    }
    return render(request, "demo/network.html", context)


def _words(noted: str) -> str:
    return {
        str(Noted.DONE): _("Done. See what it means for the cabinet"),
        str(Noted.REPEATED): _("This was taken before and counts once"),
        str(Noted.NOTHING_NEW): _("That says nothing new"),
        str(Noted.NO_LINE): _("Nobody has this number"),
    }.get(noted, "")
