"""What a view below /o/<organisation>/ is given: the request as the tenant middleware passes it on."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from organisations.models import Membership, User


class MemberRequest(HttpRequest):
    """A request of a signed-in member, inside the scope of one organisation. For types alone: nothing makes one.

    `membership` has its organisation loaded. `request_id` is 12 hexadecimal digits, the same in the log and in the audit trail.
    """

    user: User
    membership: Membership
    request_id: str
    htmx: HtmxDetails
