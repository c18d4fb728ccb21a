"""Addresses of the subscriber's site; a room with several keeps its own list."""

from django.urls import URLPattern, URLResolver, include, path

from abonent.entrypoints.portal.billing.cashback import cashback
from abonent.entrypoints.portal.billing.expenses import expenses
from abonent.entrypoints.portal.home.views import home
from abonent.entrypoints.portal.menu.views import menu

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("abonent.entrypoints.portal.identity.urls")),
    path("", menu),
    path("home/", home),
    path("expenses/", expenses),
    path("", include("abonent.entrypoints.portal.tariffs.urls")),
    path("", include("abonent.entrypoints.portal.billing.statement_urls")),
    path("", include("abonent.entrypoints.portal.billing.promised_urls")),
    path("", include("abonent.entrypoints.portal.billing.charges_urls")),
    path("", include("abonent.entrypoints.portal.billing.bills_urls")),
    path("", include("abonent.entrypoints.portal.billing.transfers_urls")),
    path("", include("abonent.entrypoints.portal.billing.disputes_urls")),
    path("", include("abonent.entrypoints.portal.help.urls")),
    path("", include("abonent.entrypoints.portal.requests.urls")),
    path("", include("abonent.entrypoints.portal.calls.urls")),
    path("", include("abonent.entrypoints.portal.sims.urls")),
    path("", include("abonent.entrypoints.portal.fixed.urls")),
    path("", include("abonent.entrypoints.portal.porting.urls")),
    path("", include("abonent.entrypoints.portal.speed.urls")),
    path("cashback/", cashback),
    path("", include("abonent.entrypoints.portal.families.urls")),
    path("", include("abonent.entrypoints.portal.numbers.urls")),
    path("", include("abonent.entrypoints.portal.billing.topup_urls")),
    path("", include("abonent.entrypoints.portal.billing.autopay_urls")),
    path("", include("abonent.entrypoints.portal.billing.limits_urls")),
    path("", include("abonent.entrypoints.portal.lines.urls")),
    path("", include("abonent.entrypoints.portal.messaging.urls")),
    path("", include("abonent.entrypoints.portal.orders.urls")),
    path("", include("abonent.entrypoints.portal.packages.urls")),
    path("", include("abonent.entrypoints.portal.subscriptions.urls")),
]
