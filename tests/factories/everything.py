"""One row, at least, in every table of an organisation for one vendor: rows that could leak."""

from datetime import UTC, datetime

from audit.actions import FIRST, seal, sign_again
from audit.models import Checkpoint
from breaches.models import Breach
from organisations.models import Vendor
from tests.factories import (
    agreements,
    api,
    breaches,
    contracts,
    dashboards,
    disputes,
    evaluation,
    exports,
    kras,
    measurements,
    notifications,
    organisations,
    scorecards,
    slas,
)
from tests.factories.organisations import anybody, identifier, invitation, presence


def for_vendor(vendor: Vendor) -> None:
    """Made inside an open scope in which the vendor and the client have at least one member each."""
    organisations.settings()
    organisations.logo()
    organisations.api_key(anybody(vendor))
    contract = contracts.contract(vendor)
    period = contracts.periods(contract, count=1)[0]
    contracts.reevaluation(contract)
    contracts.owner(contract, anybody(vendor))
    if not vendor.identifiers.exists():  # one a scheme
        identifier(vendor)
    notifications.invitation_letter(invitation(f"{vendor.code.lower()}-{contract.pk}@example.test", vendor))
    presence(anybody(vendor))
    level = slas.service_level(contract, kra=kras.kra(contract))
    terms = slas.terms(level)
    slas.own_metric(anybody())
    submission = measurements.submission(contract, period.month, by=anybody(vendor))
    measurements.figure(submission, level, period)
    measurements.import_batch(contract, by=anybody(vendor))
    measurements.step(submission, by=anybody(vendor))
    measurements.evidence(submission, service_level=level, added_by=anybody(vendor))
    evaluation.result(terms, period)
    evaluation.past_result(terms, period)
    evaluation.month(period)
    evaluation.triggered_rule(period, then="notify")
    breaches.consequence_step(breaches.consequence(period), anybody())
    evaluation.watermark(contract)
    _breach(vendor, breaches.breach(level, period))
    breaches.ledger_entry(period)
    claim = breaches.approved_claim(
        period, by=anybody(vendor), decided_by=anybody()
    )  # by two, as only they are seen by the vendor
    breaches.waiver_proposal(period, by=anybody(), claim=claim)
    breaches.column_template()
    breaches.reconciliation(by=anybody())
    contracts.extension(period, anybody(vendor))
    disputes.published_month(period)
    disputes.granted_relief(level, period, part="other")
    disputes.entry(disputes.relief_request(level, period, anybody(vendor)), anybody(vendor))
    disputes.hearing_file(disputes.entry(disputes.dispute(level, period, anybody(vendor)), anybody(vendor)))
    api.repeatable_call(anybody(vendor))
    dashboards.opening_view(dashboards.saved_view(anybody(), shared=True), anybody())
    scorecards.scorecard(period)
    scorecards.review_pack(period, by=anybody())
    scorecards.handover(scorecards.published_edition(period, by=anybody()), period, by=anybody())
    scorecards.pack_template(anybody())
    exports.table_export(anybody(vendor))
    scorecards.acceptance(scorecards.publication(period, by=anybody()), anybody(vendor))
    agreements.bulk_revision(contract, anybody())
    sent = agreements.sent(agreements.revision(contract, anybody()), anybody())
    agreements.revision_file(sent, anybody())
    for member in (anybody(), anybody(vendor)):
        notifications.notification(notifications.event(vendor), member)
        notifications.preferences(member)
        notifications.bounce(member)
    sealed_at = datetime(2024, 5, 16, tzinfo=UTC)
    seal(now=sealed_at)
    for of in (None, vendor.pk):  # before everything: nothing is removed
        Checkpoint.objects.create(concerned_vendor_id=of, last_entry=0, hash=FIRST, made_at=sealed_at, signature="")
    sign_again(now=sealed_at)


def _breach(vendor: Vendor, breach: Breach) -> None:
    """What hangs on a breach."""
    plan = breaches.plan(breach, anybody())
    for step in breaches.proposal(plan, anybody(vendor)).steps.all():
        breaches.step_report(step, anybody(vendor))
    breaches.thread_file(breaches.entry(breach, anybody(vendor)))
    breaches.note_file(breaches.note(breach, anybody()))
    breaches.escalation(breach)
    breaches.watcher(breach, anybody())
    breaches.excusal(breach, anybody())
