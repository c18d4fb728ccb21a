"""Files of any size as pieces of whole lines: plain, gzip or zstd, told by their first bytes."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

import zstandard

PIECE_BYTES = 8 * 1024 * 1024
LINE_BYTES_MAX = 1024 * 1024
# Small, so that what comes out of one gulp of a hostile archive still fits the memory.
GULP_BYTES = 8 * 1024
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS

Item = TypeVar("Item")


class UnreadableFile(Exception):
    """Nothing can be taken from the file; the message is one line that says why."""


class CutShort(Exception):
    """The file ended, or broke, in the middle; what came before it is good."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of a file; `first_row` is the number of the first (1 is the file's first line), `done` bytes read.

    Of a line longer than `LINE_BYTES_MAX` at least so much is there that it shows; `cut` says that some is left out.
    """

    lines: bytes
    first_row: int
    done: int
    cut: bool = False


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes) -> bytes: ...


def open_file(path: Path) -> BinaryIO:
    """Open a file for reading, or raise `UnreadableFile`: also for a pipe, whose bytes come only once."""
    try:
        if not (path.is_file() or path.is_dir()) and path.exists():
            raise UnreadableFile("it is a pipe or a device, and those cannot be read twice; save it as a file first")
        return path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"it cannot be opened: {error.strerror}") from error


def size_of(path: Path) -> int:
    """Return the file's length in bytes, packed as it is; raise `UnreadableFile`."""
    with open_file(path) as file:
        return file.seek(0, SEEK_END)


def head(path: Path, size: int = 64 * 1024) -> bytes:
    """Return the first `size` bytes, unpacked."""
    start = b""
    try:
        for block in blocks(path):
            start += block
            if len(start) >= size:
                break
    except CutShort as error:
        if not start:
            raise UnreadableFile(str(error)) from error
    return start[:size]


def blocks(path: Path) -> Iterator[bytes]:
    """Yield the file's bytes, unpacked; raise `CutShort` where an archive ends too early."""
    with open_file(path) as file:
        yield from _blocks(file)


def pieces(path: Path, *, skip_lines: int = 0) -> Iterator[Piece]:
    """Yield the file in pieces of about `PIECE_BYTES`, cut at line ends, without its first `skip_lines` lines.

    Raises `CutShort` after the last whole line when an archive ends too early. A line without end takes no memory.
    """
    row, rest, cut = 1, b"", False
    with open_file(path) as file:
        for block in _gathered(_blocks(file)):
            rest += block
            end = rest.rfind(b"\n") + 1
            if not end and len(rest) > LINE_BYTES_MAX:
                rest, cut = rest[: LINE_BYTES_MAX + 1], True
                continue
            lines, rest = rest[:end], rest[end:]
            lines, row, skip_lines = _without_first(lines, row, skip_lines)
            if lines:
                yield Piece(lines, row, file.tell(), cut)
                row, cut = row + lines.count(b"\n"), False
        if rest and not skip_lines:
            yield Piece(rest, row, file.tell(), cut)


def ahead(items: Iterator[Item]) -> Generator[Item]:
    """Yield the items, the next one being made in another thread meanwhile; its errors come out here, in order."""
    with ThreadPoolExecutor(1, thread_name_prefix="reading ahead") as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def _without_first(lines: bytes, row: int, skip: int) -> tuple[bytes, int, int]:
    while skip and lines:
        lines = lines[lines.index(b"\n") + 1 :]
        row, skip = row + 1, skip - 1
    return lines, row, skip


def _gathered(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Join small blocks into big ones; what came before an error still comes out before it."""
    gathered: list[bytes] = []
    size = 0
    broken: CutShort | None = None
    while True:
        try:
            block = next(blocks, None)
        except CutShort as error:
            block, broken = None, error
        if block is not None:
            gathered.append(block)
            size += len(block)
        if size >= PIECE_BYTES or (block is None and gathered):
            yield b"".join(gathered)
            gathered, size = [], 0
        if broken is not None:
            raise broken
        if block is None:
            return


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    try:
        magic = file.read(4)
        file.seek(0)
        if magic.startswith(GZIP):
            yield from _unpacked(file, "gzip")
        elif magic == ZSTD:
            yield from _unpacked(file, "zstd")
        else:
            while block := file.read(PIECE_BYTES):
                yield block
    except OSError as error:
        raise CutShort(f"it cannot be read on: {error.strerror}") from error


def _unpacked(file: BinaryIO, packing: str) -> Iterator[bytes]:
    unpack, untouched = _decompressor(packing), True
    while data := file.read(GULP_BYTES):
        while data:
            if unpack.eof:
                unpack, untouched = _decompressor(packing), True
            try:
                block = unpack.decompress(data)
            except (zlib.error, zstandard.ZstdError) as error:
                raise CutShort(f"the {packing} archive is damaged") from error
            untouched = False
            if block:
                yield block
            data = unpack.unused_data if unpack.eof else b""
            if data and not data.strip(b"\0"):
                return  # padding after the end, as tapes have it
    if not untouched and not unpack.eof:
        raise CutShort(f"the {packing} archive ends too early")


def _decompressor(packing: str) -> _Decompressor:
    if packing == "gzip":
        return zlib.decompressobj(_GZIP_WINDOW)
    return zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
