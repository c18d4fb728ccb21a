"""How each service is spoken to: the library's protocols, with what it leaves out or leaves open.

Left out there and added here: an ID token's signature is always checked, its algorithm is never one of shared secrets,
it must name its person, its end and us alone; the person of the second answer must be the one of the token; a
provider's description must be its own. What makes one browser's answer useless to another (state, proof key) is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.facebook.views import FacebookOAuth2Adapter
from allauth.socialaccount.providers.microsoft.views import MicrosoftGraphOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from allauth.socialaccount.providers.odnoklassniki.views import OdnoklassnikiOAuth2Adapter
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.vk.views import VKOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from jwt import PyJWTError, get_unverified_header

if TYPE_CHECKING:
    from abonent.config.environment_logins import Login

# What is asked for: who it is, and no more. Nothing here gives us an e-mail address or a phone number.
SCOPES: dict[str, list[str]] = {
    "vk": ["vkid.personal_info"],
    "odnoklassniki": [],
    "facebook": ["public_profile"],
    "microsoft": ["User.Read"],
    "openid_connect": ["openid", "profile"],
}
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
DESCRIPTION_KEPT_S = 600
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def app_of(login: Login) -> SocialApp:
    """Return the service as the library wants it described; it stands in the settings and in no table."""
    openid = login.protocol == "openid_connect"
    return SocialApp(
        provider=login.protocol,
        provider_id=login.id if openid else "",
        name=login.name,
        client_id=login.client_id,
        secret=login.secret,
        key=login.key,
        settings={"oauth_pkce_enabled": True, "scope": SCOPES[login.protocol], "server_url": login.issuer},
    )


def callback_address(request: HttpRequest, service: str) -> str:
    """Return where the service leads the browser back to: on the host that the person opened, which is one of ours."""
    return request.build_absolute_uri(f"/login/with/{service}/callback/")


class VK(VKOAuth2Adapter):  # type: ignore[misc] # the library has no types
    """VK ID."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        if address := settings.LOGINS["vk"].address:
            self.authorize_url = f"{address}/authorize"
            self.access_token_url = f"{address}/oauth2/auth"
            self.profile_url = f"{address}/oauth2/user_info"

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002 - the library gives it
        return callback_address(request, "vk")


class Odnoklassniki(OdnoklassnikiOAuth2Adapter):  # type: ignore[misc] # the library has no types
    """Odnoklassniki, which signs its calls besides."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        if address := settings.LOGINS["odnoklassniki"].address:
            self.authorize_url = f"{address}/oauth/authorize"
            self.access_token_url = f"{address}/oauth/token.do"
            self.profile_url = f"{address}/fb.do"

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002 - the library gives it
        return callback_address(request, "odnoklassniki")


class FacebookClient(OAuth2Client):  # type: ignore[misc] # the library has no types
    """Facebook takes its token request as an address, where the library forgets the proof key."""

    def get_access_token(
        self, code: str, pkce_code_verifier: str | None = None, extra_data: dict[str, str] | None = None
    ) -> dict[str, Any]:
        proof = {"code_verifier": pkce_code_verifier} if pkce_code_verifier else {}
        return dict(super().get_access_token(code, extra_data={**(extra_data or {}), **proof}))


class Facebook(FacebookOAuth2Adapter):  # type: ignore[misc] # the library has no types
    """Facebook; off unless the operator says otherwise."""

    client_class = FacebookClient

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002 - the library gives it
        return callback_address(request, "facebook")


class Microsoft(MicrosoftGraphOAuth2Adapter):  # type: ignore[misc] # the library has no types
    """Microsoft; off unless the operator says otherwise."""

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002 - the library gives it
        return callback_address(request, "microsoft")


class OpenIDConnect(OpenIDConnectOAuth2Adapter):  # type: ignore[misc] # the library has no types
    """Any provider of OpenID Connect that describes itself at its issuer's address."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's description of itself; raise `OAuth2Error` when it is somebody else's, or unsafe."""
        issuer = settings.LOGINS[self.provider_id].issuer
        kept = f"openid-{quote(issuer, safe='')}"
        found: dict[str, Any] | None = cache.get(kept)
        if found is None:
            found = dict(super().openid_config)
            check_description(found, issuer)
            cache.set(kept, found, DESCRIPTION_KEPT_S)
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:  # noqa: ARG002 - the library gives it
        return callback_address(request, self.provider_id)

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, **options: Any
    ) -> dict[str, Any]:
        said = request.GET.get("iss")
        if said is not None and said != settings.LOGINS[self.provider_id].issuer:
            raise OAuth2Error("the answer names another issuer")
        return dict(super().get_access_token_data(request, app, client, **options))

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("there is no ID token")
        login = super().complete_login(request, app, token, **kwargs)
        told = login.account.extra_data
        if told["userinfo"].get("sub") != told["id_token"]["sub"]:
            raise OAuth2Error("the user information is of another person")
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Return the token's claims: signed by the provider, of it, for us, not over."""
        try:
            algorithm = get_unverified_header(id_token).get("alg")
        except PyJWTError as error:
            raise OAuth2Error("the ID token cannot be read") from error
        if algorithm not in ALGORITHMS:
            raise OAuth2Error(f"the ID token is signed by {algorithm}")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        check_claims(claims, app.client_id)
        return claims


def check_description(description: dict[str, Any], issuer: str) -> None:
    """Raise `OAuth2Error` unless the provider's description is of `issuer` and keeps to its kind of connection."""
    if description.get("issuer") != issuer:
        raise OAuth2Error("the description is of another issuer")
    scheme = urlsplit(issuer).scheme
    if any(urlsplit(str(description.get(name, ""))).scheme not in ("https", scheme) for name in ENDPOINTS):
        raise OAuth2Error("an address in the description is missing or not safe")


def check_claims(claims: dict[str, Any], client_id: str) -> None:
    """Raise `OAuth2Error` when an ID token says too little, or is for others besides us."""
    if any(not claims.get(name) for name in ("sub", "exp", "iat", "aud", "iss")):
        raise OAuth2Error("the ID token lacks a claim")
    if claims["aud"] not in (client_id, [client_id]) and claims.get("azp") != client_id:
        raise OAuth2Error("the ID token is for several")
    if claims.get("azp", client_id) != client_id:
        raise OAuth2Error("the ID token was given to another")


ADAPTERS: dict[str, type[OAuth2Adapter]] = {
    "vk": VK,
    "odnoklassniki": Odnoklassniki,
    "facebook": Facebook,
    "microsoft": Microsoft,
    "openid_connect": OpenIDConnect,
}
