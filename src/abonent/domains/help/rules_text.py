"""Texts of answers: a small part of Markdown, read into blocks. Nothing of a text is ever taken for a page's own marks.

Paragraphs, lists (`- `, `1. `), **bold**, `[words](/address/)`; links lead into the site or dial a number. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A path of ours, or something to dial: no other site, no script.
ADDRESS = re.compile(r"/(?![/\\])[A-Za-z0-9/_?=&.#-]*|tel:[+*#0-9]+", re.ASCII)
_MARK = re.compile(r"\*\*(?P<bold>[^*]+)\*\*|\[(?P<words>[^\]]+)\]\((?P<address>[^)\s]+)\)")
_ITEM = re.compile(r"(?:(?P<dash>-)|(?P<number>\d{1,2})[.)])\s+(?P<rest>.*)")


class BadText(ValueError):
    """A text says something that is not taken; the message tells what."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; `address` empty: no link."""

    text: str
    bold: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`kind` is `p`, one item) or a list (`ul`, `ol`)."""

    kind: str
    items: tuple[tuple[Span, ...], ...]


def read(text: str) -> list[Block]:
    """Return the blocks of a text; raise `BadText` for an address that leads elsewhere."""
    return [block for part in re.split(r"\n\s*\n", text.strip()) for block in _blocks(part)]


def plain(text: str) -> str:
    """Return the words of a text without its marks, one line a block."""
    return "\n".join(
        "; ".join("".join(span.text for span in item) for item in block.items) for block in read(text)
    )  # fmt: skip


def _blocks(part: str) -> list[Block]:
    """Return a part between empty lines: a list may follow its paragraph at once."""
    blocks: list[tuple[str, list[str]]] = []
    for line in part.split("\n"):
        said = line.strip()
        item = _ITEM.fullmatch(said)
        if item is not None:
            kind = "ul" if item["dash"] else "ol"
            if not blocks or blocks[-1][0] != kind:
                blocks.append((kind, []))
            blocks[-1][1].append(item["rest"])
        elif blocks:
            # The line before goes on.
            blocks[-1][1][-1] += f" {said}"
        else:
            blocks.append(("p", [said]))
    return [Block(kind, tuple(_spans(item) for item in items)) for kind, items in blocks if any(items)]


def _spans(line: str) -> tuple[Span, ...]:
    spans, at = [], 0
    for found in _MARK.finditer(line):
        if found.start() > at:
            spans.append(Span(line[at : found.start()]))
        if found["bold"]:
            spans.append(Span(found["bold"], bold=True))
        elif ADDRESS.fullmatch(found["address"]):
            spans.append(Span(found["words"], address=found["address"]))
        else:
            raise BadText(f"{found['address']} leads out of the site")
        at = found.end()
    if at < len(line):
        spans.append(Span(line[at:]))
    return tuple(spans)
