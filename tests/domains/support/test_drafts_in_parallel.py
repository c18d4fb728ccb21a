"""Two at once: a draft is published once, and never while it is being changed (OPS-3)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.support.drafts import actions as drafts
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.drafts.rules import Event, State
from abonent.domains.support.rules import Refused, Role
from tests.factories import drafts as make
from tests.factories import offers, support

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_head(settings, tmp_path: Path) -> None:
    settings.AUDIT_HEAD = tmp_path / "audit-head"


def at_once(*acts) -> Counter[str]:
    """Return how often the acts, begun at one moment, were done or refused why."""
    barrier = Barrier(len(acts), timeout=60)

    def run(act) -> str:
        try:
            barrier.wait()
            act()
        except Refused as refused:
            return refused.refusal.value
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def test_ops_3_two_who_publish_at_once_publish_it_once() -> None:
    offers.load()
    draft_id = make.handed_over(support.agent(Role.PRODUCT))
    leads = [support.agent(Role.PRODUCT_LEAD) for _ in range(3)]
    steps, seen = [make.step(one, draft_id) for one in leads], make.seen(draft_id)
    done = at_once(*[lambda step=step: drafts.publish(step, seen=seen) for step in steps])
    assert done == {"done": 1, "not in state": 2}
    assert [one.event for one in drafts_queries.steps(draft_id)].count(Event.PUBLISHED) == 1
    assert len(offers_queries.of_offers(["novel"])) == 1


def test_ops_3_taken_back_and_published_at_once_ends_in_one_of_both() -> None:
    offers.load()
    writer, lead = support.agent(Role.PRODUCT), support.agent(Role.PRODUCT_LEAD)
    draft_id = make.handed_over(writer)
    publish, back, seen = make.step(lead, draft_id), make.step(writer, draft_id), make.seen(draft_id)
    done = at_once(lambda: drafts.publish(publish, seen=seen), lambda: drafts.take_back(back))
    assert done == {"done": 1, "not in state": 1}
    published = drafts_queries.draft(draft_id).state is State.PUBLISHED
    assert bool(offers_queries.of_offers(["novel"])) == published


def test_ops_3_two_versions_of_one_service_published_at_once_never_overlap() -> None:
    offers.load()
    writer = support.agent(Role.PRODUCT)
    ids = [
        make.handed_over(writer, make.text("monthly", valid_from=make.tomorrow(days), fee_minor=9_000 + days))
        for days in (3, 9)
    ]
    steps = [(make.step(support.agent(Role.PRODUCT_LEAD), one), make.seen(one)) for one in ids]

    def publish(step, seen):
        try:
            drafts.publish(step, seen=seen)
        except drafts.BadCatalogue:
            # The other one was there first: it overlaps, and is looked at anew.
            raise Refused(drafts.Refusal.CHANGED) from None

    at_once(*[lambda step=step, seen=seen: publish(step, seen) for step, seen in steps])
    versions = offers_queries.of_offers(["monthly"])
    ends = [one.valid_until for one in versions]
    assert ends[:-1] == [one.valid_from for one in versions[1:]]
    assert ends[-1] is None
    assert len(versions) in (2, 3)
