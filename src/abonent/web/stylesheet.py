"""Two stylesheets, put together once when the process starts: what every page needs, and what the cabinet adds.

The first holds the brand's tokens, the fonts and most of `styles/*.css`.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.cache import patch_vary_headers

from abonent.web import brand

STYLES = Path(__file__).parent / "styles"
ORDER = (
    "tokens.css",
    "base.css",
    "layout.css",
    "parts.css",
    "pages.css",
    "codes.css",
    "factors.css",
    "passwords.css",
    "security.css",
    "staff.css",
    "print.css",
)
# What only somebody signed in sees: nobody waits for it on the way in.
CABINET = (
    "statement.css",
    "promised.css",
    "charges.css",
    "bills.css",
    "transfers.css",
    "topup.css",
    "autopay.css",
    "help.css",
    "limits.css",
    "orders.css",
    "families.css",
    "fixed.css",
    "speed.css",
    "calls.css",
)
# What each subset holds; the browser fetches a file only when a page shows such a character.
FONTS = {
    "golos-cyrillic": "U+401,U+410-44F,U+451,U+2116",
    "golos-latin": "U+20-7E,U+A0-FF,U+2009-2026,U+20AC,U+2190-2193,U+2212",
    "golos-rouble": "U+20BD",
}
FOREVER = "public, max-age=31536000, immutable"


def address() -> str:
    """Return the address of every page's stylesheet; it changes with the content."""
    return f"/style-{_built()[0]}.css"


def cabinet_address() -> str:
    """Return the address of what the cabinet's pages add to it."""
    return f"/cabinet-{_built_for_cabinet()[0]}.css"


def theme_colors() -> tuple[str, str]:
    """Return the page's ground in light and dark, for the browser's own bars."""
    return brand.written(brand.GROUND), brand.written(brand.DARK_GROUND)


def serve(request: HttpRequest, sheet: str, version: str) -> HttpResponse:
    """Answer a stylesheet; an old version's address gets the present one, but is not kept."""
    current, plain, packed = _built() if sheet == "style" else _built_for_cabinet()
    if not re.fullmatch(r"[0-9a-f]{8}", version):
        raise Http404
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if zipped else plain, content_type="text/css; charset=utf-8")
    if zipped:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Cache-Control"] = FOREVER if version == current else "no-store"
    return response


@cache
def _built() -> tuple[str, bytes, bytes]:
    return _packed(text_for(settings.BRAND_COLOR))


@cache
def _built_for_cabinet() -> tuple[str, bytes, bytes]:
    return _packed("".join(_small((STYLES / name).read_text()) for name in CABINET))


def _packed(css: str) -> tuple[str, bytes, bytes]:
    """Return the version, the bytes and the same packed."""
    text = css.encode()
    return hashlib.sha256(text).hexdigest()[:8], text, gzip.compress(text, 9, mtime=0)


def text_for(color: str) -> str:
    """Return the stylesheet for a brand colour written `#rrggbb`."""
    base = brand.parse(color)
    parts = [
        "@layer tokens,base,layout,parts,pages,print;",
        *(_font(name, ranges) for name, ranges in FONTS.items()),
        f"@layer tokens{{:root{{{_variables(brand.light_theme(base))}}}",
        f"@media(prefers-color-scheme:dark){{:root{{{_variables(brand.dark_theme(base))}}}}}}}",
        *(_small((STYLES / name).read_text()) for name in ORDER),
    ]
    return "".join(parts)


def _variables(tokens: brand.Tokens) -> str:
    names = brand.Tokens.__slots__
    return ";".join(f"--{name.replace('_', '-')}:{brand.written(getattr(tokens, name))}" for name in names)


def _font(name: str, ranges: str) -> str:
    return (
        f"@font-face{{font-family:Golos;src:url({static(f'fonts/{name}.woff2')})format('woff2');"
        f"font-weight:400 700;font-display:swap;unicode-range:{ranges}}}"
    )


def _small(css: str) -> str:
    """Return the same rules without comments and needless blanks."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return (
        re.sub(r" ?([{};,>]) ?|(?<=[a-z-]): (?=[^{]*[;}])", lambda m: m.group(1) or ":", css).replace(";}", "}").strip()
    )
