"""The tones of «Орбита», made by arithmetic: nobody's music; and a voice message that sounds like a voice afar."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from abonent.demo.people import World, number_of
from abonent.domains.lines import queries as lines
from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones.actions import NewTone
from abonent.domains.voice.tones.rules import Rule
from abonent.domains.voice.voicemail import actions as voicemail

RATE = 8_000
CATEGORIES = {
    "calm": {"ru": "Спокойные", "en": "Calm"},
    "merry": {"ru": "Весёлые", "en": "Merry"},
    "holidays": {"ru": "Праздники", "en": "Holidays"},
    "work": {"ru": "Для работы", "en": "For work"},
}
# Hours ago, by whom, of how many seconds.
LEFT = ((30, "+79000000002", 14), (5, "+79161234567", 31), (2, "", 6))
SONORA = "Sonora"


@dataclass(frozen=True, slots=True)
class Melody:
    """Notes as half tones above A of 220 Hz (None: a rest), each `beat_s` long."""

    code: str
    category: str
    names: tuple[str, str]
    notes: tuple[int | None, ...]
    beat_s: float
    is_hit: bool = False


MELODIES = (
    Melody("tide", "calm", ("Прилив", "Tide"), (0, 7, 12, 7, 3, 7, 12, 15), 0.5),
    Melody("night-train", "calm", ("Ночной поезд", "Night train"), (0, 3, 0, 3, 5, 3, 0, None), 0.45),
    Melody("sparrows", "merry", ("Воробьи", "Sparrows"), (12, 16, 19, 16, 12, 16, 19, 24, 19, 16, 12, None), 0.22),
    Melody("bicycle", "merry", ("Велосипед", "Bicycle"), (7, 9, 11, 12, 11, 9, 7, 4, 7, None), 0.3, is_hit=True),
    Melody("first-snow", "holidays", ("Первый снег", "First snow"), (19, 16, 12, 16, 19, 24, 23, 19), 0.4),
    Melody("round-dance", "holidays", ("Хоровод", "Round dance"), (5, 9, 12, 9, 5, 9, 12, 17), 0.3, is_hit=True),
    Melody("office", "work", ("Приёмная", "Front desk"), (0, 4, 7, None, 0, 4, 7, None), 0.4),
)


def publish() -> None:
    """Make them the catalogue."""
    tones.load(
        NewTone(
            code=one.code, category=one.category, categories=CATEGORIES[one.category],
            names={"ru": one.names[0], "en": one.names[1]}, artist=SONORA, sound=wav(_played(one)), is_hit=one.is_hit,
        )
        for one in MELODIES
    )  # fmt: skip


def choose(world: World) -> None:
    """Have the first subscriber play two of them, and let others copy; the same again changes nothing."""
    line = lines.served_by_number(number_of(0))
    if line is None:
        return
    tones.add(line=line, rule=tones.for_everybody("tide"), account_id=None, at=world.now)
    work = Rule(0, "office", "", frozenset(range(5)), 9 * 60, 18 * 60)
    tones.add(line=line, rule=work, account_id=None, at=world.now)
    tones.let_copy(line=line, may=True)
    for ago_h, caller, length_s in LEFT:
        at = world.now - timedelta(hours=ago_h)
        key = f"demo-{world.seed}-{ago_h}"
        voicemail.receive(
            number=line.number, caller=caller, key=key, content=spoken(length_s), left_at=at, at=world.now
        )


def spoken(length_s: int) -> bytes:
    """Return a recording of that length that hums like somebody who talks behind a wall."""
    said = array("B")
    for at in range(RATE * length_s):
        second = at / RATE
        loud = max(0.0, math.sin(second * 9.0)) * (0.6 + 0.4 * math.sin(second * 2.1))
        said.append(128 + int(50 * loud * math.sin(second * 2 * math.pi * (150 + 25 * math.sin(second * 3.7)))))
    return wav(said.tobytes())


def wav(samples: bytes) -> bytes:
    """Return samples of eight bits as a WAV file."""
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE, 1, 8)
    pad = b"\0" * (len(samples) % 2)
    data = struct.pack("<4sI", b"data", len(samples)) + samples + pad
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(data), b"WAVE") + head + data


def _played(melody: Melody) -> bytes:
    notes: Sequence[int | None] = melody.notes
    length = int(melody.beat_s * RATE)
    said = array("B")
    for note in notes:
        hertz = 0.0 if note is None else 220 * 2 ** (note / 12)
        for at in range(length):
            fades = 1 - at / length
            wave = math.sin(2 * math.pi * hertz * at / RATE) + 0.3 * math.sin(4 * math.pi * hertz * at / RATE)
            said.append(128 + int(60 * fades * wave))
    return said.tobytes()
