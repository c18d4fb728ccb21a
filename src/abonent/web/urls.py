"""Addresses that belong to no business: the stylesheet, the language switch, the installable site."""

from django.urls import path, re_path

from abonent.web import pages, stylesheet

urlpatterns = [
    re_path(r"^(?P<sheet>style|cabinet)-(?P<version>[0-9a-z]{1,64})\.css$", stylesheet.serve),
    path("language/", pages.switch_language),
    path("manifest.webmanifest", pages.manifest),
    path("sw.js", pages.service_worker),
    path("offline/", pages.offline),
]
