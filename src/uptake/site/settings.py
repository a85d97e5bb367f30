"""Django's settings, made from ours. Secure by default: no debug, strict cookies, no outside origin."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import dj_database_url

from uptake import config
from uptake.site import sso_file

UPTAKE = config.load(os.environ)
UPTAKE_SSO = sso_file.load(UPTAKE.sso_file)


def _secret_key(home: Path) -> str:
    """The signing key of this installation: made once, 0600, never a default that others know."""
    path = home / "django.key"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


SECRET_KEY = _secret_key(UPTAKE.home)
DEBUG = False
ALLOWED_HOSTS = list(UPTAKE.allowed_hosts)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "uptake.records",
    "uptake.web",  # before allauth: its templates take the place of allauth's
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
]

MIDDLEWARE = [
    "uptake.web.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "uptake.web.statics.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "uptake.web.viewing.SignedIn",
    "django_htmx.middleware.HtmxMiddleware",
    "uptake.web.policies.Gate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "uptake.web.problems.ProblemPages",
]

ROOT_URLCONF = "uptake.site.urls"
WSGI_APPLICATION = "uptake.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "uptake.web.context.everywhere",
            ],
        },
    },
]

_SQLITE_START = (
    "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA busy_timeout=10000;"
)


def _database() -> dict[str, object]:
    if UPTAKE.database_url:
        return dict(dj_database_url.parse(UPTAKE.database_url, conn_max_age=60, conn_health_checks=True))
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(UPTAKE.home / "records.sqlite3"),
        # DELETE journal: SQLite before 3.51.3 can lose writes when a WAL is reset, and we cannot choose its version.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": _SQLITE_START, "timeout": 10},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "records.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["uptake.records.passwords.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

# In the database: the count of wrong passwords must hold for all processes together.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "records_cache"}}

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_ADAPTER = "uptake.web.accounts.ClosedSignup"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True

MFA_ADAPTER = "uptake.records.factors.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True  # a passkey alone signs in: it is held, and unlocked by its owner
MFA_TOTP_ISSUER = "uptake"
MFA_FORMS = {
    "authenticate": "uptake.web.second_factor.CodeForm",
    "authenticate_webauthn": "uptake.web.passkeys.SecondStep",
    "login_webauthn": "uptake.web.passkeys.Alone",
}

# Providers come from the host's file alone, and no page of allauth's is routed: web/single_sign_on.py.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
ACCOUNT_RATE_LIMITS = {"single_sign_on": "600/m/ip", "single_sign_on_refused": "30/m/ip"}

SESSION_ENGINE = "uptake.records.sessions"  # hashed at rest, ends after 30 idle minutes and after 8 hours
SESSION_COOKIE_NAME = "__Host-uptake_session" if UPTAKE.secure_cookies else "uptake_session"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = UPTAKE.secure_cookies
CSRF_COOKIE_NAME = "uptake_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = UPTAKE.secure_cookies
CSRF_FAILURE_VIEW = "uptake.web.problems.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if UPTAKE.secure_cookies else 0
# Not no-referrer: browsers then send `Origin: null` with forms, and every form would fail the CSRF check.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True

LOGGING_CONFIG = None
UPTAKE.temp.mkdir(parents=True, exist_ok=True, mode=0o700)
FILE_UPLOAD_TEMP_DIR = str(UPTAKE.temp)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

SCIM_SERVICE_PROVIDER = {
    "BASE_LOCATION_GETTER": "uptake.api.scim_shapes.base_of",
    "AUTH_CHECK_MIDDLEWARE": "uptake.api.scim_door.Door",  # its own lets in whoever is signed in, and logs bodies
    "AUTHENTICATION_SCHEMES": [
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "Made in uptake: People, Sources, SCIM; or by `uptake people connect-scim`.",
            "primary": True,
        }
    ],
}
