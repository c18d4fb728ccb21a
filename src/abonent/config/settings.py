"""Django's settings, all derived from `environment.read()`."""

from datetime import timedelta

from abonent.config.environment import ROOT, database_options, read
from abonent.domains.identity.policy import POLICIES
from abonent.foundation.embedded_postgres import EmbeddedPostgres

ENVIRONMENT = read()
PACKAGE = ROOT / "src" / "abonent"

SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.old_secret_keys)
DEBUG = False
DEMO = ENVIRONMENT.demo
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    # For the protocols of other services' logins, and for nothing else: docs/decisions/0013.
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    *(
        f"allauth.socialaccount.providers.{protocol}"
        for protocol in ("vk", "odnoklassniki", "facebook", "microsoft", "openid_connect")
    ),
    "procrastinate.contrib.django",
    "abonent.foundation.jobs",
    "abonent.foundation.audit",
    "abonent.domains.ledger",
    "abonent.domains.messaging",
    "abonent.domains.catalog",
    "abonent.domains.help",
    "abonent.domains.identity",
    "abonent.domains.customers",
    "abonent.domains.lines",
    "abonent.domains.usage",
    "abonent.domains.payments",
    "abonent.domains.billing",
    "abonent.domains.orders",
    "abonent.domains.porting",
    "abonent.domains.support",
    "abonent.domains.voice",
    "abonent.config",
    "abonent.web",
    *(["abonent.demo", "abonent.demo.phone"] if DEMO else []),
]

MIDDLEWARE = [
    # First what every answer must have, a refusal by one of the others included.
    "abonent.web.middleware.headers",
    "abonent.web.middleware.network_claims",
    "abonent.web.middleware.whole_request",
    "csp.middleware.CSPMiddleware",
    "abonent.web.middleware.language",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "abonent.web.middleware.refused_methods",
    "abonent.web.middleware.maintenance",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "abonent.web.middleware.idle_sessions",
]

ROOT_URLCONF = "abonent.config.urls"
WSGI_APPLICATION = "abonent.config.wsgi.application"

_embedded = EmbeddedPostgres(ENVIRONMENT.var / "postgres")
DATABASE_URL = ENVIRONMENT.database_url or _embedded.url()
DATABASES = {"default": database_options(DATABASE_URL) | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": False}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/login/"
PASSWORD_HASHERS = ["abonent.domains.identity.hashing.PepperedArgon2"]
PASSWORD_PEPPER = ENVIRONMENT.password_pepper
# How many processes and threads serve this machine: they share what hashing may take.
SERVER_PROCESSES = ENVIRONMENT.server.processes
SERVER_THREADS = ENVIRONMENT.server.threads

# The library makes no account, sends nothing, stores no token and knows neither names nor e-mail addresses of ours.
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ADAPTER = "abonent.entrypoints.portal.identity.federation.arrival.Arrival"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"facebook": {"FIELDS": ["id", "name"]}}

# Web sessions end after 24 hours, or after one hour without a request (`web.middleware.idle_sessions`).
SESSION_ENGINE = "abonent.domains.identity.sessions"
SESSION_COOKIE_AGE = 24 * 60 * 60
SESSION_IDLE_S = 60 * 60
_host_only = "__Host-" if ENVIRONMENT.https else ""
SESSION_COOKIE_NAME = f"{_host_only}session"
CSRF_COOKIE_NAME = f"{_host_only}csrf"
LANGUAGE_COOKIE_NAME = "language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
CSRF_FAILURE_VIEW = "abonent.web.errors.csrf_failure"

SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ENVIRONMENT.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "media-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        # Browsers check it for where an answer to a form leads, too: to the bank's own pages, and nowhere else.
        "form-action": ["'self'", *ENVIRONMENT.payments.rbs.pages],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
# A draft of a tariff has a field for each of its prices.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = ["abonent.web.uploads.FewAndSmall"]

TEMPLATES = [
    {
        "BACKEND": "abonent.web.environment.Pages",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": False,
    }
]
FORM_RENDERER = "django.forms.renderers.Jinja2"

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENVIRONMENT.time_zone

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STORAGES = {
    "staticfiles": {"BACKEND": "abonent.web.static_files.VersionedFiles"},
    # What customers send with requests, and what callers leave for them: sealed, outside of everything that is served.
    "requests": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ENVIRONMENT.var / "requests", "base_url": None, "file_permissions_mode": 0o600,
                    "directory_permissions_mode": 0o700},
    },
}  # fmt: skip
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 365 * 24 * 60 * 60

# The operator.
OPERATOR_NAME = {"ru": ENVIRONMENT.operator_name, "en": ENVIRONMENT.operator_name_en}
SUPPORT_NUMBER = ENVIRONMENT.support_number
# The access point name that phones enter for mobile internet.
APN = ENVIRONMENT.apn
BANK_ADDRESS = ENVIRONMENT.bank_address
BRAND_COLOR = ENVIRONMENT.brand_color
NUMBER_RANGES = ENVIRONMENT.number_ranges
# Where messages may go: our own numbers, and those that contract customers of ours may have elsewhere.
ALLOWED_RANGES = (*ENVIRONMENT.number_ranges, *ENVIRONMENT.allowed_ranges)
NUMBER_REGION = "RU"
SMS_GATEWAY = ENVIRONMENT.channels.sms_gateway
SMS_SENDER = ENVIRONMENT.channels.sms_sender
SMS_SERVICE = ENVIRONMENT.channels.sms_service
MAIL_GATEWAY = ENVIRONMENT.channels.mail_gateway
EMAIL_FROM = ENVIRONMENT.channels.email_from
VOICE_GATEWAY = ENVIRONMENT.channels.voice_gateway
GATEWAY_KEY = ENVIRONMENT.channels.gateway_key
# Where people open the site: every link in a message begins with it.
ADDRESS = ENVIRONMENT.channels.address
SMTP = ENVIRONMENT.channels.smtp
LOGINS = {login.id: login for login in ENVIRONMENT.logins}
RECOGNISER_URL = ENVIRONMENT.recogniser.url
RECOGNISER_KEY = ENVIRONMENT.recogniser.key
# What only the listener behind the operator's gateway may hear.
NETWORK_HEADERS = (ENVIRONMENT.recogniser.number_header, ENVIRONMENT.recogniser.line_header)
DEMO_RECOGNISER = ENVIRONMENT.recogniser.demo_listener
PAYMENT_GATEWAY = ENVIRONMENT.payments.gateway
RBS = ENVIRONMENT.payments.rbs
NETWORK = ENVIRONMENT.network.path
PORTING = ENVIRONMENT.porting.path
PORTING_ADAPTER = ENVIRONMENT.porting
CONTENT_PROVIDERS = ENVIRONMENT.content_providers
NETWORK_ADAPTER = ENVIRONMENT.network
ESIM_SERVER = ENVIRONMENT.network.esims
ESIM_INSTALL = ENVIRONMENT.network.install
DEMO_NETWORK = ENVIRONMENT.network.demo
DEMO_ACQUIRER = ENVIRONMENT.payments.demo_acquirer
# The domain that passkeys belong to; empty: the host that was opened.
PASSKEY_DOMAIN = ENVIRONMENT.passkey_domain
MAINTENANCE_UNTIL = ENVIRONMENT.maintenance_until
POLICY = POLICIES[ENVIRONMENT.profile]
# How long an owner can call the deletion of the cabinet off.
ERASED_AFTER = timedelta(days=ENVIRONMENT.erasure_days)

# Where the audit trail ended, outside the database.
AUDIT_HEAD = ENVIRONMENT.var / "audit-head"

# What only the sealed printer may read lies in the folder; fonts for papers.
SEALED_PRINTER = ENVIRONMENT.sealed_printer
TONE_PLATFORM = ENVIRONMENT.tone_platform
SEALED_FOLDER = ENVIRONMENT.var / "sealed"
# Who can come when.
TECHNICIAN_CALENDAR = ENVIRONMENT.network.technicians
SPEED_TESTS = ENVIRONMENT.server.speed_tests
SPEED_IS_FREE = ENVIRONMENT.server.speed_is_free
BILL_DAY = ENVIRONMENT.bills.bill_day
BILL_DUE_DAY = ENVIRONMENT.bills.due_day
SELLER = ENVIRONMENT.bills
FISCAL_REGISTER = ENVIRONMENT.bills.fiscal_register
FONTS_FOLDER = PACKAGE / "web" / "fonts"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"refusals": {"()": "abonent.web.log.Refusals"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level},
}

# Jobs stand in each domain's `jobs` module.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = None
