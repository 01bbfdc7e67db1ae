"""From credit to cash over all contracts that one sees: where everything stands, what lapses next, and what is done about it."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.mine import OwnerFilter, owner_filter
from contracts.models import Contract
from credits import exports
from credits.actions import Chosen, approve_claim, claim_credits, mark_recovered, put_on_invoice
from credits.forms import OnInvoiceForm, RecoveredForm
from credits.models import ColumnTemplate, CreditClaim, Reconciliation
from credits.pages.cash import act_of, rows_of, shape_of, sums_of
from credits.querysets.cash import items, steps_of, totals
from credits.rules import CASH_OPEN, CASH_STEPS, CashState
from lib.errors import Conflict, Refused
from lib.htmx import render_part
from lib.months import month_of
from lib.paging import page_number, page_of
from lib.posts import posted_from
from lib.tables import MOST, Export
from lib.wakeup import wake_workers
from lib.whole_numbers import whole
from organisations.access import allows
from organisations.actions import own_members
from organisations.models import Vendor
from organisations.requests import MemberRequest

PAGE = 50
MOST_CHOSEN = 200
TEMPLATE = "credits/cash.html"
STALE = "This was changed after you opened it. Look at it as it is now, then decide."


class Filters:
    """What the address of the list asks for: `?state=claimed&contract=7&vendor=V-1&show=all&owner=all`."""

    def __init__(self, request: MemberRequest, given: Any) -> None:
        state = given.get("state", "")
        self.state = state if state in CashState.values else ""
        self.every = given.get("show") == "all" and not self.state
        self.contract = self.vendor = None
        if (asked := whole(given.get("contract", ""))) is not None:
            self.contract = get_object_or_404(Contract.objects.select_related("vendor"), pk=asked)
        elif code := given.get("vendor", ""):
            self.vendor = get_object_or_404(Vendor, code=code[:60])
        self.owner: OwnerFilter = owner_filter(given.get("owner", ""), request.membership, timezone.now())
        self.now = timezone.now()

    @property
    def states(self) -> list[str]:
        return [self.state] if self.state else list(CashState.values) if self.every else list(CASH_OPEN)

    @property
    def contracts(self) -> list[int] | None:
        """The contracts that are left; None: all. One statement at most."""
        if self.contract:
            return [self.contract.pk]
        if self.vendor:
            return list(self.owner.of(Contract.objects.filter(vendor=self.vendor)).values_list("pk", flat=True))
        return self.owner.contracts

    @property
    def narrow(self) -> dict[str, str]:
        """What the steps' links keep."""
        kept = {"contract": str(self.contract.pk)} if self.contract else {}
        return kept | ({"vendor": self.vendor.code} if self.vendor else {}) | self.owner.kept

    @property
    def kept(self) -> dict[str, str]:
        state = {"state": self.state} if self.state else {"show": "all"} if self.every else {}
        return {**state, **self.narrow}


@require_safe
@allows("ledger.view")
def credits(request: MemberRequest, organisation: str) -> HttpResponseBase:
    """The steps, the parts that are open or in one state, and what lapses next. `?export=csv&template=3` makes the file of the list."""
    filters = Filters(request, request.GET)
    export = _export(request, filters)
    if not export:
        return show(request, filters)
    found = items(filters.contracts, filters.now, filters.states, limit=MOST + 1)
    return export.answer(lambda: exports.cash_rows(found), len(found))


def _export(request: MemberRequest, filters: Filters) -> Export:
    columns = list(exports.CASH_COLUMNS)
    number = whole(request.GET.get("template", ""))
    if number is not None and not request.membership.is_vendor:
        columns = exports.chosen_columns(get_object_or_404(ColumnTemplate, pk=number).columns)
    return Export.asked("credits", columns, request.GET, filters.kept)


def show(request: MemberRequest, filters: Filters, status: int = 200, **more: Any) -> HttpResponse:
    """The page, or its part. `more` may bring a form back as it was filled in, `refused`, and the keys that were chosen."""
    member, contracts = request.membership, filters.contracts
    every = totals(contracts, filters.now)
    count = sum(one.months for one in every if one.state in filters.states)
    page = page_of((), count, PAGE, page_number(request.GET.get("page", "")))
    found = items(
        contracts, filters.now, filters.states, limit=PAGE, offset=max(page.start_index() - 1, 0)
    )  # fmt: skip
    act = act_of(filters.state, member)
    rows = rows_of(found, member, act, own_members(member) if act == "approve" else ())
    today = filters.contract.day(filters.now) if filters.contract else filters.now.date()
    context = {
        "filters": filters,
        "page": page,
        "rows": rows,
        "act": act if any(row.tick for row in rows) else "",
        "ticked": more.pop("ticked", None),
        "steps": [_step(one, filters) for one in steps_of(every)],
        "others": [
            _step(one, filters)
            for one in steps_of(every, [state for state in CashState if state not in CASH_STEPS])
            if one.months
        ],
        "sums": sums_of(every),
        "lapsing": rows_of(
            items(filters.owner.contracts, filters.now, [CashState.CLAIMABLE], limit=5, lapsing=True), member, ""
        ),
        "owners": filters.owner.choices({key: text for key, text in filters.kept.items() if key != "owner"}),
        "act_url": _act_url(act, member.organisation.slug),
        "open_query": urlencode(filters.narrow),
        "query": "".join(f"{urlencode({name: value})}&" for name, value in filters.kept.items()),
        "export": _export(request, filters),
        "templates": [] if member.is_vendor else list(ColumnTemplate.objects.order_by("name")),
        "last": None if member.is_vendor else Reconciliation.objects.filter(status="booked").order_by("-pk").first(),
        "may_reconcile": member.may("credit.invoice"),
        "form": _form(act, today.isoformat()),
        **more,
    }
    return render_part(request, TEMPLATE, "credits", context, status)


def _act_url(act: str, slug: str) -> str:
    return reverse(f"credits-{act}", args=[slug]) if act else ""


def _step(step: Any, filters: Filters) -> dict[str, Any]:
    look, shape = shape_of(step)
    on = filters.state == step.state
    state = {} if on else {"state": step.state}
    return {"step": step, "look": look, "shape": shape, "on": on, "url": f"?{urlencode({**state, **filters.narrow})}"}


def _form(act: str, today: str) -> Any:
    if act == "invoice":
        return OnInvoiceForm(initial={"on": today})
    return RecoveredForm(initial={"on": today}) if act == "recover" else None


# What is done about the chosen -------------------------------------------------------------------------------------


def _keys(request: MemberRequest) -> list[list[str]]:
    """What was chosen, as `Item.key` writes it; what no form of ours carries is left out."""
    parts = [key.split(":") for key in request.POST.getlist("chosen")[:MOST_CHOSEN]]
    return [part for part in parts if len(part) == 3 and whole(part[0]) is not None]


def amount_seen(text: str) -> Decimal:
    try:
        found = Decimal(text) if len(text) < 30 else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Conflict("version", STALE)
    return found


def _act(request: MemberRequest, act: Callable[[], int], said: str, form: Any = None) -> HttpResponse:
    """Do it and go back to the list; a refusal is said on the page, with what was chosen still chosen."""
    filters = Filters(request, request.POST)
    chosen = set(request.POST.getlist("chosen"))
    more = {"form": form} if form is not None else {}
    if form is not None and not form.is_valid():
        return show(request, filters, 422, ticked=chosen, **more)
    try:
        count = act()
    except Refused as refused:
        return show(request, filters, refused.status, refused=refused.sentence, ticked=chosen, **more)
    if not count:
        return show(request, filters, 422, refused="Choose at least one month.", **more)
    wake_workers(request.membership.organisation_id)
    messages.success(request, f"{count} credit{'' if count == 1 else 's'} {said}")
    return redirect(f"{reverse('credits', args=[request.membership.organisation.slug])}?{urlencode(filters.kept)}")


def _claims(request: MemberRequest) -> list[tuple[CreditClaim, int, Decimal]]:
    """The chosen claims with the version and the amount that were seen; 404 for one that is not there."""
    keys = {int(pk): (version, amount) for pk, version, amount in _keys(request)}
    found = CreditClaim.objects.select_related("contract").in_bulk(list(keys))
    claims = []
    for pk, (version, amount) in sorted(keys.items()):
        if pk not in found:
            raise Conflict("claim", "A claim that you chose is not here any more. Look at the list as it is now.")
        seen = whole(version, 9)
        claims.append((found[pk], -1 if seen is None else seen, amount_seen(amount)))
    return claims


@posted_from("credits")
@allows("credit.claim")
def claim_chosen(request: MemberRequest, organisation: str) -> HttpResponse:
    """Claim the chosen months, all or none."""

    def act() -> int:
        keys = _keys(request)
        contracts = Contract.objects.in_bulk([int(pk) for pk, _, _ in keys])
        chosen = []
        for pk, text, amount in keys:
            contract, month = contracts.get(int(pk)), month_of(text)
            if contract is None or month is None:
                raise Conflict("version", STALE)
            chosen.append(Chosen(contract, month, amount_seen(amount)))
        return len(claim_credits(by=request.membership, chosen=chosen)) if chosen else 0

    return _act(request, act, "claimed. A colleague approves.")


@posted_from("credits")
@allows("credit.approve_claim")
def approve_chosen(request: MemberRequest, organisation: str) -> HttpResponse:
    """Approve the chosen claims, all or none."""

    def act() -> int:
        done = [
            approve_claim(by=request.membership, claim=claim, seen=seen, amount=amount)
            for claim, seen, amount in _claims(request)
        ]
        return len(done)

    return _act(request, act, "approved")


@posted_from("credits")
@allows("credit.invoice")
def invoice_chosen(request: MemberRequest, organisation: str) -> HttpResponse:
    """Record that one invoice takes the chosen claims off."""
    form = OnInvoiceForm(request.POST)

    def act() -> int:
        done = [
            put_on_invoice(by=request.membership, claim=claim, seen=seen, amount=amount, **form.cleaned_data)
            for claim, seen, amount in _claims(request)
        ]
        return len(done)

    return _act(request, act, "on the invoice", form)


@posted_from("credits")
@allows("credit.invoice")
def recover_chosen(request: MemberRequest, organisation: str) -> HttpResponse:
    """Record that the money of the chosen claims has arrived."""
    form = RecoveredForm(request.POST)

    def act() -> int:
        done = [
            mark_recovered(by=request.membership, claim=claim, seen=seen, **form.cleaned_data)
            for claim, seen, _ in _claims(request)
        ]
        return len(done)

    return _act(request, act, "recovered", form)
