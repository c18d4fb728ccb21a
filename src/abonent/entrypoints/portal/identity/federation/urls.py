"""Addresses of this room."""

from django.urls import URLPattern, URLResolver, path

from abonent.entrypoints.portal.identity.federation import network, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/with/<slug:service>/", views.start),
    path("login/with/<slug:service>/callback/", views.callback),
    path("login/linking/", views.linking),
    path("login/network/", network.leave),
    path("login/network/back/", network.back),
    path("security/linked/", views.linked),
    path("security/links/", views.list_of_links),
    path("security/links/add/", views.add),
    path("security/links/waiting/", views.add_waiting),
    path("security/links/remove/", views.remove),
]
