"""Addresses of another SIM and another number."""

from django.urls import path

from abonent.entrypoints.portal.sims import code, number, sim

urlpatterns = [
    path("sim/", sim.overview),
    path("sim/code/<uuid:order_id>/", code.show),
    path("sim/<slug:form>/", sim.ordering),
    path("number/", number.shelf),
    path("number/hold/", number.hold),
    path("number/confirm/", number.confirm),
]
