"""A question for people, put when somebody asks for codes in a way that people hardly do.

How a form uses it. The action that sends a code gets `solved` and raises `CaptchaNeeded`, a `TooMany`, when it wants a
person to be shown first:

    from abonent.entrypoints.portal.identity.captcha import gate as captcha

    def form_page(request):                                      # address: /login/…/
        if request.method != "POST":
            asked = captcha.question(request, "/login/…/")       # None most of the time
            form = NumberForm(initial=asked.typed if asked else {})
            return render(request, "…", {"form": form, "captcha": asked})
        …
        try:
            challenge_id = send(…, solved=captcha.solved(request))
        except CaptchaNeeded:                                    # before `TooMany`
            return captcha.ask(request, back="/login/…/", typed={"number": …, "next": …})
        response = HttpResponseRedirect(…)
        captcha.settle(request, response)

`typed` is what the form shows again, never a password. In the template, with `macros/captcha.html`:

    {{ captcha_summary(captcha) }}                               {# on top, when the answer was wrong #}
    {{ guarded_button(captcha, _("Get a code")) }}               {# in place of the form's button #}

A page whose form came back with errors passes `captcha.question(request, …)` as well. Everything works without
scripts; `codes.ask` and `codes.send_again` call `solved` and `settle` by themselves.
"""
