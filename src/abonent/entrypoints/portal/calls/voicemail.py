"""Voicemail: the messages, one of them played, deleted, brought back; the greeting; the PIN for calling in."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abonent.domains.lines.pins.rules import Guards
from abonent.domains.voice.voicemail import actions as voicemail
from abonent.domains.voice.voicemail import queries as voicemail_queries
from abonent.domains.voice.voicemail.queries import NotThere
from abonent.domains.voice.voicemail.rules import BadSound, Fault, Greeting, Kind
from abonent.entrypoints.portal.calls import pins, sounds, voicemail_page
from abonent.entrypoints.portal.calls import voicemail_words as words
from abonent.entrypoints.portal.visitor import Visitor, fresh_proof, signed_in
from abonent.foundation.clock import now
from abonent.web import uploads

HERE = "/calls/voicemail/"
TEMPLATES = "portal/calls/"


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what callers left, and how they are greeted."""
    line = visitor.line
    said = next((name for name in words.SAID if name in request.GET), "")
    gone = "gone" in request.GET
    context = {
        "visitor": visitor,
        "page": voicemail_page.present(voicemail_queries.overview(line, now())) if line.service == "mobile" else None,
        "said": words.SAID[said]() if said else "",
        "problem": _("The message is gone for good by now.") if gone else "",
    }
    return render(request, f"{TEMPLATES}voicemail.html", context)


@require_safe
@signed_in
def play(request: HttpRequest, visitor: Visitor, message_id: UUID) -> HttpResponse:
    """Return what was said, whole or in parts; from then on it was heard."""
    line_ids, at = [line.id for line in visitor.lines], now()
    try:
        message, content = voicemail_queries.sound(message_id=message_id, line_ids=line_ids)
    except NotThere:
        raise Http404 from None
    if request.method == "GET":
        voicemail.note_heard(message_id=message_id, line_ids=line_ids, at=at)
    name = f"{message.left_at:%Y-%m-%d-%H%M}{words.ENDINGS[message.kind]}"
    return sounds.answer(request, content, message.kind, name, attached=message.kind is Kind.AMR)


@require_POST
@signed_in
def delete(request: HttpRequest, visitor: Visitor, message_id: UUID) -> HttpResponse:  # noqa: ARG001 - a view
    """Put a message away; the page offers to bring it back."""
    try:
        voicemail.delete(message_id=message_id, line_ids=[line.id for line in visitor.lines], at=now())
    except NotThere:
        return HttpResponseRedirect(f"{HERE}?gone")
    return HttpResponseRedirect(f"{HERE}?deleted")


@require_POST
@signed_in
def bring_back(request: HttpRequest, visitor: Visitor, message_id: UUID) -> HttpResponse:  # noqa: ARG001 - a view
    """Bring a deleted message back."""
    try:
        voicemail.bring_back(message_id=message_id, line_ids=[line.id for line in visitor.lines], at=now())
    except NotThere:
        return HttpResponseRedirect(f"{HERE}?gone")
    return HttpResponseRedirect(f"{HERE}?back")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def greeting(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Choose a greeting, or upload one's own; a bad file is said at its field, and callers are greeted as before."""
    line = visitor.line
    if line.service != "mobile":
        return HttpResponseRedirect(HERE)
    if request.method != "POST":
        return _greeting(request, visitor, {})
    if request.POST.get("line") != f"{line.id}":
        raise Http404
    chosen = request.POST.get("greeting", "")
    if chosen == "upload":
        try:
            voicemail.greet_with(line=line, content=_uploaded(request), account_id=visitor.account_id)
        except BadSound as bad:
            said = {"id_file": words.bad_sound(bad.fault)}
            return _greeting(request, visitor, said, HTTPStatus.UNPROCESSABLE_ENTITY)
        return HttpResponseRedirect(f"{HERE}?greeting")
    try:
        voicemail.greet(line=line, greeting=Greeting(chosen), account_id=visitor.account_id)
    except (ValueError, NotThere):
        raise Http404 from None
    return HttpResponseRedirect(f"{HERE}?greeting")


@require_safe
@signed_in
def greeting_sound(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Return the greeting that was uploaded."""
    try:
        kind, content = voicemail_queries.own_greeting(visitor.line.id)
    except (NotThere, FileNotFoundError):
        raise Http404 from None
    return sounds.answer(request, content, kind, f"greeting{words.ENDINGS[kind]}", attached=kind is Kind.AMR)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_proof
def pin(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Choose the PIN for calling in from any phone."""
    about = _(
        "With it you hear your messages from any phone: call your own number and enter the PIN while the greeting "
        "plays. From this phone none is asked for. Three wrong ones lock it until you choose a new one here."
    )
    return pins.choose(request, visitor, Guards.VOICEMAIL, here=f"{HERE}pin/", back=(HERE, _("Voicemail")), about=about)


def _uploaded(request: HttpRequest) -> bytes:
    """Return the file that came; raise `BadSound` for none, or one that was let go."""
    if any(why == "large" for _name, why in uploads.refused(request)):
        raise BadSound(Fault.LARGE)
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise BadSound(Fault.EMPTY)
    return bytes(file.read())


def _greeting(request: HttpRequest, visitor: Visitor, problems: dict[str, str], status: int = 200) -> HttpResponse:
    found = voicemail_queries.overview(visitor.line, now())
    context = {
        "visitor": visitor, "choices": words.greetings(found.greeting, has_own=bool(found.own_s)),
        "problems": problems, "own_s": found.own_s, "own_length": words.length(found.own_s),
        "own_plays": found.own_plays,
    }  # fmt: skip
    return render(request, f"{TEMPLATES}greeting.html", context, status=status)
