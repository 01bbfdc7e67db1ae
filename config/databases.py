"""Where the databases and Redis are: read from the environment, in one place, with the standard library alone.

Two Django aliases stand on one database:

- `default`: the role `plumbline_login`, for web and workers; it has no right on any organisation's table;
- `owner`: the role that owns everything; migrations, back-ups and the tests' cleaning use it, requests never do.

| variable | meaning |
|---|---|
| `DATABASE_URL` | `postgresql://user:password@host:port/name`, or a unix socket: `postgresql://user@/name?host=/folder` |
| `DATABASE_OWNER_URL` | the same database as its owner |
| `REDIS_URL` | `redis://host:port/0`, `rediss://…` or `unix:///path/to.sock?db=0` |

Without `DATABASE_OWNER_URL` the owner is taken to be `DATABASE_URL`, and `default` is the same account that puts on the
role `plumbline_login` when it connects, unless it is that role. That is weaker: whoever can run SQL of their own can take the role off
again, so that production refuses it (`config.starts`); and PgBouncer refuses the parameter, so behind a pooler `DATABASE_URL` must name
`plumbline_login`.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LOGIN_ROLE = "plumbline_login"
OWNER_ROLE = "plumbline_owner"

# Nothing listens there. The names make the driver's own message say what is missing.
NO_DATABASE = "postgresql:///plumbline?host=/DATABASE_URL-is-not-set"
NO_REDIS = "unix:///REDIS_URL-is-not-set?db=0"


def from_environment(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Django's DATABASES for the two aliases. Raises ValueError for an address that is not PostgreSQL's."""
    url = environ.get("DATABASE_URL") or NO_DATABASE
    owner_url = environ.get("DATABASE_OWNER_URL")
    default = parse(url)
    if not owner_url and default["USER"] != LOGIN_ROLE:
        options = default["OPTIONS"].get("options", "")
        default["OPTIONS"]["options"] = f"{options} -c role={LOGIN_ROLE}".strip()
    return {"default": default, "owner": parse(owner_url or url)}


def parse(url: str) -> dict[str, Any]:
    """One entry of DATABASES from an address; query parameters other than `host` and `port` become libpq options."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {parts.scheme or 'nothing'}://")
    options = dict(parse_qsl(parts.query))
    # urlsplit() lowers the case of host names; a socket's folder may also stand there, percent-encoded.
    host = options.pop("host", None) or unquote(parts.hostname or "")
    port = options.pop("port", None) or parts.port or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "plumbline",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        # A session keeps the plans of the judgement; one that is new makes them again where it first previews figures, which takes 50 ms.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def redis_url(environ: Mapping[str, str]) -> str:
    """The address of Redis as redis-py and Django's cache spell it."""
    return environ.get("REDIS_URL") or NO_REDIS


def broker_url(environ: Mapping[str, str]) -> str:
    """The same address as Celery spells it: unix sockets are `redis+socket:///path?virtual_host=0` there."""
    url = redis_url(environ)
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"
