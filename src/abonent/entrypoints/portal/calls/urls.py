"""Addresses of calls and the SIM."""

from django.urls import path

from abonent.entrypoints.portal.calls import barring, forward, sim, switches, views

urlpatterns = [
    path("calls/", views.overview, name="calls"),
    path("calls/barring/", barring.overview, name="calls-barring"),
    path("calls/barring/pin/", barring.pin, name="calls-barring-pin"),
    path("calls/barring/<slug:direction>/", barring.change, name="calls-barring-change"),
    path("calls/forward/<slug:condition>/", forward.form, name="calls-forward"),
    path("calls/forward/<slug:condition>/confirm/", forward.confirm, name="calls-forward-confirm"),
    path("calls/forward/<slug:condition>/remove/", forward.remove, name="calls-forward-remove"),
    path("calls/internet/", sim.internet, name="calls-internet"),
    path("calls/puk/", sim.puk, name="calls-puk"),
    path("calls/switches/", switches.overview, name="calls-switches"),
    path("calls/switches/<slug:name>/", switches.press, name="calls-switch"),
    path("calls/stop/<uuid:change_id>/", forward.stop, name="calls-stop"),
]
