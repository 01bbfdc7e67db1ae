"""The only settings file. Everything that differs between places comes from the environment (docs/configuration.md)."""

import os
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config import databases, starts
from lib import encryption
from organisations.client_address import networks

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


DEBUG = flag("DEBUG")
# PRODUCTION turns on what needs HTTPS and real secrets; the demo and the tests run on plain loopback.
PRODUCTION = flag("PRODUCTION")
SECRET_KEY = starts.secret_key(os.environ.get("SECRET_KEY"), production=PRODUCTION, debug=DEBUG)
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
# What lies encrypted in the database (second factors' seeds, letters that wait): Fernet keys, the first one encrypts, all decrypt.
ENCRYPTION_KEYS = words("ENCRYPTION_KEYS")
if not ENCRYPTION_KEYS:
    if PRODUCTION:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is not set: what is encrypted could not be read. See docs/security.md."
        )
    ENCRYPTION_KEYS = [urlsafe_b64encode(sha256(SECRET_KEY.encode()).digest()).decode()]
encryption.check(ENCRYPTION_KEYS)
# Proxies in front of the web process, as addresses or ranges: only what they add to X-Forwarded-For is believed.
TRUSTED_PROXIES = networks(words("TRUSTED_PROXIES"))
# Whoever sends it as "Authorization: Bearer …" is shown how much work waits (/healthz/queue); without one, in production, nobody is.
MONITORING_TOKEN = os.environ.get("MONITORING_TOKEN", "")
# Whoever sends it so may say at /letters/bounces/ which letters came back; without one nobody may.
BOUNCE_SECRET = os.environ.get("BOUNCE_SECRET", "")
BASE_URL = os.environ.get("BASE_URL", "http://localhost:8000")  # for links in e-mail

INSTALLED_APPS = [
    "organisations",
    "audit",
    "files",
    "exports",
    "notifications",
    "contracts",
    "kras",
    "slas",
    "measurements",
    "evaluation",
    "explanations",
    "credits",
    "disputes",
    "breaches",
    "scorecards",
    "agreements",
    "reporting",
    "dashboards",
    "api",
    "lib",
    "config",
    # The demo has a command of its own; the image goes without it.
    *([] if PRODUCTION else ["demo"]),
    "template_partials",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages are a sixth as large. What may not be guessed from their size, the token of forms, is masked afresh in each answer.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "lib.answers.Answers",
    "api.middleware.Problems",
    "lib.readable.Readable",
    # What needs neither a session nor a door: most pages that are open ask whether anything happened, and nothing did.
    "dashboards.quiet.QuietPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organisations.sessions.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lib.htmx.FragmentErrors",
    "organisations.middleware.TenantMiddleware",
    "exports.middleware.LargeTables",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            ["lib.templates.Loader", "django.template.loaders.app_directories.Loader"],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboards.context.shell",
            ],
        },
    }
]

# What one transaction in a scope may take, in milliseconds; the server ends what takes longer, so that one request or one frozen process
# holds up nobody for long. Statements: a page that computes for half a minute has lost its reader, and gunicorn ends it after 60 seconds; a
# task ends by itself after CELERY_TASK_SOFT_TIME_LIMIT. Locks: a reader waits seconds, is told that Plumbline is busy, and has lost
# nothing; a task comes again with the next beat. Idle: between two statements pages and tasks compute for seconds; who is silent
# for longer is frozen or gone, and gives back what it holds.
DATABASE_LIMITS = {
    "web": {"statement_timeout": 30_000, "lock_timeout": 10_000, "idle_in_transaction_session_timeout": 60_000},
    "work": {"statement_timeout": 480_000, "lock_timeout": 60_000, "idle_in_transaction_session_timeout": 300_000},
}
DATABASES = databases.from_environment(os.environ)
DATABASE_ROLE_PREFIX = "plumbline"
REDIS_URL = databases.redis_url(os.environ)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "organisations.User"
AUTHENTICATION_BACKENDS = ["organisations.backends.ByEmail"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "organisations.passwords.NotGuessable"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "notifications.account_adapter.Accounts"
ACCOUNT_FORMS = {"reset_password": "notifications.forms.AskForReset"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = (
    False  # the other sessions end by themselves, since the password is part of their hash
)
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# Wrong passwords: tight for an account from one address (key), wide for an address and for an account, so that nobody is shut
# out by others behind the same proxy. See organisations/adapters.py.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "50/5m/ip,5/5m/key",
    "login_failed_account": "30/h/key",
    "bounces": "120/m/ip",  # calls of a mail provider
}
MFA_ADAPTER = "organisations.second_factors.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "login_webauthn": "organisations.passkey_forms.SignIn",
    "authenticate_webauthn": "organisations.passkey_forms.SecondStep",
    "reauthenticate_webauthn": "organisations.passkey_forms.Confirm",
    "add_webauthn": "organisations.passkey_forms.Add",
}
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}  # nothing can be guessed there; it is the work that is limited
MFA_TOTP_ISSUER = "Plumbline"
MFA_TOTP_TOLERANCE = 1  # telephones' clocks are up to half a minute wrong

# Sessions in the database; Redis may be away or empty at any time.
SESSION_COOKIE_AGE = int(os.environ.get("SESSION_DAYS", "7")) * 86_400  # after signing in, however busy
SESSION_IDLE = int(os.environ.get("SESSION_IDLE_MINUTES", "240")) * 60  # after the last request
DEVICE_COOKIE_NAME = "device"
API_CALLS_PER_MINUTE = int(os.environ.get("API_CALLS_PER_MINUTE", "600"))  # of a key, or of a person
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CACHES = {
    # Counts of wrong passwords and one-time codes that were used: in the database, so that all processes count together, and
    # neither a flush of Redis nor its absence makes a limit wider (docs/adr/0011).
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entry",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # else a flood of names would push out what was counted
    },
    # What a process need not find out again at once, such as its readiness.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

CELERY_BROKER_URL = databases.broker_url(os.environ)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
# Letters have a queue of their own, for a process of their own: a mail server that takes 8 seconds a letter once held up the judging.
# A worker started without `-Q` serves both.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("mail")]
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {
    name: {"queue": "mail"} for name in ("plumbline.deliver", "plumbline.hear", "plumbline.account_letters")
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # a Redis that is full refuses calls, and is waited for, too
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # workers and beat wait for Redis, however long it is away
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}
CELERY_BROKER_POOL_LIMIT = 4
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 540
CELERY_TASK_SOFT_TIME_LIMIT = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# So many workers' processes at once are an organisation's at most: fewer than there are, so that no other one waits for it.
WORKERS_PER_ORGANISATION = max(1, int(os.environ.get("WORKERS_PER_ORGANISATION", "3")))
# Wakes the workers for every organisation that has work to find: what a lost wake-up costs, at most. The nightly work hangs on it, too.
TICK_SECONDS = float(os.environ.get("TICK_SECONDS", "60"))
CELERY_BEAT_SCHEDULER = "config.beat_scheduler:Scheduler"
CELERY_BEAT_SCHEDULE = {"tick": {"task": "plumbline.tick", "schedule": TICK_SECONDS}}
CELERY_BEAT_SCHEDULE_FILENAME = os.environ.get("BEAT_SCHEDULE", "celerybeat-schedule")

EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_FILE_PATH = os.environ.get("EMAIL_FILE_PATH")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
# Whoever got a letter gets the next one after this pause; what happens meanwhile is collected in it. A first event is sent at once.
MAIL_PAUSE_SECONDS = float(os.environ.get("MAIL_PAUSE_SECONDS", "300"))
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Plumbline <plumbline@localhost>")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", BASE_DIR / "media"))
CLAMD_ADDRESS = os.environ.get("CLAMD_ADDRESS", "")  # of the virus check: a socket's path, or host:port
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if flag("HASHED_STATIC", PRODUCTION)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not flag("HASHED_STATIC", PRODUCTION)
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "dashboards.errors.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
    # For this host alone: whoever promises HTTPS for a whole domain, or for ever (preload), must own all of it.
    SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", "31536000"))
    SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS")
    SECURE_HSTS_PRELOAD = flag("HSTS_PRELOAD")
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # which ask for both
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    DEVICE_COOKIE_NAME = "__Host-device"

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.ByKey",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.ExactJSONParser"],
    "COERCE_DECIMAL_TO_STRING": True,
    "EXCEPTION_HANDLER": "api.problems.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Plumbline",
    "DESCRIPTION": "Contracts, results, scores, breaches and figures of the organisations that one serves.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.1",
    # Two fields of one name with choices of their own.
    "ENUM_NAME_OVERRIDES": {
        "ReliefGround": "disputes.rules.ReliefGround",
        "DisputeGround": "disputes.rules.DisputeGround",
        "SubmissionStatus": "measurements.rules.Status",
        "PlanStatus": "breaches.rules.plans.PlanStatus",
        "ExtensionStatus": "contracts.rules.ExtensionStatus",
        "RevisionStatus": "agreements.rules.Status",
        "BreachStatus": "breaches.rules.Status",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
