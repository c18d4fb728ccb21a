"""How numbers want to be told, and the way that each message goes by it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.messaging import models
from abonent.domains.messaging import rules_topics as topics
from abonent.domains.messaging.rules_topics import Quiet, Topic, Way, Wishes


def wishes_of(recipient: str) -> Wishes:
    """Return how the number (E.164) wants to be told; who never said has everything by SMS at any hour."""
    row = models.Preference.objects.filter(recipient=recipient).first()
    if row is None:
        return Wishes()
    quiet = (
        None if row.quiet_from_h is None or row.quiet_until_h is None else Quiet(row.quiet_from_h, row.quiet_until_h)
    )
    return Wishes(
        sms_off=frozenset(map(Topic, row.sms_off)),
        email_on=frozenset(map(Topic, row.email_on)),
        email=row.email,
        quiet=quiet,
    )


@transaction.atomic
def set_wishes(*, recipient: str, wishes: Wishes, at: datetime) -> Wishes:
    """Write down how the number wants to be told from now on; return how it was until now."""
    models.Preference.objects.get_or_create(recipient=recipient, defaults={"changed_at": at})
    models.Preference.objects.select_for_update().get(recipient=recipient)
    before = wishes_of(recipient)
    models.Preference.objects.filter(recipient=recipient).update(
        sms_off=sorted(wishes.sms_off),
        email_on=sorted(wishes.email_on),
        email=wishes.email,
        quiet_from_h=wishes.quiet.from_h if wishes.quiet else None,
        quiet_until_h=wishes.quiet.until_h if wishes.quiet else None,
        changed_at=at,
    )
    return before


def change_address(*, old: str, new: str) -> None:
    """Send to the new e-mail address what went to the old one; empty: nothing goes by e-mail any more."""
    models.Preference.objects.filter(email=old).update(email=new)


def forget(*, recipient: str) -> None:
    """Forget how the number wanted to be told: it is somebody else's now."""
    models.Preference.objects.filter(recipient=recipient).delete()


def move(*, old: str, new: str) -> None:
    """The person has another number: it wants to be told as the old one was; wishes of its former holder go."""
    forget(recipient=new)
    models.Preference.objects.filter(recipient=old).update(recipient=new)


def way_of(*, recipient: str, template: str, at: datetime) -> Way:
    """Return how a message of the template goes to the number now."""
    topic = topics.OF.get(template)
    if topic is None:
        return Way()
    return topics.way(wishes_of(recipient), topic, at.astimezone(ZoneInfo(settings.TIME_ZONE)))
