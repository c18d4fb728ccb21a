"""Questions that tell people from programs: put to one browser, answered once, their answers kept nowhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from abonent.domains.identity import models, rules
from abonent.domains.identity.rules_risk import PICTURE_DIGITS, CaptchaKind, captcha_answer

LIFE = timedelta(minutes=10)


@transaction.atomic
def put(*, device: str, at: datetime, instead_of: UUID | None = None) -> UUID:
    """Put a new question to the browser with the mark `device`, `instead_of` another; return the question's id."""
    if instead_of is not None:
        models.Captcha.objects.filter(id=instead_of, used_at=None).delete()
    return models.Captcha.objects.create(device=device, expires_at=at + LIFE).pk


def answer(captcha_id: UUID, kind: CaptchaKind) -> str:
    """Return the digits to show, or to say in words; made anew each time."""
    key = salted_hmac("abonent.identity.captcha", "", algorithm="sha256").digest()
    return captcha_answer(key, captcha_id, kind)


def is_open(*, captcha_id: UUID, device: str, at: datetime) -> bool:
    """Return whether the question can still be answered by this browser."""
    return models.Captcha.objects.filter(id=captcha_id, device=device, used_at=None, expires_at__gt=at).exists()


def solve(*, captcha_id: UUID, kind: CaptchaKind, device: str, typed: str, at: datetime) -> bool:
    """Use the question up and return whether `typed` answers it: of any number at once, one is looked at."""
    taken = models.Captcha.objects.filter(id=captcha_id, device=device, used_at=None, expires_at__gt=at)
    if not taken.update(used_at=at):
        return False
    right = answer(captcha_id, kind)
    return rules.is_same_code(right, rules.digits_typed(typed[: 4 * PICTURE_DIGITS], len(right)) or "")
