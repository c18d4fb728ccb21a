"""What the nightly work deletes, and what it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from abonent.domains.messaging import actions, jobs
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now


@pytest.mark.django_db
def test_what_was_sent_is_forgotten_after_a_year() -> None:
    old, young = (
        actions.send(recipient="+79000000001", template="security", params={"kind": "frozen"}, language="ru")
        for _ in range(2)
    )
    Message.objects.filter(id=old).update(created_at=now() - timedelta(days=366))
    jobs.forget_sent(0)
    assert [message.id for message in Message.objects.all()] == [young]
