"""The web server's way in."""

import os

from django.core.wsgi import get_wsgi_application

from abonent.entrypoints.portal.identity.passwords.door import Door

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonent.config.settings")
application = Door(get_wsgi_application())
