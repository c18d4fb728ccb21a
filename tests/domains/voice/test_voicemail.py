"""What a recording is, and what becomes of voice messages (VAS-5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.voice import models
from abonent.domains.voice.voicemail import actions as voicemail
from abonent.domains.voice.voicemail import queries as voicemail_queries
from abonent.domains.voice.voicemail.queries import NotThere
from abonent.domains.voice.voicemail.rules import (
    KEPT_DELETED,
    KEPT_HEARD,
    KEPT_NEW,
    SIZE_MAX,
    BadSound,
    Fault,
    Greeting,
    Kind,
    check,
    forgotten_at,
)  # fmt: skip
from tests.factories import forwarding, lines, voice
from tests.factories.orders import AT

CALLER = "+79161234567"


@pytest.mark.parametrize(
    ("content", "kind", "length_s"),
    [
        (voice.wav(2), Kind.WAV, 2),
        (voice.wav(0.3), Kind.WAV, 1),
        (voice.amr(150), Kind.AMR, 3),
        (voice.mp3(115), Kind.MP3, 3),
        (b"ID3\x04\0\0\0\0\0\x05" + b"x" * 5 + voice.mp3(115), Kind.MP3, 3),
        (voice.mp3(115) + b"TAG" + b"\0" * 125, Kind.MP3, 3),
    ],
)
def test_vas_5_a_recording_is_told_by_its_bytes_and_measured(content: bytes, kind: Kind, length_s: int) -> None:
    sound = check(content, longest_s=60)
    assert (sound.kind, sound.length_s) == (kind, length_s)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", Fault.EMPTY),
        (voice.wav(0), Fault.EMPTY),
        (b"#!AMR\n", Fault.EMPTY),
        (b"\x80" * (SIZE_MAX + 1), Fault.LARGE),
        (b"%PDF-1.4 something", Fault.KIND),
        (b"<html><script>", Fault.KIND),
        (voice.wav(2).replace(b"fmt \x10\0\0\0\x01\0", b"fmt \x10\0\0\0\x06\0"), Fault.KIND),
        (voice.wav(2)[:-100], Fault.BROKEN),
        (voice.amr(10)[:-3], Fault.BROKEN),
        (voice.amr(10) + b"\xff<script>", Fault.BROKEN),
        (voice.mp3(10) + b"<html>", Fault.BROKEN),
        (voice.mp3(10)[:-3], Fault.BROKEN),
        (voice.wav(70), Fault.LONG),
        (voice.amr(3200), Fault.LONG),
    ],
)
def test_vas_5_what_is_no_recording_is_refused_with_the_reason(content: bytes, fault: Fault) -> None:
    with pytest.raises(BadSound) as error:
        check(content, longest_s=60)
    assert error.value.fault is fault


@given(st.one_of(st.binary(), st.sampled_from([b"RIFF", b"#!AMR\n", b"ID3", b"\xff\xf3"]).flatmap(
    lambda head: st.binary(max_size=200).map(lambda rest: head + rest)
)))  # fmt: skip
def test_vas_5_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    try:
        length_s = check(content, longest_s=60).length_s
    except BadSound:
        return
    assert 0 < length_s <= 61


@given(new=st.integers(0, 40), heard=st.none() | st.integers(0, 40), deleted=st.none() | st.integers(0, 40))
def test_vas_5_each_message_is_kept_for_its_time(new: int, heard: int | None, deleted: int | None) -> None:
    def moment(days: int | None) -> datetime | None:
        return None if days is None else AT + timedelta(days=days)

    ends = forgotten_at(left_at=moment(new), heard_at=moment(heard), deleted_at=moment(deleted))
    if deleted is not None:
        assert ends == moment(deleted) + KEPT_DELETED
    else:
        assert ends == (moment(heard) + KEPT_HEARD if heard is not None else moment(new) + KEPT_NEW)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    mine = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "requests", "base_url": None},
    }
    settings.STORAGES = settings.STORAGES | {"requests": mine}
    return tmp_path / "requests"


@pytest.fixture
def line(folder: Path) -> Line:
    return voice.give(lines.line(), voice.catalogue()["machine"], AT)


def leave(line: Line, key: str = "a", caller: str = CALLER) -> bool:
    return voicemail.receive(number=line.number, caller=caller, key=key, content=voice.wav(2), left_at=AT, at=AT)


def files() -> list[str]:
    return storages["requests"].listdir("voice")[1] if storages["requests"].exists("voice") else []


@pytest.mark.django_db
def test_vas_5_a_message_is_taken_once_sealed_told_of_and_played_to_its_owner_alone(line: Line, folder: Path) -> None:
    assert [leave(line), leave(line)] == [True, False]
    row = models.VoiceMessage.objects.get()
    assert (len(files()), row.length_s) == (1, 2)
    assert b"RIFF" not in (folder / row.stored).read_bytes()
    told = Message.objects.get(template="voice message")
    assert (told.recipient, told.params["caller"]) == (line.number, CALLER)
    assert voicemail_queries.sound(message_id=row.id, line_ids=[line.id])[1] == voice.wav(2)
    for line_ids in ([line.id + 1], []):
        with pytest.raises(NotThere):
            voicemail_queries.sound(message_id=row.id, line_ids=line_ids)
        with pytest.raises(NotThere):
            voicemail.delete(message_id=row.id, line_ids=line_ids, at=AT)
        with pytest.raises(NotThere):
            voicemail.bring_back(message_id=row.id, line_ids=line_ids, at=AT)


@pytest.mark.django_db
def test_vas_5_nothing_is_kept_for_numbers_without_voicemail(line: Line) -> None:
    other = lines.line(number="+79000000005")
    assert not leave(other)
    assert not voicemail.receive(number="+79000000099", caller="", key="b", content=voice.wav(), left_at=AT, at=AT)
    assert (files(), Message.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_vas_5_deleted_ones_come_back_for_a_week_and_then_all_goes_in_its_time(line: Line) -> None:
    for key in ("new", "heard", "deleted"):
        leave(line, key)
    by = {row.key: row.id for row in models.VoiceMessage.objects.all()}
    mine = [line.id]
    voicemail.note_heard(message_id=by["heard"], line_ids=mine, at=AT)
    voicemail.delete(message_id=by["deleted"], line_ids=mine, at=AT)
    found = voicemail_queries.overview(line, AT)
    assert ([one.is_new for one in found.messages].count(True), len(found.deleted)) == (1, 1)
    voicemail.bring_back(message_id=by["deleted"], line_ids=mine, at=AT + KEPT_DELETED)
    assert len(voicemail_queries.overview(line, AT).messages) == 3
    voicemail.delete(message_id=by["deleted"], line_ids=mine, at=AT)
    left = []
    for kept in (KEPT_DELETED, KEPT_HEARD, KEPT_NEW):
        voicemail.forget(at=AT + kept - timedelta(seconds=1))
        left.append(sorted(models.VoiceMessage.objects.values_list("key", flat=True)))
        voicemail.forget(at=AT + kept)
    assert left == [["deleted", "heard", "new"], ["heard", "new"], ["new"]]
    assert (models.VoiceMessage.objects.count(), files()) == (0, [])


@pytest.mark.django_db
def test_vas_5_a_greeting_of_one_s_own_takes_the_place_of_the_former_and_a_bad_one_changes_nothing(
    line: Line, django_capture_on_commit_callbacks: Any
) -> None:
    account_id = forwarding.account(line)
    with pytest.raises(NotThere):
        voicemail.greet(line=line, greeting=Greeting.OWN, account_id=account_id)
    for content in (voice.wav(1), voice.amr(100)):
        with django_capture_on_commit_callbacks(execute=True):
            voicemail.greet_with(line=line, content=content, account_id=account_id)
    assert len(files()) == 1
    with pytest.raises(BadSound):
        voicemail.greet_with(line=line, content=b"no sound", account_id=account_id)
    assert voicemail_queries.own_greeting(line.id) == (Kind.AMR, voice.amr(100))
    voicemail.greet(line=line, greeting=Greeting.ABSENT, account_id=account_id)
    assert voicemail_queries.greeting(line.id) is Greeting.ABSENT


@pytest.mark.django_db
def test_vas_5_all_of_it_goes_with_the_person(line: Line) -> None:
    leave(line)
    voicemail.greet_with(line=line, content=voice.wav(1), account_id=forwarding.account(line))
    voicemail.forget_line(line_id=line.id)
    assert (models.VoiceMessage.objects.count(), models.Mailbox.objects.count(), files()) == (0, 0, [])
