"""Tables of tones and voicemail; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.voice.voicemail.rules import Greeting, Kind


class Tone(models.Model):
    """A tone that is sold: a short sound. One of the `hits` is heard only beside a service of its own."""

    code = models.CharField(primary_key=True, max_length=40)
    place = models.SmallIntegerField()
    category = models.CharField(max_length=40)
    categories = models.JSONField(help_text="the name of the category by language")
    names = models.JSONField(help_text="by language")
    artist = models.CharField(max_length=100)
    language = models.CharField(max_length=2, blank=True, help_text="that it is sung in; empty: in none")
    is_hit = models.BooleanField(default=False)
    is_sold = models.BooleanField(default=True)
    sound = models.BinaryField(help_text="WAV")

    class Meta:
        indexes = [models.Index(fields=["place"], name="voice_tones_in_order")]


class ToneRule(models.Model):
    """Which tone who hears when, see `tones.rules.Rule`; `days` are digits of weekdays, Monday 0."""

    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    tone = models.ForeignKey(Tone, on_delete=models.PROTECT, related_name="+")
    caller = models.CharField(max_length=16, blank=True, help_text="E.164; empty: everybody")
    days = models.CharField(max_length=7)
    from_min = models.SmallIntegerField()
    until_min = models.SmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["line"], name="voice_rules_of_line")]


class ToneWish(models.Model):
    """Whether others may copy the tone of a line, and how far the platform is: it has what was said as `told`.

    Both are revisions of one count for all lines: what is said of a number later has a larger one, whoever has it.
    """

    line = models.OneToOneField("lines.Line", primary_key=True, on_delete=models.PROTECT, related_name="+")
    may_be_copied = models.BooleanField(default=False)
    said = models.BigIntegerField(default=0)
    told = models.BigIntegerField(default=0)


class ToneLook(models.Model):
    """Somebody asked for the tone of a number, to copy it; counted, so that nobody asks for all numbers."""

    account_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account_id", "at"], name="voice_looks_of_account")]


class PlatformRules(models.Model):
    """What the tone platform of this house plays: rules of a number, whole, as they were told last."""

    number = models.CharField(primary_key=True, max_length=16)
    revision = models.BigIntegerField()
    rules = models.JSONField()


class Mailbox(models.Model):
    """How the voicemail of a line greets; `own` is the name of an uploaded greeting's file, empty: there is none."""

    line = models.OneToOneField("lines.Line", primary_key=True, on_delete=models.PROTECT, related_name="+")
    greeting = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Greeting])
    own = models.CharField(max_length=60, blank=True)
    own_kind = models.CharField(max_length=20, blank=True)
    own_s = models.IntegerField(default=0)


class VoiceMessage(models.Model):
    """What a caller left; taken once by the platform's `key`. `stored` names its sealed file.

    `caller` is empty when the number was withheld. Deleted ones can be brought back until they are forgotten.
    """

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80, unique=True)
    caller = models.CharField(max_length=16, blank=True)
    left_at = models.DateTimeField()
    length_s = models.IntegerField()
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Kind])
    stored = models.CharField(max_length=60)
    heard_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["line", "-left_at"], name="voice_messages_of_line"),
            models.Index(fields=["left_at"], name="voice_messages_by_age"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="voice_messages_deleted"),
        ]
