"""What lies on the desk of who looks after the demo's catalogue: a dearer service that waits for a second person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import Catalogue
from abonent.domains.support import queries
from abonent.domains.support.drafts import actions as drafts
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.drafts.actions import Step
from abonent.domains.support.drafts.rules import Kind, State

WRITER, OFFER = "lebedeva", "caller-name"
DEARER_MINOR = 1_000


def write(at: datetime) -> None:
    """Write the draft and hand it over, unless there ever was one."""
    agent = queries.by_login(WRITER)
    versions = offers_queries.of_offers([OFFER])
    if agent is None or not versions or drafts_queries.drafts(State):
        return
    first = (localdate(at).replace(day=1) + timedelta(days=32)).replace(day=1)
    version = replace(
        versions[-1], valid_from=first, valid_until=None, fee_minor=versions[-1].fee_minor + DEARER_MINOR
    )  # fmt: skip
    text = offers_yaml.write(Catalogue((), (version,)))
    draft_id = drafts.make(agent=agent, kind=Kind.OFFER, text=text, origin="", at=at)
    drafts.hand_over(Step(agent, draft_id, 1, "", at, "Справочник подорожал, см. договор с поставщиком."))
