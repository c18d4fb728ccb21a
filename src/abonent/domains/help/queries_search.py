"""The search: PostgreSQL's own, over what is published in one language."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from abonent.domains.help import models, rules_search
from abonent.domains.help.rules_search import Wanted

SHOWN = 20
# Around what was found; no text holds them.
BEGIN, END = "\x02", "\x03"
# Languages that PostgreSQL cuts words of, as in the column that is searched; others are cut like English.
_CONFIGS = {"ru": "russian"}
_OTHERWISE = "english"

# Both letters with dots, and without.
_DOTS = "'\u0451\u0401', '\u0435\u0415'"

# What has all the words first. Pieces of text are cut only for what is shown.
_SEARCH = f"""
    select found.code, found.title,
           ts_headline('{{config}}', translate(found.plain, {_DOTS}), to_tsquery('{{config}}', %(some)s),
                       'StartSel={BEGIN}, StopSel={END}, MaxFragments=1, MaxWords=24, MinWords=10')
      from (select code, title, plain, search @@ to_tsquery('{{config}}', %(every)s) as has_all,
                   ts_rank_cd(search, to_tsquery('{{config}}', %(some)s)) as rank
              from help_question
             where retired_at is null and language = %(language)s
               and search @@ to_tsquery('{{config}}', %(some)s)
             order by has_all desc, rank desc, place limit {SHOWN}) found
     order by found.has_all desc, found.rank desc
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A question that was found; `pieces` of its text, those that were looked for marked."""

    code: str
    title: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave; `instead` is what was looked for in place of what was typed, empty: that itself."""

    hits: tuple[Hit, ...]
    instead: str = ""


def search(typed: str, language: str) -> Found:
    """Return the questions that have the words, the best first; when there are none, those of nearly such words."""
    wanted = rules_search.wanted(typed)
    if not wanted.some:
        return Found(())
    hits = _hits(wanted, language)
    if hits:
        return Found(hits)
    known = models.Word.objects.filter(language=language).values_list("word", flat=True)
    instead = rules_search.corrected(typed, known)
    if instead == " ".join(rules_search.same(typed).split()):
        return Found(())
    hits = _hits(rules_search.wanted(instead), language)
    return Found(hits, instead if hits else "")


def _hits(wanted: Wanted, language: str) -> tuple[Hit, ...]:
    sql = _SEARCH.format(config=_CONFIGS.get(language, _OTHERWISE))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"every": wanted.every, "some": wanted.some, "language": language})
        return tuple(Hit(code, title, _pieces(text)) for code, title, text in cursor.fetchall())


def _pieces(text: str) -> tuple[tuple[str, bool], ...]:
    pieces: list[tuple[str, bool]] = []
    for part in text.split(BEGIN):
        marked, end, rest = part.partition(END)
        pieces += [(marked, True), (rest, False)] if end else [(part, False)]
    return tuple(piece for piece in pieces if piece[0])
