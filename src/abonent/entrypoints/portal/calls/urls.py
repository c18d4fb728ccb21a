"""Addresses of calls and the SIM."""

from django.urls import path

from abonent.entrypoints.portal.calls import barring, forward, sim, switches, tones, views, voicemail

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
    path("calls/tones/", tones.overview, name="calls-tones"),
    path("calls/tones/catalogue/", tones.catalogue, name="calls-tones-catalogue"),
    path("calls/tones/copy/", tones.copy, name="calls-tones-copy"),
    path("calls/tones/let-copy/", tones.let_copy, name="calls-tones-let-copy"),
    path("calls/tones/remove/", tones.remove, name="calls-tones-remove"),
    path("calls/tones/<slug:code>/", tones.choose, name="calls-tones-set"),
    path("calls/tones/<slug:code>/sound", tones.sound, name="calls-tones-sound"),
    path("calls/voicemail/", voicemail.overview, name="calls-voicemail"),
    path("calls/voicemail/greeting/", voicemail.greeting, name="calls-greeting"),
    path("calls/voicemail/greeting/sound", voicemail.greeting_sound, name="calls-greeting-sound"),
    path("calls/voicemail/pin/", voicemail.pin, name="calls-voicemail-pin"),
    path("calls/voicemail/<uuid:message_id>/sound", voicemail.play, name="calls-voicemail-sound"),
    path("calls/voicemail/<uuid:message_id>/delete/", voicemail.delete, name="calls-voicemail-delete"),
    path("calls/voicemail/<uuid:message_id>/back/", voicemail.bring_back, name="calls-voicemail-back"),
    path("calls/stop/<uuid:change_id>/", forward.stop, name="calls-stop"),
]
