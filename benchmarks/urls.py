"""The site, and one view that does nothing: what the framework and the middleware cost by themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from abonent.config import urls as site

handler404 = site.handler404


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bare")


urlpatterns = [path("bare/", bare), *site.urlpatterns]
