"""Ring-back tones: what callers hear and when, the catalogue, a rule, a friend's tone, what would be heard."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones import queries as tones_queries
from abonent.domains.voice.tones.rules import Why
from abonent.entrypoints.portal.calls import sounds, tones_page, words
from abonent.entrypoints.portal.calls import tones_forms as forms
from abonent.entrypoints.portal.calls import tones_words as said
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now
from abonent.foundation.values import InvalidNumber, Msisdn

HERE = "/calls/tones/"
TEMPLATES = "portal/calls/"
TYPED_MAX = 80
ID_MAX = 2**62


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the rules in their order, what they cost, and what a caller would hear."""
    told = next((name for name in said.SAID if name in request.GET), "")
    return _show(request, visitor, told=said.SAID[told]() if told else "")


@require_safe
@signed_in
def catalogue(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is sold, all or of one category, to listen to."""
    page = tones_page.shelves(tones_queries.sold(), request.GET.get("category", "")[:40])
    return render(request, f"{TEMPLATES}tones_catalogue.html", {"visitor": visitor, "page": page})


@require_safe
@signed_in
def sound(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:  # noqa: ARG001 - a view
    """Return a tone."""
    try:
        content = tones_queries.sound(code)
    except tones_queries.NoSuchTone:
        raise Http404 from None
    return sounds.answer(request, content, "audio/wav", f"{code}.wav")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def choose(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """Ask who is to hear a tone, and when; have it played."""
    try:
        tone = tones_queries.tone(code)
    except tones_queries.NoSuchTone:
        raise Http404 from None
    if request.method != "POST":
        return _form(request, visitor, tone, forms.Typed(), {})
    _own(request, visitor)
    typed = forms.typed(request.POST)
    rule, problems = forms.read(typed, code)
    if rule is None:
        return _form(request, visitor, tone, typed, problems, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        tones.add(line=visitor.line, rule=rule, account_id=visitor.account_id, at=now())
    except tones.Refused as refused:
        return _refused(request, visitor, refused.why)
    return HttpResponseRedirect(f"{HERE}?set")


@require_POST
@signed_in
def remove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take a rule away."""
    _own(request, visitor)
    rule_id = request.POST.get("rule", "")
    if not rule_id.isascii() or not rule_id.isdecimal() or int(rule_id) > ID_MAX:
        raise Http404
    tones.remove(line=visitor.line, rule_id=int(rule_id))
    return HttpResponseRedirect(f"{HERE}?removed")


@require_POST
@signed_in
def let_copy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let others copy the tone, or not."""
    _own(request, visitor)
    may = request.POST.get("may") == "yes"
    tones.let_copy(line=visitor.line, may=may)
    return HttpResponseRedirect(f"{HERE}?{'copied' if may else 'uncopied'}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def copy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Find a friend's tone by the number; where it leads to is the tone's own form."""
    context: dict[str, object] = {"visitor": visitor, "typed": "", "problems": {}, "tone": None}
    status = HTTPStatus.OK
    if request.method == "POST":
        _own(request, visitor)
        typed = request.POST.get("number", "")[:TYPED_MAX]
        context["typed"] = typed
        try:
            number = Msisdn.parse(typed, settings.NUMBER_REGION)
            tone = tones.look(line=visitor.line, number=number, account_id=visitor.account_id, at=now())
        except InvalidNumber as error:
            context["problems"], status = (
                {"id_number": words.bad_number(error.reason, typed)},
                HTTPStatus.UNPROCESSABLE_ENTITY,
            )
        except tones.Refused as refused:
            context["problems"], status = {"id_number": said.refused(refused.why)}, HTTPStatus.UNPROCESSABLE_ENTITY
        else:
            context["tone"] = tones_page.tone(tone)
    return render(request, f"{TEMPLATES}tones_copy.html", context, status=status)


def _form(
    request: HttpRequest, visitor: Visitor, tone: tones_queries.Tone, typed: forms.Typed, problems: dict[str, str],
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "visitor": visitor, "tone": tones_page.tone(tone), "typed": typed, "problems": problems,
        "days": tones_page.days(typed.days),
    }  # fmt: skip
    return render(request, f"{TEMPLATES}tones_set.html", context, status=status)


def _refused(request: HttpRequest, visitor: Visitor, why: Why) -> HttpResponse:
    return _show(request, visitor, problem=said.refused(why), status=HTTPStatus.CONFLICT)


def _show(
    request: HttpRequest, visitor: Visitor, *, told: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    line, at = visitor.line, now()
    context: dict[str, object] = {
        "visitor": visitor, "page": None, "said": told, "problem": problem, "problems": {},
    }  # fmt: skip
    if line.service == "mobile":
        found = tones_queries.overview(line, at)
        local = timezone.localtime(at)
        asked, wrong = forms.asked(request.GET, local)
        context["page"] = tones_page.present(found, asked)
        context["problems"] = {"id_caller": wrong} if wrong else {}
    return render(request, f"{TEMPLATES}tones.html", context, status=status)


def _own(request: HttpRequest, visitor: Visitor) -> None:
    """Refuse a form that spoke of another line than the pages do, or a line that has no callers."""
    if request.POST.get("line") != f"{visitor.line.id}" or visitor.line.service != "mobile":
        raise Http404
