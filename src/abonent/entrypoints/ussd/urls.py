"""The address of the USSD gateway."""

from django.urls import path

from abonent.entrypoints.ussd import views

urlpatterns = [path("ussd/press", views.press)]
