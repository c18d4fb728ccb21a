"""Addresses of numbers that change their operator."""

from django.urls import path

from abonent.entrypoints.portal.porting import arriving, leaving, proving

urlpatterns = [
    path("port-in/", arriving.newcomer),
    path("port-in/new/", arriving.own),
    path("port-in/mine/", arriving.mine),
    path("port-in/code/", proving.code),
    path("port-in/code/again/", proving.again),
    path("port-in/<uuid:port_ref>/", arriving.one),
    path("port-in/<uuid:port_ref>/code/", proving.send),
    path("port-in/<uuid:port_ref>/cancel/", arriving.cancel),
    path("port-out/", leaving.overview),
    path("port-out/<uuid:port_ref>/", leaving.stop),
]
