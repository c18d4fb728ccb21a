"""Another SIM: its forms, what each asks for, the question with all that follows, the order."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abonent.domains.help import queries as help_queries
from abonent.domains.lines import queries_calls
from abonent.domains.lines.numbers.rules import is_iccid
from abonent.domains.orders import actions
from abonent.domains.orders.sims import actions as sims
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims.rules import Form, Refusal, Why
from abonent.entrypoints.portal.sims import page, words
from abonent.entrypoints.portal.visitor import Visitor, factor_proof, forget_proof, fresh_proof, proved_at, signed_in
from abonent.foundation.clock import now
from abonent.web import format as formats

TEMPLATES, HERE, CHANNEL = "portal/sims/", "/sim/", "web"
TYPED_MAX = 60
# What is wrong with what was entered; anything else stands in the way of all.
OF_FIELD = {Why.NO_CARD: "id_iccid", Why.NO_SHOP: "id_shop"}


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the SIM that serves the number, and in which forms there is another."""
    return _overview(request, visitor)


@require_http_methods(["GET", "HEAD", "POST"])
def ordering(request: HttpRequest, form: str) -> HttpResponseBase:
    """Ask for the card or the shop, then whether it is to be, with all that follows; then order it.

    A card in hand gets all codes within minutes, so it asks for what the code of an eSIM asks for when that is shown.
    """
    proven = factor_proof if form == Form.CARD else fresh_proof
    return proven(_ordering)(request, form)


def _ordering(request: HttpRequest, visitor: Visitor, form: str) -> HttpResponse:
    try:
        wanted = Form(form)
    except ValueError:
        raise Http404 from None
    if request.method == "POST":
        return _ordered(request, visitor, wanted)
    iccid = _digits(request.GET.get("iccid", ""))
    shop = request.GET.get("shop", "")[:TYPED_MAX]
    try:
        standing = sims_queries.standing(
            visitor.line, wanted, now(), proved_at(request), iccid=iccid, shop=shop
        )  # fmt: skip
    except sims_queries.NotOffered:
        return HttpResponseRedirect(HERE)
    refusal = standing.refusal
    if refusal is not None and refusal.why is Why.LOST:
        # The code may have gone to the phone when that was lost already. No code goes there now.
        forget_proof(request)
        return HttpResponseRedirect(request.get_full_path())
    asks_for = {Form.CARD: "iccid", Form.SHOP: "shop"}.get(wanted, "")
    if asks_for and (asks_for not in request.GET or (refusal and refusal.why in OF_FIELD)):
        return _form(request, visitor, wanted, refusal if asks_for in request.GET else None)
    chosen = next((one for one in help_queries.shops() if one.code == shop), None) if shop else None
    question = page.sim_question(standing, visitor.line, uuid4(), iccid=iccid, shop=chosen)
    context = {"visitor": visitor, "page": question, "action": f"{HERE}{form}/", "back": (HERE, _("Another SIM"))}
    return render(request, f"{TEMPLATES}question.html", context)


def _ordered(request: HttpRequest, visitor: Visitor, wanted: Form) -> HttpResponse:
    sent = request.POST
    try:
        if sent.get("line") != f"{visitor.line.id}":
            raise ValueError("another line")
        wish = sims.Wish(
            order_id=UUID(sent.get("id", "")), line=visitor.line, form=wanted, rules_id=int(sent.get("rules", "")),
            total_minor=int(sent.get("total_minor", "")), channel=CHANNEL, account_id=visitor.account_id,
            proved_at=proved_at(request), iccid=_digits(sent.get("iccid", "")) if wanted is Form.CARD else "",
            shop=sent.get("shop", "")[:TYPED_MAX] if wanted is Form.SHOP else "",
        )  # fmt: skip
        placed = sims.place(wish=wish, at=now())
    except (ValueError, OverflowError):
        said = _("The form came incomplete, and nothing was ordered. Choose again")
        return _overview(request, visitor, problem=said, status=400)
    except sims.Refused as refused:
        said = _("Nothing was ordered. %(why)s") % {"why": words.refused(refused.refusal)}
        return _overview(request, visitor, problem=said, status=409)
    except actions.Changed:
        said = _("The price has changed since, and nothing was ordered. Look at the new one")
        return _overview(request, visitor, problem=said, status=409)
    except actions.DifferentOrder:
        said = _("This form was used before, and nothing was ordered now")
        return _overview(request, visitor, problem=said, status=409)
    return HttpResponseRedirect(f"/orders/{placed.id}/")


def _overview(request: HttpRequest, visitor: Visitor, *, problem: str = "", status: int = 200) -> HttpResponse:
    line = visitor.line
    mobile = line.service == "mobile"
    try:
        found = sims_queries.standings(line, now(), proved_at(request)) if mobile else []
    except sims_queries.NotOffered:
        found = []
    coming = sims_queries.coming(line.id) if mobile else None
    sim = queries_calls.sim_of(line.id) if mobile else None
    facts = [] if sim is None else [
        (_("Number of the SIM in the network (IMSI) ends with"), sim.ending),
        (_("Serves this number since"), formats.day(sim.since, year=True)),
    ]  # fmt: skip
    refusal = Refusal(Why.NOT_MOBILE) if not mobile else Refusal(Why.NOT_OFFERED) if not found else None
    if coming is not None:
        refusal = Refusal(Why.ON_THE_WAY, order=f"{coming}")
    context = {
        "visitor": visitor, "rows": page.forms(found) if refusal is None else [], "facts": facts, "problem": problem,
        "refused": words.refused(refusal) if refusal else "", "way": words.way_out(refusal) if refusal else None,
    }  # fmt: skip
    return render(request, f"{TEMPLATES}sims.html", context, status=status)


def _form(request: HttpRequest, visitor: Visitor, wanted: Form, refusal: Refusal | None) -> HttpResponse:
    """Ask for the number of the card, or for the shop; keep what was typed."""
    typed = request.GET.get("iccid", "")[:TYPED_MAX]
    problems = {}
    if refusal is not None and refusal.why in OF_FIELD:
        problems[OF_FIELD[refusal.why]] = words.refused(refusal)
    if wanted is Form.CARD and problems and not is_iccid(_digits(typed)):
        problems["id_iccid"] = _("Enter all 19 or 20 digits that are printed on the card; they begin with 89")
    chosen = request.GET.get("shop", "")
    groups = page.shops(help_queries.shops(), help_queries.cities(), chosen) if wanted is Form.SHOP else []
    context = {
        "visitor": visitor, "form": wanted.value, "title": words.form(wanted), "about": words.about(wanted),
        "typed": typed, "groups": groups, "problems": problems,
    }  # fmt: skip
    return render(request, f"{TEMPLATES}form.html", context, status=422 if problems else 200)


def _digits(typed: str) -> str:
    """Return what was typed as digits, as far as it is."""
    return "".join(typed[:TYPED_MAX].split()).replace("-", "")
