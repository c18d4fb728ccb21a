"""Addresses of the family that shares a package."""

from django.urls import path

from abonent.entrypoints.portal.families import code, payer, views

urlpatterns = [
    path("family/group/", views.group, name="family-group"),
    path("family/group/asked/<uuid:invitation_id>/", views.asked),
    path("family/group/withdraw/", views.withdraw),
    path("family/group/<uuid:member_id>/", views.member),
    path("family/group/<uuid:member_id>/remove/", views.remove),
    path("family/group/leave/", views.leave),
    path("family/group/<uuid:member_id>/payer/", payer.ask),
    path("family/group/payer/", payer.answer),
    path("family/group/code/<uuid:invitation_id>/", code.start),
    path("family/group/code/<uuid:invitation_id>/enter/", code.enter),
    path("family/group/code/<uuid:invitation_id>/again/", code.again),
    path("family/group/payer/withdraw/", payer.withdraw),
]
