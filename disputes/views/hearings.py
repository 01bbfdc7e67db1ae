"""The list of relief requests and disputes, and the page of one."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from contracts.mine import owner_filter
from contracts.models import Contract, Extension
from credits.models import CreditHold
from disputes import exports
from disputes.actions import disputable_until, numbers_of
from disputes.forms import DecideOnReliefForm, RuleForm, SayForm
from disputes.models import Dispute, HearingFile, ReliefRequest
from disputes.pages.effect import Effect, effect_of_dispute, effect_of_relief
from disputes.pages.hearing import (
    LOOKS,
    Either,
    claims,
    disputed_judgement,
    format_asked,
    format_cases,
    kind_of,
    stages,
    thread,
)
from disputes.rules import DisputeStatus
from evaluation.models import Judgement, Result
from files.serving import file_answer
from lib.htmx import render_part
from lib.paging import page_number, page_of
from lib.tables import Export
from lib.whole_numbers import whole
from measurements.figures_file.columns import RELIEVABLE
from measurements.models import Figure, GrantedRelief
from measurements.wording import describe_figure
from organisations.access import allows
from organisations.requests import MemberRequest

PAGE = 30
# The filter's words: what each leaves.
GROUPS = {"open": "Waiting", "late": "No answer in time", "decided": "Decided", "all": "All"}
KINDS = {"": "Both", "disputes": "Disputes", "relief": "Relief"}


@require_GET
@allows("hearing.view")
def hearings(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """`?status=open&kind=relief&owner=all&contract=7&page=2`; without a status those that wait for an answer. Of one contract all are
    shown."""
    status, kind = request.GET.get("status", ""), request.GET.get("kind", "")
    status, kind = status if status in GROUPS else "open", kind if kind in KINDS else ""
    owner, contract = owner_filter(request.GET.get("owner", ""), request.membership, timezone.now()), None
    if (asked := whole(request.GET.get("contract", ""))) is not None:
        contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=asked)

    def chosen(rows: Any) -> Any:
        return rows.filter(contract=contract) if contract else owner.of(rows, "contract_id")

    models: list[Any] = [
        model for name, model in (("disputes", Dispute), ("relief", ReliefRequest)) if kind in ("", name)
    ]
    found = [chosen(model.objects.all()) for model in models]
    counts = _counts(found)
    number = page_number(request.GET.get("page", ""))
    extensions = chosen(Extension.objects.filter(status="open")).select_related("contract", "vendor")
    others = {
        "contract": str(contract.pk) if contract else "",
        "kind": kind,
        "status": "" if status == "open" else status,
    }
    others = {name: value for name, value in others.items() if value}
    kept = {**others, **owner.kept}
    export = Export.asked("disputes", exports.COLUMNS, request.GET, kept)
    if export:
        return export.answer(lambda: map(_row, _ordered(found, status)), counts[status])
    # Of both kinds the first rows up to the page's end: a list that is read from its beginning.
    rows = _ordered(found, status, number * PAGE)
    page = page_of(rows[(number - 1) * PAGE : number * PAGE], counts[status], PAGE, number)
    context = {
        "page": page,
        "export": export,
        "rows": [_row(one) for one in page],
        "contract": contract,
        "owner": owner,
        "owners": owner.choices(others),
        "status": status,
        "waiting": counts["open"],
        "extensions": extensions.order_by("asked_at", "pk")[:PAGE],
        "late": counts["late"],
        "filters": [
            {
                "label": label,
                "count": counts[name],
                "on": name == status,
                "url": f"?{urlencode(kept | {'status': name})}",
            }
            for name, label in GROUPS.items()
        ],
        "kinds": [
            {"label": label, "on": name == kind, "url": f"?{urlencode(kept | {'kind': name})}"}
            for name, label in KINDS.items()
        ],
        "query": "".join(f"{urlencode({name: value})}&" for name, value in kept.items()),
    }
    return render_part(request, "disputes/list.html", "hearings", context)


def _ordered(found: list[Any], status: str, most: int | None = None) -> list[Any]:
    """Both kinds together: what waits by when it must be answered, else the latest first."""
    late_first = status in ("open", "late")
    order = ("answer_by", "pk") if late_first else ("-asked_at", "-pk")
    rows = [one for query in found for one in in_group(query, status).with_names().order_by(*order)[:most]]
    key: Any = (lambda one: (one.answer_by, one.pk)) if late_first else (lambda one: (one.asked_at, one.pk))
    return sorted(rows, key=key, reverse=not late_first)


def _counts(found: list[Any]) -> dict[str, int]:
    """How many there are of each group, of all kinds. One statement."""
    counts = dict.fromkeys(GROUPS, 0)
    states = [
        query.order_by().values_list("status").annotate(count=Count("pk"), late=Count("escalated_at"))
        for query in found
    ]
    for state, count, late in states[0].union(*states[1:], all=True):
        counts["all"] += count
        counts["open" if state == "open" else "decided"] += count
        counts["late"] += late if state == "open" else 0
    return counts


def in_group(found: Any, group: str) -> Any:
    if group == "all":
        return found
    if group == "decided":
        return found.exclude(status="open")
    return found.open().filter(escalated_at__isnull=False) if group == "late" else found.open()


def _row(one: Either) -> dict[str, Any]:
    return {
        "hearing": one,
        "url_name": kind_of(one),
        "what": "Dispute" if isinstance(one, Dispute) else "Relief",
        "asked": format_asked(one),
        "look": LOOKS[one.status],
        "late": one.status == "open" and one.escalated_at is not None,
    }


@require_GET
@allows("hearing.view")
def dispute(request: MemberRequest, organisation: str, dispute: int) -> HttpResponse:
    found = find_dispute(dispute)
    return render_part(request, "disputes/hearing.html", "hearing", dispute_context(request, found))


@require_GET
@allows("hearing.view")
def relief_request(request: MemberRequest, organisation: str, relief_request: int) -> HttpResponse:
    found = find_relief(relief_request)
    return render_part(request, "disputes/hearing.html", "hearing", relief_context(request, found))


@require_GET
@allows("hearing.view")
def of_result(request: MemberRequest, organisation: str, result: int) -> HttpResponse:
    """What was asked about a result: a part of the explanation's page, and a page of its own. Five statements."""
    found = get_object_or_404(Result.objects.select_related("contract__vendor", "service_level", "period"), pk=result)
    slot = {"service_level": found.service_level_id, "period": found.period_id}
    disputes, requests = list(Dispute.objects.filter(**slot)), list(ReliefRequest.objects.filter(**slot))
    member, until = request.membership, disputable_until(found)
    over = found.contract.day(timezone.now()) > until
    open_ = any(one.status == "open" for one in disputes)
    relievable = found.service_level.measure["kind"] in RELIEVABLE
    context = {
        "result": found,
        "rows": [_row(one) for one in sorted([*disputes, *requests], key=lambda one: one.asked_at, reverse=True)],
        "granted": GrantedRelief.objects.filter(**slot).exclude(relieved=0).order_by("part"),
        "until": until,
        "may_dispute": member.may("dispute.ask") and not open_ and found.outcome != "pending" and not over,
        "too_late": member.may("dispute.ask") and over and found.outcome != "pending" and not disputes,
        "may_ask": member.may("relief.ask") and relievable,
    }
    return render_part(request, "disputes/of_result.html", "result-hearings", context)


@require_safe
@allows("hearing.view")
def hearing_file(request: MemberRequest, organisation: str, hearing_file: int) -> HttpResponseBase:
    """A file of a thread, for both sides."""
    return file_answer(get_object_or_404(HearingFile.objects.shown(), pk=hearing_file), shown="show" in request.GET)


def find_dispute(pk: int) -> Dispute:
    """Http404 where it is not in scope."""
    return get_object_or_404(Dispute.objects.with_names(), pk=pk)


def find_relief(pk: int) -> ReliefRequest:
    """Http404 where it is not in scope."""
    return get_object_or_404(ReliefRequest.objects.with_names(), pk=pk)


def dispute_context(request: MemberRequest, found: Dispute) -> dict[str, Any]:
    """The page of a dispute; whoever may rule sees what that would change, which takes the judgement two more times."""
    member, now = request.membership, timezone.now()
    judged = disputed_judgement(found)
    may_rule = found.status == "open" and member.may("dispute.decide")
    return {
        **_context(request, found, judged),
        "held": CreditHold.objects.filter(held_for=f"dispute:{found.pk}", released_at=None).exists(),
        "effect": effect_of_dispute(member, found, now) if may_rule else None,
        "form": rule_form(found) if may_rule else None,
        "withdraw": found.status == "open" and member.may("dispute.ask"),
        "result": Result.objects.filter(service_level=found.service_level_id, starts_on=found.period.starts_on).first(),
    }


def relief_context(request: MemberRequest, found: ReliefRequest) -> dict[str, Any]:
    """The page of a relief request."""
    member, now = request.membership, timezone.now()
    may_decide = found.status == "open" and member.may("relief.decide")
    result = (
        Result.objects.filter(service_level=found.service_level_id, starts_on=found.period.starts_on)
        .select_related("terms")
        .first()
    )
    effect: Effect | None = effect_of_relief(member, found, found.amount, now) if may_decide else None
    return {
        **_context(request, found, result if found.status == "open" else None),
        "effect": effect,
        "form": decide_form(found) if may_decide else None,
        "withdraw": found.status == "open" and member.may("relief.ask"),
        "result": result,
    }


def _context(request: MemberRequest, found: Either, judged: Judgement | None) -> dict[str, Any]:
    member = request.membership
    today = found.contract.day(timezone.now())
    return {
        "hearing": found,
        "kind": kind_of(found),
        "is_dispute": isinstance(found, Dispute),
        "look": LOOKS[found.status],
        "stages": stages(found),
        "claims": claims(found, judged),
        "lines": thread(found, member),
        "late": found.status == "open" and today > found.answer_by,
        "say": SayForm() if found.status == "open" and member.may("hearing.discuss") else None,
        "asked_words": format_asked(found),
    }


def rule_form(found: Dispute, data: Any = None) -> RuleForm:
    """Upholding is named by the vendor's figure, rejecting by the one that stays."""
    measure = found.service_level.measure
    said = numbers_of(found)
    counted = Figure.objects.filter(
        submission=found.counted_id, service_level=found.service_level_id, period=found.period_id, part=found.part
    ).first()
    words: dict[str, str] = {}
    if said:
        words[DisputeStatus.UPHELD] = f"Uphold: {describe_figure(measure, Figure(**said))} counts"
        words[DisputeStatus.PARTLY] = "Partly: another figure counts"
    if counted:
        words[DisputeStatus.REJECTED] = f"Reject: {describe_figure(measure, counted)} stays"
    initial = {column: f"{value.normalize():f}" for column, value in said.items()}
    return RuleForm(data, measure=measure, has_figures=counted is not None, words=words, initial=initial)


def decide_form(found: ReliefRequest, data: Any = None) -> DecideOnReliefForm:
    initial = {"granted": f"{found.amount.normalize():f}"}
    return DecideOnReliefForm(data, asked=format_cases(found.amount, found), initial=initial)
