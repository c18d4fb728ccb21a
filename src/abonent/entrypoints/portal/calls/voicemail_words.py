"""Voicemail in words. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from abonent.domains.voice.voicemail.rules import Fault, Greeting, Kind

SAID: Mapping[str, Callable[[], str]] = {
    "deleted": lambda: _("The message is deleted. For 7 days you can bring it back below."),
    "back": lambda: _("The message is back."),
    "greeting": lambda: _("Callers are greeted so from now on."),
    "pin": lambda: _("The new PIN holds from now on."),
}
ENDINGS = {Kind.WAV: ".wav", Kind.AMR: ".amr", Kind.MP3: ".mp3"}


def length(seconds: int) -> str:
    """Return a length: 0:35."""
    return f"{seconds // 60}:{seconds % 60:02}"


def greeting(of: Greeting) -> tuple[str, str]:
    """Return what a greeting is called, and what it says."""
    return {
        Greeting.PLAIN: (
            _("Without a name"),
            _("“The subscriber cannot answer now. Leave a message after the signal.”"),
        ),
        Greeting.NUMBER: (_("With your number"), _("“You called”, then your number, then “leave a message”.")),
        Greeting.ABSENT: (_("You are away"), _("“The subscriber is away and hears the message later.”")),
        Greeting.OWN: (_("Your own recording"), _("What you uploaded below")),
    }[of]


def greetings(now: Greeting, *, has_own: bool) -> list[tuple[str, str, str, bool]]:
    """Return the greetings to choose from; one's own, when there is one."""
    return [(one.value, *greeting(one), one is now) for one in Greeting if has_own or one is not Greeting.OWN]


def bad_sound(fault: Fault) -> str:
    """Return why a recording is not taken, and what to do."""
    return {
        Fault.EMPTY: lambda: _("Choose a file with a recording; this one holds nothing to hear"),
        Fault.LARGE: lambda: _("The file is larger than 3 MB. Choose a smaller one"),
        Fault.KIND: lambda: _("This is no WAV with plain sound, no MP3 and no AMR. Save the recording as one of them"),
        Fault.BROKEN: lambda: _("The file is damaged or holds something else as well. Save the recording anew"),
        Fault.LONG: lambda: _("The recording is longer than a minute. Make it shorter"),
    }[fault]()
