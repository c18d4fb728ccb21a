"""What changed in prices, or will: from when, what it was, what it becomes, why; and each price with what it is."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from abonent.domains.billing.changes import queries as changes_queries
from abonent.domains.catalog import queries as catalog
from abonent.entrypoints.portal.billing import changes_page as words
from abonent.entrypoints.portal.visitor import Visitor, signed_in
from abonent.foundation.clock import now


@require_safe
@signed_in
def changes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List what changed for the person's numbers, the selected one first."""
    at = now()
    found = changes_queries.of_lines([line.id for line in visitor.lines], at)
    names = words.Names.of(catalog.geography())
    lines = sorted(visitor.lines, key=lambda line: line.id != visitor.line.id)
    shown = [
        (line, [words.change(one, names, at) for one in found if one.line_id == line.id])
        for line in lines
        if line.id == visitor.line.id or any(one.line_id == line.id for one in found)
    ]
    return render(request, "portal/billing/changes.html", {"visitor": visitor, "lines": shown})


@require_safe
@signed_in
def price(request: HttpRequest, visitor: Visitor, version_id: int, rule: str) -> HttpResponse:
    """Explain a price: of which tariff, since when, why it changed, what was charged by it lately."""
    # The selected line's own charges are meant, where it had that price.
    for line_ids in ([visitor.line.id], [line.id for line in visitor.lines]):
        try:
            found = changes_queries.price(line_ids=line_ids, version_id=version_id, rule=rule)
        except changes_queries.NoSuchPrice:
            continue
        break
    else:
        raise Http404
    line = next(line for line in visitor.lines if line.id == found.line_id)
    shown = words.price(found, words.Names.of(catalog.geography()), now())
    return render(request, "portal/billing/price.html", {"visitor": visitor, "line": line, "page": shown})
