"""A message that comes twice at once, and rules made in many tabs, with real commits (VAS-4, VAS-5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

from abonent.domains.messaging.models import Message
from abonent.domains.voice import models
from abonent.domains.voice.embedded import PlatformInHouse
from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones import queries as tones_queries
from abonent.domains.voice.tones import telling as tones_telling
from abonent.domains.voice.tones.rules import RULES_MAX, Rule
from abonent.domains.voice.voicemail import actions as voicemail
from tests.domains.orders.test_tariffs_in_parallel import together
from tests.factories import lines, voice
from tests.factories.orders import AT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ids(settings: Any, tmp_path: Path) -> dict[str, int]:
    options = {"location": tmp_path / "requests", "base_url": None}
    mine = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"requests": mine}
    return voice.catalogue()


def test_vas_5_a_message_that_comes_four_times_at_once_is_kept_and_told_once(ids: dict[str, int]) -> None:
    line = voice.give(lines.line(), ids["machine"], AT)
    came = together(*(
        lambda: voicemail.receive(number=line.number, caller="", key="a", content=voice.wav(2), left_at=AT, at=AT)
        for _ in range(4)
    ))  # fmt: skip
    assert came.count(True) == 1
    assert models.VoiceMessage.objects.count() == 1
    assert Message.objects.filter(template="voice message").count() == 1
    assert len(storages["requests"].listdir("voice")[1]) == 1


def test_vas_4_many_tabs_make_no_more_rules_than_there_may_be_and_the_platform_ends_with_them(
    ids: dict[str, int],
) -> None:
    line = voice.give(lines.line(), ids["tones"], AT)
    for number in range(RULES_MAX - 2):
        tones.add(line=line, rule=Rule(0, "one", from_min=number, until_min=number + 1), account_id=None, at=AT)

    def press(number: int) -> str:
        rule = Rule(0, "two", from_min=600 + number, until_min=900)
        try:
            tones.add(line=line, rule=rule, account_id=None, at=AT)
        except tones.Refused as refused:
            return refused.why
        return "set"

    tell = lambda: tones_telling.tell(line_id=line.id)  # noqa: E731 - the same for each of several threads
    answers = together(*(lambda number=number: press(number) for number in range(4)), tell, tell)
    assert (answers.count("set"), answers.count("many")) == (2, 2)
    together(tell, tell)
    assert tones_queries.overview(line, AT).is_told
    assert len(models.PlatformRules.objects.get().rules) == RULES_MAX
    assert PlatformInHouse().heard(line.number, "", AT.replace(hour=12)) in ("one", "two")
