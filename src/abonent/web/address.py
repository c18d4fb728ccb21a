"""Where a request comes from: the browser's address, also behind our own proxy."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the browser's address, empty when it is not known.

    Only a reverse proxy of our own stands on a private address; it wrote the address it saw last into the list. What
    anybody else says in that header counts for nothing.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    try:
        behind_proxy = not address or ip_address(address).is_private
    except ValueError:
        behind_proxy = False
    if not behind_proxy:
        return address
    return request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or address
