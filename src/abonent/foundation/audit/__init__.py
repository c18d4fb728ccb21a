"""Who did what on whose behalf: a trail that only grows, each record sealed together with the one before it."""

from abonent.foundation.audit.records import Actor, Detail, NotForTheTrail, record

__all__ = ["Actor", "Detail", "NotForTheTrail", "record"]
