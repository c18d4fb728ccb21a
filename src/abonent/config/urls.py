"""Every address of the site."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("abonent.web.urls")),
    path("", include("abonent.entrypoints.portal.urls")),
    path("", include("abonent.entrypoints.staff.urls")),
    path("", include("abonent.entrypoints.callbacks.urls")),
    path("", include("abonent.entrypoints.ussd.urls")),
    *([path("", include("abonent.demo.phone.urls"))] if settings.DEMO else []),
    *([path("", include("abonent.demo.network.urls"))] if settings.DEMO else []),
]

handler400 = "abonent.web.errors.bad_request"
handler403 = "abonent.web.errors.forbidden"
handler404 = "abonent.web.errors.not_found"
handler500 = "abonent.web.errors.server_error"
