"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.factors import app, confirm, page, paper, passkey, second

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/second/", second.second, name="second"),
    path("login/passkey/", passkey.enter, name="passkey"),
    path("login/offer/passkey/", page.offered_passkey, name="offer-passkey"),
    path("login/confirm/", confirm.confirm, name="confirm"),
    path("login/confirm/code/", confirm.confirm_code, name="confirm-code"),
    path("login/confirm/code/again/", confirm.confirm_code_again, name="confirm-code-again"),
    path("security/factors/", page.overview, name="factors"),
    path("security/factors/change/", page.change),
    path("security/factors/app/", page.authenticator),
    path("security/factors/app/picture.svg", page.picture),
    path("security/factors/codes/", paper.codes),
    path("security/factors/codes.txt", paper.codes_file),
    path("security/factors/codes/new/", page.new_codes),
    path("security/factors/passkey/", page.add_passkey),
    path("security/factors/passkey/<int:passkey_id>/", page.one_passkey),
    path("app/", app.app, name="app"),
    path("app/pin/", app.pin),
    path("app/pin/new/", app.new_pin),
    path("app/pin/forgotten/", app.forgotten),
    path("app/leave/", app.leave),
]
