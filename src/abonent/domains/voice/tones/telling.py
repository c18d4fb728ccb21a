"""The platform is told the rules of a line, whole, after each change; and again until it has heard them."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db.models import F
from django.utils.module_loading import import_string

from abonent.domains.lines import queries as lines
from abonent.domains.voice import models
from abonent.domains.voice.ports import NoAnswer, TonePlatform
from abonent.domains.voice.tones import queries as tones_queries
from abonent.domains.voice.tones.rules import Rule
from abonent.foundation import rounds

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500


def tell(*, line_id: int) -> bool:
    """Tell the platform what plays on the line's numbers now; return whether it knows. Outside any transaction."""
    wish = models.ToneWish.objects.filter(line_id=line_id).first()
    if wish is None or wish.told >= wish.said:
        return True
    platform: TonePlatform = import_string(settings.TONE_PLATFORM)()
    try:
        # Read after the revision: what comes in between is told once more, never lost.
        for number, rules in _playing(line_id).items():
            platform.play(number, wish.said, rules)
    except NoAnswer as error:
        log.warning("tones of line %s: no answer (%s)", line_id, error)
        return False
    models.ToneWish.objects.filter(line_id=line_id, told__lt=wish.said).update(told=wish.said)
    return True


def tell_due() -> None:
    """Tell what an event or an answer was lost of; safe at any time."""
    late = models.ToneWish.objects.filter(told__lt=F("said")).order_by("line_id")
    rounds.each(late.values_list("line_id", flat=True)[:AT_ONCE_MAX], lambda line_id: tell(line_id=line_id))


def _playing(line_id: int) -> dict[str, list[Rule]]:
    """Return what plays on each number that the line has or had: its rules on that of now, on those before nothing.

    A former number that another line has by now is that one's.
    """
    line = lines.served_by_id(line_id)
    had = {one.number for one in lines.served(line_ids=[line_id])}
    others = {number for number in had if (now := lines.served_by_number(number)) and now.id != line_id}
    playing: dict[str, list[Rule]] = {number: [] for number in sorted(had - others)}
    if line is not None:
        playing[line.number] = tones_queries.rules_of(line_id)
    return playing
