"""Every address × method × foreign id: closed to staff of another organisation, to people of another vendor, to disabled
members; who is not signed in is sent to sign in. And not by being broken: its own people are answered."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, include, path, reverse

from contracts.models import Contract
from organisations.access import allows
from organisations.actions import make_key
from organisations.models import Membership
from tests.cast import Cast
from tests.isolation.addresses import CLOSED, addresses, answers, names_rows, open_to_foreigners, own_values

OURS = addresses()
INSIDE = [address for address in OURS if address.of_organisation]
WITH_ROWS = [address for address in INSIDE if names_rows(address)]
OUTSIDE = [address for address in OURS if not address.of_organisation]
# Programs read a feed without signing in: who has the secret address is whose feed it is, in all their organisations. It names no row.
BY_SECRET = "calendar/<str:secret>.ics"


def test_rows_of_organisations_are_named_below_their_address_only() -> None:
    assert [str(address) for address in OUTSIDE if address.arguments] == [BY_SECRET]


def test_staff_of_another_organisation(rows: Cast, client_for: Callable, subtests: pytest.Subtests) -> None:
    otto = client_for(rows.otto)
    for address in INSIDE:
        with subtests.test(str(address)):
            assert open_to_foreigners(address, own_values(address, rows.marco), otto) == []


def test_rows_of_another_organisation_at_ones_own_address(
    rows: Cast, client_for: Callable, subtests: pytest.Subtests
) -> None:
    otto = client_for(rows.otto)
    for address in WITH_ROWS:
        with subtests.test(str(address)):
            foreign = own_values(address, rows.marco)
            foreign[next(iter(foreign))] = rows.brightwater.slug
            assert open_to_foreigners(address, foreign, otto) == []


def test_a_contact_of_another_vendor(rows: Cast, client_for: Callable, subtests: pytest.Subtests) -> None:
    hana = client_for(rows.hana)
    for address in WITH_ROWS:
        with subtests.test(str(address)):
            assert open_to_foreigners(address, own_values(address, rows.vera), hana) == []


def test_a_disabled_member(rows: Cast, client_for: Callable, scope_of: Callable, subtests: pytest.Subtests) -> None:
    with scope_of(rows.aldermoor):
        Membership.objects.filter(pk=rows.marco.pk).update(is_active=False)
    marco = client_for(rows.marco)
    for address in INSIDE:
        with subtests.test(str(address)):
            assert open_to_foreigners(address, own_values(address, rows.marco), marco) == []


# With keys: an address of the API is as closed to a key as to its people, and shows it what it shows them.


def by_key(owner: Membership, scope_of: Callable, scope: str = "report", name: str = "A program") -> Client:
    now = datetime.now(UTC)
    with scope_of(owner):
        _, secret = make_key(by=owner, name=name, scope=scope, expires_at=now + timedelta(days=1), now=now)
    return Client(headers={"Authorization": f"Bearer {secret.text}"})


OF_API = [address for address in INSIDE if "/api/" in str(address)]


def test_keys_of_another_organisation(rows: Cast, scope_of: Callable, subtests: pytest.Subtests) -> None:
    otto = by_key(rows.otto, scope_of)
    for address in OF_API:
        with subtests.test(str(address)):
            values = own_values(address, rows.marco)
            for answer in answers(address, values, otto).values():
                assert answer.status_code == 401
            values[next(iter(values))] = rows.brightwater.slug
            if address in WITH_ROWS:
                assert open_to_foreigners(address, values, otto) == []


def test_keys_of_another_vendor(rows: Cast, scope_of: Callable, subtests: pytest.Subtests) -> None:
    hana = by_key(rows.hana, scope_of)
    for address in [address for address in OF_API if address in WITH_ROWS]:
        with subtests.test(str(address)):
            assert open_to_foreigners(address, own_values(address, rows.vera), hana) == []


def test_a_key_sees_what_its_people_see(
    rows: Cast, client_for: Callable, scope_of: Callable, subtests: pytest.Subtests
) -> None:
    for owner in (rows.vera, rows.marco):
        person, program = client_for(owner), by_key(owner, scope_of, name=f"Of {owner.name}")
        for address in OF_API:
            with subtests.test(f"{address} {owner}"):
                values = own_values(address, rows.vera)
                if address.view.action == "key.manage":
                    continue
                seen = person.get(address.path(values))
                shown = seen.getvalue()  # before the next call: both read the same file
                read = program.get(address.path(values))
                assert read.status_code == seen.status_code
                if seen.status_code == 200:
                    assert read.getvalue() == shown


def test_keys_open_nothing_but_the_api(rows: Cast, scope_of: Callable, subtests: pytest.Subtests) -> None:
    marco = by_key(rows.marco, scope_of, scope="manage")
    for address in INSIDE:
        if address not in OF_API:
            with subtests.test(str(address)):
                assert answers(address, own_values(address, rows.marco), marco, ("GET",))["GET"].status_code == 302


def test_who_is_not_signed_in(rows: Cast, client: Client, subtests: pytest.Subtests) -> None:
    for address in INSIDE:
        with subtests.test(str(address)):
            for answer in answers(address, own_values(address, rows.marco), client).values():
                if "/api/" in str(address):
                    assert answer.status_code == 401
                else:
                    assert answer.status_code == 302
                    assert answer["Location"].startswith("/account/login/?next=/o/")


def test_its_own_people_are_answered(rows: Cast, client_for: Callable, subtests: pytest.Subtests) -> None:
    """Or else the others were only refused because nobody finds anything there, or because it fails for everybody."""
    people = [
        client_for(member, raise_request_exception=False) for member in (rows.marco, rows.petra, rows.vera, rows.ada)
    ]
    for address in WITH_ROWS:
        with subtests.test(str(address)):
            values = own_values(address, rows.vera)
            statuses: set[int] = set()
            for client in people:
                methods = ("POST",) if hasattr(address.view, "posted_from") else ("GET", "POST")
                statuses |= {a.status_code for a in answers(address, values, client, methods).values()}
                if statuses - CLOSED:
                    break
            assert statuses - CLOSED, f"Nobody is let in: {statuses}"
            assert max(statuses) < 500


def test_what_takes_forms_leads_to_their_page(rows: Cast, client_for: Callable, subtests: pytest.Subtests) -> None:
    """Whoever opens it, from a bookmark or after signing in, sees the page and no refusal of the method."""
    people = [client_for(member) for member in (rows.marco, rows.petra, rows.vera, rows.ada)]
    for address in OURS:
        if "/api/" in str(address):
            continue
        with subtests.test(str(address)):
            path = address.path(own_values(address, rows.vera))
            posted = hasattr(address.view, "posted_from")
            for one in people:
                answer = one.get(path, follow=posted)
                assert answer.status_code != 405
                if answer.redirect_chain and answer.status_code == 200 if posted else answer.status_code != 403:
                    break
            else:
                assert not posted, "It leads nobody to a page."


def test_what_was_typed_is_kept_at_every_address(rows: Cast, client: Client, subtests: pytest.Subtests) -> None:
    """A session that ended meanwhile: the form comes back in a page, to be sent again, whatever it is for."""
    for address in OURS:
        path = address.path(own_values(address, rows.vera))
        if "/api/" in path or not path.startswith("/o/"):
            continue
        with subtests.test(str(address)):
            answer = client.post(path, {"note": "Two came late."}, headers={"origin": "http://testserver"})
            assert answer.status_code == 401
            assert 'name="note" value="Two came late."' in answer.content.decode()


def test_no_page_of_an_account_refuses_to_be_opened(rows: Cast, client_for: Callable, client: Client) -> None:
    for one in (client, client_for(rows.marco)):
        for address in _of_accounts():
            assert one.get(address).status_code not in (405, 500), address


def _of_accounts() -> list[str]:
    """The sign-in package's addresses that have no argument."""
    found = get_resolver().url_patterns
    (package,) = [one for one in found if str(one.pattern) == "account/"]
    names = [name for name in package.reverse_dict if isinstance(name, str)]
    return [reverse(name) for name in names if not package.reverse_dict[name][0][0][1]]


def test_outside_the_organisations_one_must_be_signed_in(cast: Cast, client: Client, subtests: pytest.Subtests) -> None:
    for address in OUTSIDE:
        if getattr(address.view, "access", "") != "all":
            with subtests.test(str(address)):
                assert client.get(address.path({})).status_code in (302, 405)


# The test's own test: two views with holes, one without. ---------------------------------------------------------


@allows("contract.view")
def honest(request: HttpRequest, slug: str, contract: int) -> HttpResponse:
    found = Contract.objects.filter(pk=contract).first()
    return HttpResponse(found.reference if found else "", status=200 if found else 404)


@allows("contract.view")
def says_too_much(request: HttpRequest, slug: str, contract: int) -> HttpResponse:
    return HttpResponse(f"There is no contract {contract} here, or not for you.")


@allows("contract.view")
def unnamed(request: HttpRequest, slug: str, thing: int) -> HttpResponse:
    return HttpResponse(status=404)


urlpatterns = [
    path("o/<slug:slug>/honest/<int:contract>/", honest),
    path("o/<slug:slug>/holes/<int:contract>/", says_too_much),
    path("o/<slug:slug>/unnamed/<int:thing>/", unnamed),
    path("", include("config.urls")),
]


def test_holes_are_found(rows: Cast, client_for: Callable, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    holes, honestly, unknown = (address for address in addresses(__name__) if address.view.__module__ == __name__)
    foreign = own_values(honestly, rows.vera)
    assert open_to_foreigners(honestly, foreign, client_for(rows.hana)) == []
    assert len(open_to_foreigners(holes, foreign, client_for(rows.hana))) == 5
    assert answers(honestly, foreign, client_for(rows.vera))["GET"].status_code == 200
    with pytest.raises(LookupError, match="<thing>"):
        own_values(unknown, rows.vera)
