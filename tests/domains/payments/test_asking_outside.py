"""The bank is never asked inside a transaction."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from abonent.domains.payments import models
from tests.factories import payments

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_refused_to_begin_a_payment_inside_a_transaction(settings: Any) -> None:
    bank = payments.open_bank(settings)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        payments.start()
    assert bank.calls == []
    assert not models.Payment.objects.exists()
