"""A cash register of the fictional operator: it takes a while, and what it gives out is as fictional as the rest."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b

from django.conf import settings

from abonent.domains.billing.fiscal.rules import Receipt
from abonent.domains.billing.ports import Fiscal
from abonent.foundation import clock

# No drive has a number of nines.
DRIVE = "9999999999999999"
TAKES = timedelta(seconds=20)


class RegisterOfTheDemo:
    """Implements `ports.FiscalRegister`: the same receipt has the same numbers, however often it is handed over."""

    def register(self, receipt: Receipt) -> Fiscal | None:
        """Register the receipt some seconds after it was made."""
        ready_at = receipt.made_at + TAKES
        if clock.now() < ready_at:
            return None
        mixed = int.from_bytes(blake2b(receipt.id.bytes, digest_size=8).digest())
        return Fiscal(
            registered_at=ready_at,
            fiscal_drive=DRIVE,
            fiscal_document=mixed % 99_999 + 1,
            fiscal_sign=mixed // 100_000 % 4_294_967_295 + 1,
            check_address=f"{settings.ADDRESS}/phone/",
        )
