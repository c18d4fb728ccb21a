"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("abonent.web.urls")),
    path("", include("abonent.entrypoints.portal.urls")),
]

handler400 = "abonent.web.errors.bad_request"
handler403 = "abonent.web.errors.forbidden"
handler404 = "abonent.web.errors.not_found"
handler500 = "abonent.web.errors.server_error"
