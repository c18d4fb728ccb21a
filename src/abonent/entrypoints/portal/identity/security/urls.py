"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.security import data, history, overview, protection, sessions, switching

urlpatterns: list[URLPattern | URLResolver] = [
    path("security/", overview.overview, name="security"),
    path("security/sessions/", sessions.sessions, name="sessions"),
    path("security/sessions/end/", sessions.end, name="sessions-end"),
    path("security/sessions/end-others/", sessions.end_others, name="sessions-end-others"),
    path("security/sessions/forget/", sessions.forget, name="sessions-forget"),
    path("security/history/", history.history, name="history"),
    path("security/changes/", history.changes, name="changes"),
    path("security/changes/<int:event_id>/not-me/", protection.not_me, name="not-me"),
    path("security/protected/", protection.protected, name="protected"),
    path("security/protected/prove/", protection.prove, name="protected-prove"),
    path("security/data/", data.data, name="data"),
    path("security/data/copy/", data.copy, name="data-copy"),
    path("security/erasure/", data.erasure, name="erasure"),
    path("security/erasure/ask/", data.ask, name="erasure-ask"),
    path("security/switch-off/", switching.switch_off, name="switch-off"),
    path("login/switched-off/", switching.switched_off, name="switched-off"),
    path("login/protected/", protection.closed_way, name="closed-way"),
]
