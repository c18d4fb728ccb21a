"""Addresses of calls and the SIM."""

from django.urls import path

from abonent.entrypoints.portal.calls import forward, sim, views

urlpatterns = [
    path("calls/", views.overview, name="calls"),
    path("calls/forward/<slug:condition>/", forward.form, name="calls-forward"),
    path("calls/forward/<slug:condition>/confirm/", forward.confirm, name="calls-forward-confirm"),
    path("calls/forward/<slug:condition>/remove/", forward.remove, name="calls-forward-remove"),
    path("calls/internet/", sim.internet, name="calls-internet"),
    path("calls/puk/", sim.puk, name="calls-puk"),
    path("calls/stop/<uuid:change_id>/", forward.stop, name="calls-stop"),
]
