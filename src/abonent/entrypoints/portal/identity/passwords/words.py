"""What the pages say about passwords: what is missing, how strong, what to do now."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.identity.passwords.rules import Problem, Strength, in_russian_letters, only_capitals


def missing(problems: Sequence[Problem]) -> list[str]:
    """Return a sentence for each problem: what to do about it."""
    policy = settings.POLICY
    texts = {
        Problem.EMPTY: _("Type a new password"),
        Problem.SHORT: _("Make it %(num)s characters or longer") % {"num": policy.password_length_min},
        Problem.LONG: _("Make it %(num)s characters or shorter") % {"num": policy.password_length_max},
        Problem.NO_DIGIT: _("Add a digit"),
        Problem.NO_CAPITAL: _("Add a capital letter"),
        Problem.NO_SMALL: _("Add a small letter"),
        Problem.OWN_WORD: _("Leave out your number, name, birth date and our name: they are guessed first"),
        Problem.LEAKED: _("This password is in lists that thieves try first. Think of another one"),
        Problem.SIMPLE: _("Keys in a row and repeated characters are guessed at once. Think of another one"),
    }
    return [texts[problem] for problem in problems]


def temporary() -> str:
    """Return what to do instead of keeping a password that was sent or printed."""
    return _("This password was made for one entry. Think of one of your own")


def rules() -> str:
    """Return what a new password must be like, before it is typed."""
    policy = settings.POLICY
    if policy.mixed:
        return _(
            "%(num)s characters or more, with digits, capital and small letters; not your number, name or birth date"
        ) % {"num": policy.password_length_min}
    return _("%(num)s characters or more, any you like: a few words are better than one. Not your number or name") % {
        "num": policy.password_length_min
    }


def strength(found: Strength) -> str:
    """Return how strong a password is, in a word."""
    return {
        Strength.WEAK: _("Weak"),
        Strength.FAIR: _("Fair"),
        Strength.GOOD: _("Good"),
        Strength.STRONG: _("Strong"),
    }[found]


def busy() -> str:
    """Return what to do while too many passwords are being checked."""
    return _("Too many people are signing in right now. Try again in a few seconds")


def wrong() -> str:
    """Return what to do after a wrong password: the same whoever the login belongs to."""
    return _("Wrong login or password. After three wrong tries entry by password is closed, and you enter by code.")


def closed() -> str:
    """Return what is left after three."""
    return _("Entry by password is closed for this login. Enter by code: a new password opens this way again.")


def keyboard(typed: str) -> str:
    """Return what the keyboard was set to, as was typed; it says nothing of the right password."""
    said = []
    if in_russian_letters(typed):
        said.append(_("It was typed in Russian letters: check the language of the keyboard."))
    elif any(character.isalpha() for character in typed):
        said.append(_("It was typed in Latin letters: check the language of the keyboard."))
    if only_capitals(typed):
        said.append(_("All letters were capitals: check Caps Lock."))
    return " ".join(said)


def wrong_old() -> str:
    """Return what to do when the present password was another one."""
    return _("This is not the present password. If you forgot it, set a new one by code")


def closed_here() -> str:
    """Return what is left after the present password was wrong three times."""
    return _("The present password was wrong three times and is not asked for any more. Set a new one by code")


def age(day: str, days: int) -> str:
    """Return when the password was set, and how old it is."""
    if days < 1:
        return _("Set on %(day)s, today") % {"day": day}
    ago = ngettext("%(num)s day ago", "%(num)s days ago", days) % {"num": days}
    return _("Set on %(day)s, %(ago)s") % {"day": day, "ago": ago}
