"""The platform is told the rules of a line, whole, after each change; and again until it has heard them."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db.models import F
from django.utils.module_loading import import_string

from abonent.domains.lines import queries as lines
from abonent.domains.voice import models, tones_queries
from abonent.domains.voice.ports import NoAnswer, TonePlatform

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500


def tell(*, line_id: int) -> bool:
    """Tell the platform what the line plays now; return whether it knows. Outside any transaction."""
    wish = models.ToneWish.objects.filter(line_id=line_id).first()
    line = lines.served_by_id(line_id)
    if wish is None or line is None or wish.told >= wish.said:
        return True
    # Read after the revision: what comes in between is told once more, never lost.
    rules = tones_queries.rules_of(line_id)
    platform: TonePlatform = import_string(settings.TONE_PLATFORM)()
    try:
        platform.play(line.number, _revision(line_id, wish.said), rules)
    except NoAnswer as error:
        log.warning("tones of line %s: no answer (%s)", line_id, error)
        return False
    models.ToneWish.objects.filter(line_id=line_id, told__lt=wish.said).update(told=wish.said)
    return True


def tell_due() -> None:
    """Tell what an event or an answer was lost of; safe at any time."""
    late = models.ToneWish.objects.filter(told__lt=F("said")).order_by("line_id")
    for line_id in late.values_list("line_id", flat=True)[:AT_ONCE_MAX]:
        tell(line_id=line_id)


def _revision(line_id: int, said: int) -> int:
    """Return a revision that grows also when the number is another line's: a later line has a larger id."""
    return line_id * 1_000_000 + said
