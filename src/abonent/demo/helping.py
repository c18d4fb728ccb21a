"""What «Орбита» answers before it is asked: questions, contacts, shops."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from abonent.domains.help import actions, rules_yaml
from abonent.domains.help.rules import Help
from abonent.foundation.clock import now

FILE = Path(__file__).with_name("help.yaml")


def read() -> Help:
    """Return the texts of the fictional operator."""
    return rules_yaml.read(FILE.read_text(), [code for code, _ in settings.LANGUAGES])


def publish() -> None:
    """Publish them; what is there already stays as it is."""
    actions.load(read(), at=now())
