"""What the pages say about other services and about recognition: who it is, what went wrong, what to do now."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.identity.links import Outcome
from abonent.domains.identity.recognition_rules import Fault
from abonent.entrypoints.portal.identity.federation.arrival import Trouble

# Names that are written differently in another script; all others stand as the settings give them.
NAMES = {
    "Odnoklassniki": gettext_lazy("Odnoklassniki"),
    "Another service": gettext_lazy("Another service"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A heading and what stands below it."""

    title: str
    text: str


def name_of(service: str) -> str:
    """Return what people call the service; the bare id of one that the settings do not know any more."""
    login = settings.LOGINS.get(service)
    name = login.name if login else service
    return str(NAMES.get(name, name))


def trouble(problem: Trouble, service: str) -> Said:
    """Return why the way to the service and back led nowhere."""
    name = {"name": name_of(service)}
    return {
        Trouble.DENIED: Said(
            _("You did not let %(name)s tell us who you are") % name,
            _("Nothing was changed. Sign in another way, or try again."),
        ),
        Trouble.STALE: Said(
            _("This sign-in was begun too long ago, or in another browser"),
            _("Begin anew here. Nothing was changed."),
        ),
        Trouble.DOWN: Said(
            _("%(name)s does not answer right now") % name,
            _("Nothing was changed. Sign in by your number, or try again in a few minutes."),
        ),
        Trouble.STRANGE: Said(
            _("%(name)s gave an answer that proves nothing") % name,
            _("So nobody was let in, and nothing was changed. Sign in another way."),
        ),
    }[problem]


def outcome(of: Outcome, service: str) -> Said:
    """Return what came of adding a login."""
    name = {"name": name_of(service)}
    return {
        Outcome.LINKED: Said(
            _("From now on %(name)s opens your cabinet") % name,
            _("You can take this back at any time in the security settings. We wrote to you about it, too."),
        ),
        Outcome.ALREADY: Said(
            _("%(name)s opens your cabinet already") % name,
            _("There was nothing to change."),
        ),
        Outcome.ELSEWHERE: Said(
            _("This login of %(name)s opens another cabinet") % name,
            _("Nothing was changed. To use it here, take it from the other cabinet first."),
        ),
        Outcome.OCCUPIED: Said(
            _("Another login of %(name)s opens your cabinet") % name,
            _("Nothing was changed. Take the present one away first, then add this one."),
        ),
    }[of]


def fault(of: Fault) -> Said:
    """Return why the network did not recognise the person, and what to do."""
    if of is Fault.HELD:
        return Said(
            _("For now the network alone does not open the cabinet"),
            _("The SIM or the forwarding of this number changed less than a day ago. Sign in another way."),
        )
    if of is Fault.UNKNOWN:
        return Said(
            _("We did not recognise your connection"),
            _("Switch Wi-Fi off so that the phone goes through our network, and try again; or sign in by your number."),
        )
    return Said(
        _("This recognition is over, or was for another browser"),
        _("Try again, or sign in by your number. Nothing was changed."),
    )
