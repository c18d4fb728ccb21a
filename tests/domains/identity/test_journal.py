"""The owner's journal: only known kinds are written, and the column holds each of them (ID-18)."""

from __future__ import annotations

from typing import cast

import pytest

from abonent.domains.identity import journal, models
from abonent.domains.identity.rules import EventKind
from abonent.foundation.clock import now
from tests.factories import identity

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", EventKind)
def test_id_18_every_kind_is_kept_whole(kind: EventKind) -> None:
    journal.note(account_id=identity.account(), kind=kind, at=now(), tell=False)
    assert models.SecurityEvent.objects.get().kind == kind


def test_id_18_what_is_no_kind_is_not_written() -> None:
    account = identity.account()
    with pytest.raises(ValueError, match="somebody sneezed"):
        journal.note(account_id=account, kind=cast(EventKind, "somebody sneezed"), at=now())
    assert not models.SecurityEvent.objects.exists()


def test_id_18_another_kind_needs_no_migration() -> None:
    assert models.SecurityEvent._meta.get_field("kind").choices is None
