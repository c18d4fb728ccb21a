"""What ends when a number changes hands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps

from abonent.domains.identity import actions, endings, models
from abonent.domains.identity.factors.models import Passkey, Totp
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.models_federation import Link
from abonent.domains.identity.rules import Channel, EventKind, Purpose, Way
from abonent.foundation.clock import now
from tests.factories import identity

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"


def sent(channel: Channel, *, number: str = NUMBER, address: str = "", hidden: str = "") -> models.Challenge:
    at = now()
    return models.Challenge.objects.create(
        purpose=Purpose.RESET, channel=channel, number=number, address=address, hidden=hidden, subject=1,
        created_at=at, expires_at=at + timedelta(minutes=10), tries_left=3,
    )  # fmt: skip


def living() -> set[str]:
    return set(models.Challenge.objects.filter(expires_at__gt=now()).values_list("channel", "number").distinct())


def test_id_18_codes_that_the_sim_gets_to_see_die_and_others_live() -> None:
    sent(Channel.SMS)
    sent(Channel.VOICE)
    sent(Channel.SMS, number="100000001", address=NUMBER, hidden=NUMBER)
    sent(Channel.EMAIL, number="anna@example.org", hidden=NUMBER)
    sent(Channel.SMS, number="+79000000002")
    assert endings.kill_codes(number=NUMBER, at=now(), channels=endings.OVER_THE_NUMBER) == 3
    assert living() == {("email", "anna@example.org"), ("sms", "+79000000002")}
    assert endings.kill_codes(number=NUMBER, at=now()) == 1
    assert living() == {("sms", "+79000000002")}


def test_a_code_that_ended_before_keeps_its_end() -> None:
    old = sent(Channel.SMS)
    ended = now() - timedelta(minutes=1)
    models.Challenge.objects.filter(id=old.id).update(expires_at=ended)
    assert endings.kill_codes(number=NUMBER, at=now()) == 0
    old.refresh_from_db()
    assert old.expires_at == ended


def owner() -> int:
    """Return an account with one of everything."""
    at = now()
    account = identity.account()
    models.Account.objects.filter(id=account).update(
        password="argon2$…", password_set_at=at, email=f"a{account}@example.org", email_confirmed_at=at,
        has_second_factor=True, has_passkey=True,
    )  # fmt: skip
    entry = actions.record_sign_in(
        account_id=account, way=Way.CODE, origin=Origin(device=f"m{account}"), agent="", in_app=False, at=at
    )
    models.Session.objects.create(key=f"key{entry}", data="", account_id=account, sign_in_id=entry, expires_at=at)
    models.SecurityEvent.objects.create(account_id=account, at=at, kind=EventKind.PASSWORD_SET)
    Totp.objects.create(account_id=account, secret="sealed", made_at=at)
    Passkey.objects.create(
        account_id=account, credential_id=f"c{account}", user_handle="h", public_key=b"k", sign_count=0, name="n",
        created_at=at,
    )  # fmt: skip
    return account


def test_id_18_nothing_opens_an_account_that_is_nobodys_any_more() -> None:
    account, other = owner(), owner()
    endings.end_account(account_id=account, at=now())
    left = {table.__name__ for table in _tables() if table.objects.filter(account_id=account).exists()}
    assert left == {"SignIn", "SecurityEvent"}
    assert {table.__name__ for table in _tables() if table.objects.filter(account_id=other).exists()} > left
    row = models.Account.objects.get(id=account)
    assert not row.has_usable_password()
    assert (row.email, row.password_set_at, row.has_second_factor, row.has_passkey) == (None, None, False, False)
    assert models.Account.objects.get(id=other).email


def test_every_table_that_may_open_an_account_is_reached() -> None:
    """A table that hangs on the account by another name than `account` would be missed above."""
    assert Link in _tables()
    for table in apps.get_app_config("identity").get_models():
        for field in table._meta.fields:
            assert field.related_model is not models.Account or field.name == "account", table


def _tables() -> list[type]:
    return [
        table
        for table in apps.get_app_config("identity").get_models()
        if any(field.related_model is models.Account for field in table._meta.fields)
    ]


def test_a_number_that_changed_hands_has_all_its_tries_and_sendings() -> None:
    identity.challenge(NUMBER)
    identity.challenge("+79000000002")
    endings.forget_limits(number=NUMBER)
    sends = {guard.number: len(guard.sends) for guard in models.NumberGuard.objects.all()}
    assert sends == {NUMBER: 0, "+79000000002": 1}
