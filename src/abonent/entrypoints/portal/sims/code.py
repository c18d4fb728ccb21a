"""The code of an eSIM: shown once for a proof, as a picture, in words and as a link for this phone."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from abonent.domains.orders import queries
from abonent.domains.orders.sims import actions as sims
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims.rules import Form
from abonent.entrypoints.portal.visitor import Visitor, factor_proof, forget_proof
from abonent.foundation.clock import now


@require_http_methods(["GET", "HEAD", "POST"])
@factor_proof
def show(request: HttpRequest, visitor: Visitor, order_id: UUID) -> HttpResponse:
    """Ask before the code is shown; show it once, and let the proof count no more."""
    line_ids = [line.id for line in visitor.lines]
    change = sims_queries.change_of(order_id)
    if change is None or change.form is not Form.ESIM:
        raise Http404
    try:
        queries.trace(order_id=order_id, line_ids=line_ids)
    except queries.NoSuchOrder:
        raise Http404 from None
    context: dict[str, object] = {"visitor": visitor, "order_id": order_id, "code": "", "gone": not change.has_code}
    if request.method == "POST":
        try:
            code = sims.show_code(order_id=order_id, line_ids=line_ids, account_id=visitor.account_id, at=now())
        except sims.NoCode:
            context["gone"] = True
        else:
            forget_proof(request)
            context |= {
                "code": code, "qr": _qr(code), "parts": code.split("$")[1:],
                "install": settings.ESIM_INSTALL.format(code=quote(code, safe="")),
            }  # fmt: skip
    return render(request, "portal/sims/code.html", context)


def _qr(code: str) -> Markup:
    """Return the code as an inline picture; its colours are attributes, which the policy lets pass."""
    drawn = segno.make(code, error="m", micro=False)
    return Markup(drawn.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr"))  # noqa: S704 - our own
