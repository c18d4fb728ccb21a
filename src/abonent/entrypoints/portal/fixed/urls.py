"""Addresses of home internet and TV."""

from django.urls import path

from abonent.entrypoints.portal.fixed import activation, equipment, visits

urlpatterns = [
    path("equipment/", equipment.equipment),
    path("activation/", activation.overview),
    path("activation/again/", activation.again),
    path("visits/", visits.listing),
    path("visits/new/", visits.new),
    path("visits/<int:visit_id>/", visits.one),
    path("visits/<int:visit_id>/move/", visits.move),
    path("visits/<int:visit_id>/cancel/", visits.cancel),
]
