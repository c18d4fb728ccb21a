"""Addresses of what a customer does not agree with."""

from django.urls import path

from abonent.entrypoints.portal.billing import disputes

urlpatterns = [
    path("disputes/", disputes.listing, name="disputes"),
    path("disputes/<int:dispute_id>/", disputes.dispute, name="dispute"),
    path("disputes/charge/<uuid:charge_id>/", disputes.of_charge, name="dispute-charge"),
    path("disputes/payment/<uuid:payment_id>/", disputes.of_payment, name="dispute-payment"),
]
