"""What the nightly work deletes, and what it leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from abonent.domains.identity import jobs, models
from abonent.foundation.clock import now
from tests.factories import security

pytestmark = pytest.mark.django_db


def test_a_year_later_nobody_knows_who_got_in_from_where() -> None:
    account = security.account()
    with time_machine.travel(now() - timedelta(days=366)):
        security.session(account.pk, mark="long ago")
        models.PasswordGuard.objects.create(key="device 1 a", tries=1, since=now(), seen_at=now())
    lately = security.session(account.pk, mark="lately")
    jobs.forget(0)
    assert models.SignIn.objects.get().id == lately["sign_in"]
    assert models.Device.objects.count() == models.Session.objects.count() == 1
    assert models.PasswordGuard.objects.count() == 0
    assert security.is_open(lately)
    assert models.Account.objects.count() == 1
