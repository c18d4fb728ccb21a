"""What factors an account has; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from abonent.domains.identity import models


@dataclass(frozen=True, slots=True)
class KeptPasskey:
    """A passkey as its owner sees it."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account can prove itself with besides the first proof; `codes_left` are unused recovery codes."""

    asked: bool
    totp_since: datetime | None
    codes_left: int
    passkeys: tuple[KeptPasskey, ...]


def factors_of(account_id: int) -> Factors:
    """Return the account's factors, in four short queries."""
    held = models.Passkey.objects.filter(account_id=account_id).order_by("created_at", "id")
    return Factors(
        asked=models.Account.objects.filter(id=account_id, has_second_factor=True).exists(),
        totp_since=models.Totp.objects.filter(account_id=account_id).values_list("confirmed_at", flat=True).first(),
        codes_left=models.RecoveryCode.objects.filter(account_id=account_id, used_at=None).count(),
        passkeys=tuple(KeptPasskey(*row) for row in held.values_list("id", "name", "created_at", "last_used_at")),
    )
