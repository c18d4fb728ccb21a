"""Reads YAML of the catalogue into values, with the line of everything that is wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import yaml

from abonent.domains.catalog.offers.rules import LANGUAGES, BadCatalogue, Problem
from abonent.foundation.said import N_, Said, said

T = TypeVar("T")

SIZE_MAX = 5_000_000
NAME_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 2_000
# No catalogue goes deeper; libyaml's composer calls itself for each level, on the stack of C.
DEPTH_MAX = 20
# What stands in an address of ours, and in a word of the network.
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
# In C, ten times as fast as in Python. Safe: no tag of a file makes an object.
LOADER, DUMPER = yaml.CSafeLoader, yaml.CSafeDumper


def composed(text: str) -> yaml.Node | None:
    """Return the root of the text, whose nodes know their lines; raise `BadCatalogue` when it is no YAML."""
    if len(text) > SIZE_MAX:
        raise BadCatalogue([Problem(0, said(N_("more than %(most)s characters"), most=SIZE_MAX))])
    try:
        _check_depth(text)
        return yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise BadCatalogue(
            [Problem(mark.line + 1 if mark else 0, said(N_("no YAML: %(reason)s"), reason=reason))]
        ) from None


def dumped(document: object) -> str:
    """Return the document as text, in the order it has."""
    return str(yaml.dump(document, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=120))


def line_of(node: yaml.Node | None) -> int:
    """Return the line in which a node begins, 0 for none."""
    return node.start_mark.line + 1 if node is not None else 0


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_MAX:
            words = N_("it goes deeper than %(depth)s levels")
            raise BadCatalogue([Problem(0, said(words, depth=DEPTH_MAX))])


@dataclass
class Reading:
    """Reads nodes into values and gathers what is wrong on the way; what cannot be read becomes something harmless."""

    problems: list[Problem] = field(default_factory=list)

    def _wrong(self, node: yaml.Node | None, reason: Said, of: str = "") -> None:
        self.problems.append(Problem(line_of(node), reason, of))

    def _pairs(self, node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield keys and values; a key that stands there twice would hide the first."""
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, said(N_("names with values are asked for")))
            return
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                self._wrong(key, said(N_("%(name)s stands there twice"), name=key.value))
            seen.add(str(key.value))
            yield key, value

    def _mapping(self, node: yaml.Node | None, known: Sequence[str], where: str) -> dict[str, yaml.Node]:
        if node is None:
            self._wrong(node, said(N_("nothing is there")), where)
        found: dict[str, yaml.Node] = {}
        for key, value in self._pairs(node):
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name not in known:
                words = N_("%(where)s has no “%(name)s”, only %(known)s")
                self._wrong(key, said(words, where=where, name=name[:40], known=", ".join(known)))
            found[name] = value
        return found

    def _text(self, node: yaml.Node, length_max: int) -> str:
        if not isinstance(node, yaml.ScalarNode) or not 1 <= len(node.value.strip()) <= length_max:
            self._wrong(node, said(N_("a text of 1 to %(length)s characters is asked for"), length=length_max))
            return ""
        return str(node.value).strip()

    def _languages(self, node: yaml.Node | None, length_max: int) -> Mapping[str, str]:
        if node is None:
            return {}
        told = self._mapping(node, LANGUAGES, "a text by languages")
        for language in LANGUAGES:
            if language not in told:
                self._wrong(node, said(N_("the text is missing in %(language)s"), language=language))
        return {language: self._text(value, length_max) for language, value in told.items()}

    def _code(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not CODE.fullmatch(node.value):
            self._wrong(node, said(N_("a code is asked for: small Latin letters, digits and hyphens, 40 at most")))
            return ""
        return str(node.value)

    def _codes(self, node: yaml.Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, said(N_("a list is asked for")))
            return ()
        found = tuple(self._code(one) for one in node.value)
        if len(set(found)) != len(found):
            self._wrong(node, said(N_("something stands in the list twice")))
        return found

    def _sum(self, node: yaml.Node | None) -> int:
        words = N_("a sum in minor units, a whole number is asked for")
        return self._scalar(node, r"-?[0-9]{1,13}", int, 0, words) if node else 0

    def _day(self, node: yaml.Node) -> date:
        pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
        return self._scalar(node, pattern, date.fromisoformat, date.min, N_("a day as 2026-12-31 is asked for"))

    def _scalar(self, node: yaml.Node, pattern: str, made: Callable[[str], T], instead: T, asked: str) -> T:
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        try:
            if re.fullmatch(pattern, text, re.ASCII):
                return made(text)
        except ValueError:
            pass
        self._wrong(node, said(asked))
        return instead
