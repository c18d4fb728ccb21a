"""Address of the coming charges."""

from django.urls import path

from abonent.entrypoints.portal.billing.charges import charges

urlpatterns = [path("charges/", charges)]
