"""What a recording is, told by its bytes and never by its name; how long messages are kept. Pure.

Three kinds are taken, and measured: WAV with PCM, AMR (narrow band) and MP3. A file that holds anything else, or less
than it says, is refused with the reason.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SIZE_MAX = 3 * 1024 * 1024
MESSAGE_MAX_S, GREETING_MAX_S = 180, 60
# By what became of a message: nobody heard it, somebody did, it was deleted and can be brought back.
KEPT_NEW, KEPT_HEARD, KEPT_DELETED = timedelta(days=30), timedelta(days=14), timedelta(days=7)


class Kind(StrEnum):
    """The kinds that are taken."""

    WAV = "audio/wav"
    AMR = "audio/amr"
    MP3 = "audio/mpeg"


class Greeting(StrEnum):
    """What callers hear first: one of the ready ones, or one's own."""

    PLAIN = "plain"
    NUMBER = "number"
    ABSENT = "absent"
    OWN = "own"


class Fault(StrEnum):
    """Why a recording is not taken."""

    EMPTY = "empty"
    LARGE = "large"
    KIND = "kind"
    BROKEN = "broken"
    LONG = "long"


class BadSound(ValueError):
    """The recording is not taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Sound:
    """What a recording is, and how long, in whole seconds from 1."""

    kind: Kind
    length_s: int


def check(content: bytes, *, longest_s: int) -> Sound:
    """Return what the recording is; raise `BadSound`."""
    if not content:
        raise BadSound(Fault.EMPTY)
    if len(content) > SIZE_MAX:
        raise BadSound(Fault.LARGE)
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        kind, length_s = Kind.WAV, _wav_s(content)
    elif content.startswith(b"#!AMR\n"):
        kind, length_s = Kind.AMR, _amr_s(content)
    elif content[:3] == b"ID3" or (content[0] == 0xFF and len(content) > 1 and content[1] & 0xE0 == 0xE0):
        kind, length_s = Kind.MP3, _mp3_s(content)
    else:
        raise BadSound(Fault.KIND)
    if length_s <= 0:
        raise BadSound(Fault.EMPTY)
    # What takes a little longer than allowed is what the platform cut off at the limit.
    if length_s > longest_s + 1:
        raise BadSound(Fault.LONG)
    return Sound(kind, max(1, round(length_s)))


def forgotten_at(*, left_at: datetime, heard_at: datetime | None, deleted_at: datetime | None) -> datetime:
    """Return when a message is gone for good."""
    if deleted_at is not None:
        return deleted_at + KEPT_DELETED
    return heard_at + KEPT_HEARD if heard_at is not None else left_at + KEPT_NEW


def _wav_s(content: bytes) -> float:
    """Return the length of PCM in a RIFF file; every chunk must be whole."""
    at, per_s = 12, 0
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int(struct.unpack_from("<I", content, at + 4)[0])
        if at + 8 + size > len(content):
            raise BadSound(Fault.BROKEN)
        if name == b"fmt ":
            per_s = _pcm_bytes_per_s(content[at + 8 : at + 8 + size])
        elif name == b"data":
            if not per_s:
                raise BadSound(Fault.BROKEN)
            return size / per_s
        at += 8 + size + size % 2
    raise BadSound(Fault.BROKEN)


def _pcm_bytes_per_s(said: bytes) -> int:
    if len(said) < 16:
        raise BadSound(Fault.BROKEN)
    code, channels, rate, per_s, block, bits = struct.unpack_from("<HHIIHH", said)
    if code != 1:
        raise BadSound(Fault.KIND)
    right = channels in (1, 2) and bits in (8, 16) and 8000 <= rate <= 48000 and block == channels * bits // 8
    if not right or per_s != rate * block:
        raise BadSound(Fault.BROKEN)
    return int(per_s)


# Bytes of a frame of 20 ms by its type, the head included; types that are not there are no speech.
_AMR_FRAMES = {0: 13, 1: 14, 2: 16, 3: 18, 4: 20, 5: 21, 6: 27, 7: 32, 8: 6, 15: 1}


def _amr_s(content: bytes) -> float:
    at, frames = 6, 0
    while at < len(content):
        size = _AMR_FRAMES.get((content[at] >> 3) & 0x0F)
        if size is None or content[at] & 0x83 or at + size > len(content):
            raise BadSound(Fault.BROKEN)
        at, frames = at + size, frames + 1
    return frames * 0.02


_KBIT_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _mp3_s(content: bytes) -> float:
    """Return the length of the frames of layer III, from the first to the last; nothing may stand between them."""
    at, ends, length_s = _behind_id3(content), len(content), 0.0
    if content[-128:-125] == b"TAG":
        ends -= 128
    while at < ends:
        size, frame_s = _mp3_frame(content, at)
        if at + size > ends:
            raise BadSound(Fault.BROKEN)
        at, length_s = at + size, length_s + frame_s
    return length_s


def _behind_id3(content: bytes) -> int:
    if content[:3] != b"ID3":
        return 0
    if len(content) < 10 or any(one & 0x80 for one in content[6:10]):
        raise BadSound(Fault.BROKEN)
    size = content[6] << 21 | content[7] << 14 | content[8] << 7 | content[9]
    return 10 + size


def _mp3_frame(content: bytes, at: int) -> tuple[int, float]:
    """Return the bytes of the frame there, and its seconds."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        raise BadSound(Fault.BROKEN)
    version, layer, kbit, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in _RATES or layer != 1 or not 1 <= kbit <= 14 or rate == 3:
        raise BadSound(Fault.BROKEN)
    hertz = _RATES[version][rate]
    bits = (_KBIT_1 if version == 3 else _KBIT_2)[kbit] * 1000
    samples = 1152 if version == 3 else 576
    return samples // 8 * bits // hertz + (head[2] >> 1 & 1), samples / hertz
