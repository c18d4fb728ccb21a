"""The tone platform of this house: remembers what it was told, and answers what a caller hears."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import connection

from abonent.domains.voice import models
from abonent.domains.voice.tones import rules as tones_rules
from abonent.domains.voice.tones.rules import Rule


class PlatformInHouse:
    """Implements `ports.TonePlatform`."""

    def play(self, number: str, revision: int, rules: Sequence[Rule]) -> None:
        """Remember the rules of the number, unless later ones are known."""
        said = json.dumps([asdict(rule) | {"days": sorted(rule.days)} for rule in rules])
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into voice_platformrules as known (number, revision, rules) values (%s, %s, %s)
                   on conflict (number) do update set revision = excluded.revision, rules = excluded.rules
                    where known.revision < excluded.revision""",
                [number, revision, said],
            )

    def heard(self, number: str, caller: str, local: datetime) -> str:
        """Return the tone that the caller hears at a local time, "": the usual ringing."""
        kept = models.PlatformRules.objects.filter(number=number).first()
        rules = [Rule(**{**one, "days": frozenset(one["days"])}) for one in kept.rules] if kept else []
        found = tones_rules.heard(rules, caller, local)
        return found.tone if found else ""
