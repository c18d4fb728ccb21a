"""Tones of a line are set, taken away, copied from a friend; the platform is told after each change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.voice import models, queries
from abonent.domains.voice.events import TonesChanged
from abonent.domains.voice.queries import HITS, TONES
from abonent.domains.voice.tones import queries as tones_queries
from abonent.domains.voice.tones import rules as tones_rules
from abonent.domains.voice.tones.queries import Tone
from abonent.domains.voice.tones.rules import EVERY_DAY, Rule, Why
from abonent.foundation import outbox
from abonent.foundation.values import Msisdn

LOOKS_MAX, LOOKS_SPAN = 10, timedelta(hours=1)


class Refused(Exception):
    """Tones stay as they are."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class NewTone:
    """A tone of a catalogue that is loaded: names by language, the sound as WAV."""

    code: str
    category: str
    categories: Mapping[str, str]
    names: Mapping[str, str]
    artist: str
    sound: bytes
    language: str = ""
    is_hit: bool = False


@transaction.atomic
def load(tones: Iterable[NewTone]) -> int:
    """Make these the catalogue, in this order; return how many. Others are sold no more, and play on where they are."""
    codes = []
    for place, tone in enumerate(tones):
        codes.append(tone.code)
        models.Tone.objects.update_or_create(
            code=tone.code,
            defaults={
                "place": place, "category": tone.category, "categories": dict(tone.categories),
                "names": dict(tone.names), "artist": tone.artist, "language": tone.language, "is_hit": tone.is_hit,
                "is_sold": True, "sound": tone.sound,
            },
        )  # fmt: skip
    models.Tone.objects.exclude(code__in=codes).update(is_sold=False)
    return len(codes)


@transaction.atomic
def add(*, line: Line, rule: Rule, account_id: int | None, at: datetime) -> Rule:
    """Have the line play one more rule, by its account's wish (None: the operator's); the same again changes nothing.

    Raises `Refused`, `tones.queries.NoSuchTone` and `identity.freezing.Frozen`; then nothing has changed.
    """
    if account_id is not None:
        ensure_not_frozen(account_id)
    wish = _locked(line)
    tone = tones_queries.tone(rule.tone)
    known = tones_queries.rules_of(line.id)
    said = (rule.tone, rule.caller, rule.days, rule.from_min, rule.until_min)
    for one in known:
        if (one.tone, one.caller, one.days, one.from_min, one.until_min) == said:
            return one
    # Whoever chooses another tone for the same callers and hours means it instead of the former.
    same = [one.id for one in known if (one.caller, one.days, one.from_min, one.until_min) == said[1:]]
    if (why := _refusal(line, rule, tone, len(known) - len(same), at)) is not None:
        raise Refused(why)
    models.ToneRule.objects.filter(id__in=same).delete()
    row = models.ToneRule.objects.create(
        line_id=line.id, tone_id=tone.code, caller=rule.caller, days="".join(map(str, sorted(rule.days))),
        from_min=rule.from_min, until_min=rule.until_min, made_at=at,
    )  # fmt: skip
    _say(wish)
    return Rule(row.pk, rule.tone, rule.caller, rule.days, rule.from_min, rule.until_min)


@transaction.atomic
def remove(*, line: Line, rule_id: int) -> None:
    """Take a rule away; one that is not there is away."""
    wish = _locked(line)
    if models.ToneRule.objects.filter(line_id=line.id, id=rule_id).delete()[0]:
        _say(wish)


@transaction.atomic
def let_copy(*, line: Line, may: bool) -> None:
    """Say whether others may copy the tone of the line."""
    wish = _locked(line)
    wish.may_be_copied = may
    wish.save(update_fields=["may_be_copied"])


def look(*, line: Line, number: Msisdn, account_id: int, at: datetime) -> Tone:
    """Return the tone that everybody hears who calls the number, if its owner lets it be copied.

    A number that is not ours, that plays nothing or that may not be copied are one answer. Raises `Refused`.
    """
    if number.e164 == line.number:
        raise Refused(Why.SELF)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('tone looks'), %s)", [account_id])
        lately = models.ToneLook.objects.filter(account_id=account_id, at__gt=at - LOOKS_SPAN)
        if lately.count() >= LOOKS_MAX:
            raise Refused(Why.OFTEN)
        models.ToneLook.objects.create(account_id=account_id, at=at)
    friend = lines.served_by_number(number.e164)
    if friend is None or not models.ToneWish.objects.filter(line_id=friend.id, may_be_copied=True).exists():
        raise Refused(Why.NOT_COPIED)
    rules = [rule for rule in tones_queries.rules_of(friend.id) if not rule.caller]
    found = tones_rules.heard(rules, "", timezone.localtime(at))
    if found is None or not queries.is_on(friend, at, TONES):
        raise Refused(Why.NOT_COPIED)
    try:
        return tones_queries.tone(found.tone)
    except tones_queries.NoSuchTone:
        raise Refused(Why.NOT_COPIED) from None


def for_everybody(code: str) -> Rule:
    """Return the rule that plays a tone to everybody at any time."""
    return Rule(0, code, "", EVERY_DAY, 0, 0)


def forget(*, before: datetime) -> None:
    """Forget who looked for whose tone."""
    models.ToneLook.objects.filter(at__lt=before).delete()


def forget_person(*, account_id: int) -> None:
    """Forget that the account looked for tones of others."""
    models.ToneLook.objects.filter(account_id=account_id).delete()


@transaction.atomic
def follow_number(*, line_id: int) -> None:
    """Have the line's tones play on the number that it has by now, and on its former ones no more."""
    wish = models.ToneWish.objects.select_for_update().filter(line_id=line_id).first()
    if wish is not None and wish.said:
        _say(wish)


@transaction.atomic
def forget_line(*, line_id: int) -> None:
    """Forget the rules of a line whose number is given away or whose owner had all deleted."""
    wish = models.ToneWish.objects.select_for_update().filter(line_id=line_id).first()
    if wish is not None and models.ToneRule.objects.filter(line_id=line_id).delete()[0]:
        wish.may_be_copied = False
        wish.save(update_fields=["may_be_copied"])
        _say(wish)


def _refusal(line: Line, rule: Rule, tone: Tone, count: int, at: datetime) -> Why | None:
    if line.service != "mobile":
        return Why.NOT_MOBILE
    if (why := tones_rules.unfit(rule, line.number, count)) is not None:
        return why
    services = queries.services(line, at, TONES, HITS)
    if not services[TONES].is_on:
        return Why.NO_SERVICE
    return Why.NO_HITS if tone.is_hit and not services[HITS].is_on else None


def _locked(line: Line) -> models.ToneWish:
    models.ToneWish.objects.get_or_create(line_id=line.id)
    return models.ToneWish.objects.select_for_update().get(line_id=line.id)


def _say(wish: models.ToneWish) -> None:
    """Have the platform told, within the transaction that holds the row."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('voice_revisions')")
        (wish.said,) = cursor.fetchone()
    wish.save(update_fields=["said"])
    outbox.announce(TonesChanged(wish.line_id))
