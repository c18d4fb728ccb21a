"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.ways import no_access

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/no-access/", no_access.no_access, name="no-access"),
]
