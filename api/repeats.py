"""`Idempotency-Key`: a program that does not know whether its call arrived sends it again, and it is done once.

The key is written in the transaction of the call. A second call with it at the same moment waits for the first at the unique constraint;
then it is answered with the first one's answer. A call that was refused has changed nothing and leaves no key: it can be sent again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import RepeatableCall
from lib import clock
from lib.errors import RuleBroken

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST = 200
OTHER_CALL = f"This {HEADER} was sent with another call. Send a new one with each call, and the same only to repeat it."


def once(view: Callable[..., Response]) -> Callable[..., Any]:
    """Done once for each key of a caller within a day."""

    @wraps(view)
    def answered(request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        key = request.headers.get(HEADER, "")
        if not key or request.method == "GET":
            return view(request, *args, **kwargs)
        if len(key) > LONGEST or not key.isprintable():
            raise ValidationError({HEADER: f"At most {LONGEST} characters that can be seen."})
        now, mine = clock.database_now(), _fingerprint(request)
        call = _first(request, key, mine, now)
        if call.answer_status is None:
            answer = view(request, *args, **kwargs)
            text = JSONRenderer().render(answer.data).decode()
            RepeatableCall.objects.filter(pk=call.pk).update(answer_status=answer.status_code, answer=text)
            return answer
        if call.fingerprint != mine:
            raise RuleBroken("idempotency_key", OTHER_CALL)
        again = HttpResponse(call.answer, status=call.answer_status, content_type="application/json")
        again["Idempotent-Replayed"] = "true"
        return again

    return answered


def _first(request: Request, key: str, fingerprint: str, now: datetime) -> RepeatableCall:
    """The row of the first call with this key; made now where there is none of the last day."""
    member = request.membership
    RepeatableCall.objects.filter(by=member, key=key, made_at__lte=now - KEPT).delete()
    given = {"by": member, "vendor_id": member.vendor_id, "key": key, "fingerprint": fingerprint, "made_at": now}
    try:
        with transaction.atomic():
            made: RepeatableCall = RepeatableCall.objects.create(**given)
    except IntegrityError:
        made = RepeatableCall.objects.get(by=member, key=key)
    return made


def _fingerprint(request: Request) -> str:
    """Of method, address and what was sent; of files their content."""
    said = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        for name, values in sorted(request.data.lists()):
            for value in values:
                content = hashlib.file_digest(value, "sha256").hexdigest() if hasattr(value, "chunks") else value
                said.update(f"{name}={content}\n".encode())
                if hasattr(value, "seek"):
                    value.seek(0)
    else:
        said.update(json.dumps(request.data, sort_keys=True, default=str).encode())
    return said.hexdigest()


def forget_calls(*, now: datetime) -> int:
    """Remove what is older than a day. Returns how many."""
    return int(RepeatableCall.objects.filter(made_at__lte=now - KEPT).delete()[0])
