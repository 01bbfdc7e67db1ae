"""What the shell around every page needs."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The member, the theme and the navigation. Outside an organisation there is no navigation."""
    user = getattr(request, "user", None)
    theme = user.theme if user is not None and user.is_authenticated else request.COOKIES.get("theme", "")
    return {
        "member": getattr(request, "membership", None),
        "theme": theme if theme in ("light", "dark") else "",
        "nav": [],
    }
