"""What a browser calls itself, in words its owner knows. Pure.

Only words for people: anybody may call a browser anything, so nothing is decided by it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The first that is found counts: browsers name each other, the more special ones come first.
_BROWSERS = (
    ("YaBrowser", "Yandex"),
    ("SamsungBrowser", "Samsung Internet"),
    ("EdgA?(iOS)?/", "Edge"),
    ("OPR/|Opera", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("MiuiBrowser", "Mi Browser"),
    ("FxiOS|Firefox", "Firefox"),
    ("CriOS|HeadlessChrome|Chrome|Chromium", "Chrome"),
    ("Safari", "Safari"),
    ("MSIE|Trident", "Internet Explorer"),
    ("curl|Wget|python|Go-http|okhttp|Java/", "program"),
)
_SYSTEMS = (
    ("iPhone|iPod", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh|Mac OS X", "Mac"),
    ("Linux|X11", "Linux"),
)
PROGRAM = "program"
_HANDHELD = frozenset({"iPhone", "iPad", "Android", "HarmonyOS"})


class Named(NamedTuple):
    """A browser and a system by name, each empty when not known; `browser` may be `PROGRAM`."""

    browser: str
    system: str

    @property
    def handheld(self) -> bool:
        return self.system in _HANDHELD


def named(agent: str) -> Named:
    """Return the names behind a `User-Agent`."""
    return Named(_first(_BROWSERS, agent), _first(_SYSTEMS, agent))


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, agent)), "")
