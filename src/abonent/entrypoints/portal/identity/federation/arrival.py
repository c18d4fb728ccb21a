"""Where the library hands over: it knows who came from the other service, everything else is ours.

It signs nobody in, makes no account, looks for none by e-mail and stores nothing: its tables stay empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, Provider
from django.conf import settings
from django.http import HttpRequest

from abonent.entrypoints.portal.identity.federation.calls import Calls
from abonent.entrypoints.portal.identity.federation.protocols import ADAPTERS, app_of


class Trouble(StrEnum):
    """Why nobody came."""

    DENIED = "denied"
    # Too old, of another browser, or answered before.
    STALE = "stale"
    DOWN = "down"
    # An answer that proves nothing.
    STRANGE = "strange"


class Failed(Exception):
    """The way to the other service and back led nowhere."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


@dataclass(eq=False)
class Arrived(Exception):
    """The other service says who it is, and that was checked; `data` is what was kept when the person left."""

    service: str
    uid: str
    name: str
    data: dict[str, Any]


class Arrival(DefaultSocialAccountAdapter):  # type: ignore[misc] # the library has no types
    """Named by `SOCIALACCOUNT_ADAPTER`."""

    def list_apps(
        self,
        request: HttpRequest,  # noqa: ARG002 - theirs
        provider: str | None = None,
        client_id: str | None = None,  # noqa: ARG002 - theirs
    ) -> list[SocialApp]:
        """Return the services of the settings; no table is asked."""
        return [app_of(login) for login in settings.LOGINS.values() if provider in (None, login.id)]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        """Return the service, speaking as we do."""
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = ADAPTERS[found.id]
        return found

    def get_requests_session(self) -> Calls:
        return Calls()

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        """Find nobody: whoever holds an address at another service has proven nothing to us."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:  # noqa: ARG002 - theirs
        """Take nothing over from the other service."""
        return sociallogin.user

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - theirs
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:  # noqa: ARG002 - theirs
        """Hand over who came, before the library does anything with it."""
        data: dict[str, Any] = sociallogin.state.get("data") or {}
        told = sociallogin.account.extra_data
        if sociallogin.provider.id == "openid_connect" and (
            not data.get("nonce") or told["id_token"].get("nonce") != data["nonce"]
        ):
            raise Failed(Trouble.STRANGE)
        raise Arrived(sociallogin.account.provider, sociallogin.account.uid, _name(sociallogin), data)

    def on_authentication_error(
        self,
        request: HttpRequest,  # noqa: ARG002 - theirs
        provider: Provider,  # noqa: ARG002 - theirs
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> NoReturn:
        """Say what went wrong in our words."""
        if error == AuthError.CANCELLED:
            raise Failed(Trouble.DENIED)
        if isinstance(exception, requests.RequestException):
            raise Failed(Trouble.DOWN)
        stale = exception is None and "state" not in (extra_context or {})
        raise Failed(Trouble.STALE if stale else Trouble.STRANGE)


def _name(sociallogin: SocialLogin) -> str:
    """Return what the person is called there, as far as the service says so in words."""
    fields = sociallogin.provider.extract_common_fields(sociallogin.account.extra_data)
    parts = [fields.get("first_name"), fields.get("last_name")]
    told = " ".join(part for part in parts if isinstance(part, str) and part)
    whole = fields.get("name")
    return told or (whole if isinstance(whole, str) else "")
