"""Tones, recordings and lines that have the services for them."""

from __future__ import annotations

import struct
from datetime import datetime

from abonent.domains.lines.products import actions as products
from abonent.domains.lines.queries import Line
from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones.actions import NewTone
from tests.factories import offers


def wav(seconds: float = 2.0, rate: int = 8000) -> bytes:
    """Return silence of eight bits as a WAV file."""
    samples = b"\x80" * int(seconds * rate)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate, 1, 8)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(samples)) + samples + b"\0" * (len(samples) % 2)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def amr(frames: int = 100) -> bytes:
    """Return so many frames of 20 ms."""
    return b"#!AMR\n" + (b"\x3c" + b"\0" * 31) * frames


def mp3(frames: int = 40) -> bytes:
    """Return so many silent frames of layer III, 64 kbit/s at 22.05 kHz: 26 ms each."""
    head = bytes([0xFF, 0xF3, 0x80, 0xC0])
    return (head + b"\0" * (576 // 8 * 64_000 // 22_050 - 4)) * frames


def catalogue() -> dict[str, int]:
    """Store the services and three tones, one of them a hit; return ids of the services' versions by code."""
    ids = offers.load(
        offers.offer("tones", network=("ring-back",), fee_minor=250, per="day"),
        offers.offer("hits", network=("ring-back-hits",), fee_minor=4_900, requires=("tones",)),
        offers.offer("machine", network=("voice-mail",), fee_minor=9_900),
    )
    tones.load(
        NewTone(code, "calm", {"ru": "Спокойные", "en": "Calm"}, {"ru": f"Мелодия {code}", "en": f"Tone {code}"},
                "Orbita", wav(1), is_hit=code == "hit")
        for code in ("one", "two", "hit")
    )  # fmt: skip
    return ids


def give(line: Line, version_id: int, at: datetime) -> Line:
    """Have the line have a service; return the line."""
    products.begin(line_id=line.id, offer_version_id=version_id, at=at)
    return line
