"""People's pages, and what an administrator changes there."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail
from django.utils import timezone

from lib.errors import Conflict, NotAllowed, RuleBroken
from notifications.actions import deliver_invitations
from notifications.models import InvitationLetter
from organisations.actions import change_role, disable_member, invite, rejoin_member
from organisations.models import Invitation, Membership, Presence, User
from organisations.rules import Factor, InvitationStatus, Role
from tests.cast import Cast
from tests.factories import contracts
from tests.factories import organisations as make

Scopes = Callable[..., Any]
PASSWORD = "a plumb line and a level"


# Actions -----------------------------------------------------------------------------------------------------------


def test_a_role_is_changed_on_its_own_side(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.ada):
        change_role(by=cast.ada, member=cast.marco, role=Role.PROCUREMENT, version=1)
        assert (cast.marco.role, cast.marco.version) == (Role.PROCUREMENT, 2)
        change_role(by=cast.ada, member=cast.petra, role=Role.ADMINISTRATOR, version=1)
        assert Membership.objects.get(pk=cast.petra.pk).role == Role.ADMINISTRATOR
        with pytest.raises(Conflict, match="Somebody else changed"):
            change_role(by=cast.ada, member=cast.marco, role=Role.AUDITOR, version=1)
        for role in (Role.VENDOR_MANAGER, "owner"):
            with pytest.raises(RuleBroken):
                change_role(by=cast.ada, member=cast.marco, role=role, version=2)
        with pytest.raises(RuleBroken):
            change_role(by=cast.ada, member=cast.vera, role=Role.AUDITOR, version=1)
        assert Membership.objects.get(pk=cast.marco.pk).role == Role.PROCUREMENT


@pytest.mark.parametrize("act", ["change", "disable"])
def test_the_last_administrator_stays(act: str, cast: Cast, scope_of: Scopes) -> None:
    given = {"by": cast.ada, "member": cast.ada, "version": 1}
    leave = disable_member if act == "disable" else lambda **more: change_role(role=Role.AUDITOR, **more)
    gone, iris = make.user("Gone Away"), make.user("Iris Second")
    with scope_of(cast.ada):
        # A disabled administrator and a key do not count.
        make.member(gone, Role.ADMINISTRATOR, is_active=False)
        Membership.objects.create(user=None, role=Role.ADMINISTRATOR, name="A key", email="")
        with pytest.raises(RuleBroken, match="only administrator"):
            leave(**given)
        assert Membership.objects.get(pk=cast.ada.pk).role == Role.ADMINISTRATOR
        assert Membership.objects.get(pk=cast.ada.pk).is_active
        make.member(iris, Role.ADMINISTRATOR)
        leave(**given)
        assert not Membership.objects.filter(pk=cast.ada.pk, is_active=True, role=Role.ADMINISTRATOR).exists()


def test_who_is_disabled_may_rejoin(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.ada):
        disable_member(by=cast.ada, member=cast.ravi, version=1)
        with pytest.raises(RuleBroken):
            change_role(by=cast.ada, member=cast.ravi, role=Role.VENDOR_MANAGER, version=2)
        rejoin_member(by=cast.ada, member=cast.ravi, role=Role.VENDOR_MANAGER, version=2)
        assert (cast.ravi.is_active, cast.ravi.role) == (True, Role.VENDOR_MANAGER)
        with pytest.raises(RuleBroken):
            rejoin_member(by=cast.ada, member=cast.ravi, role=Role.VENDOR_MANAGER, version=3)


@pytest.mark.parametrize("who", ["petra", "marco", "olu", "vera"])
def test_nobody_else_changes_people(who: str, cast: Cast, scope_of: Scopes) -> None:
    member = getattr(cast, who)
    with scope_of(member):
        for act in (disable_member, lambda **given: change_role(role=Role.AUDITOR, **given)):
            with pytest.raises(NotAllowed):
                act(by=member, member=cast.ravi, version=1)
        assert Membership.objects.get(pk=cast.ravi.pk).is_active


# Pages -------------------------------------------------------------------------------------------------------------


def names(answer: Any) -> list[str]:
    return [row["member"].name for row in answer.context["rows"]]


def test_staff_see_everybody_in_lists(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    gone = make.user("Gone Away")
    with scope_of(cast.aldermoor):
        make.member(gone, Role.AUDITOR, is_active=False)
        contracts.owner(contracts.contract(cast.corvid), cast.marco)
    ada = client_for(cast.ada)
    page = ada.get("people/")
    assert names(page) == ["Ada Whitcombe", "Marco Bellini", "Olu Adeyemi", "Petra Sandgren"]
    assert [row["charges"] for row in page.context["rows"]] == [0, 1, 0, 0]
    assert names(ada.get("people/?show=vendors")) == ["Ravi Menon", "Vera Novak", "Hana Kowalska"]
    assert names(ada.get("people/?show=disabled")) == ["Gone Away"]
    assert names(ada.get("people/?show=vendors&q=corvid")) == ["Ravi Menon", "Vera Novak"]
    assert "Nobody with these words" in ada.get("people/?q=zzz").content.decode()


def test_a_vendor_s_manager_sees_colleagues_only(cast: Cast, client_for: Callable) -> None:
    page = client_for(cast.vera).get("people/?show=staff")
    assert names(page) == ["Ravi Menon", "Vera Novak"]
    html = page.content.decode()
    assert "Halden" not in html and "Ada" not in html
    assert [value for value, *_ in page.context["form"].role_choices] == ["vendor_manager", "vendor_reporter"]
    assert client_for(cast.ravi).get("people/").status_code == 403


def test_keys_are_no_people(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    with scope_of(cast.aldermoor):
        Membership.objects.create(user=None, role=Role.AUDITOR, name="A key", email="")
    assert "A key" not in names(client_for(cast.ada).get("people/"))


def test_the_same_number_of_statements_for_one_row_and_three(
    cast: Cast, scope_of: Scopes, client_for: Callable, django_assert_num_queries: Any
) -> None:
    ada = client_for(cast.ada)
    for count in (1, 2):
        people = [make.user(f"{count}{n} Person", f"p{count}{n}@example.test") for n in range(count)]
        with scope_of(cast.aldermoor):
            for number, person in enumerate(people):
                make.invitation(f"{count}{number}@example.test", cast.corvid)
                make.member(person, Role.AUDITOR)
        with django_assert_num_queries(12):
            assert len(ada.get("people/").context["invitations"]) in (1, 3)


def test_the_door_notes_who_was_here(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    marco = client_for(cast.marco)
    with scope_of(cast.aldermoor):
        Presence.objects.filter(member=cast.marco).update(seen_at=timezone.now() - timedelta(hours=3))
    Authenticator.objects.create(user=cast.marco.user, type=Authenticator.Type.TOTP, data={})
    marco.get("inbox/")
    rows = client_for(cast.ada).get("people/").context["rows"]
    found = next(row for row in rows if row["member"].name == "Marco Bellini")
    assert (found["factor"], found["look"]) == (Factor.CODE.label, "met")
    assert timezone.now() - found["seen_at"] < timedelta(minutes=1)


def test_an_administrator_changes_a_role_on_the_page(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    ada = client_for(cast.ada)
    page = ada.get(f"people/{cast.marco.pk}/")
    assert page.context["chosen"] == Role.ACCOUNT_MANAGER
    given = {"role": Role.PROCUREMENT, "version": 1}
    assert ada.post(f"people/{cast.marco.pk}/", given).status_code == 302
    late = ada.post(f"people/{cast.marco.pk}/", {**given, "role": Role.AUDITOR})
    assert late.status_code == 409
    assert "Nothing was changed." in late.content.decode()
    assert late.context["chosen"] == Role.AUDITOR
    for bad in ({}, {"role": "owner", "version": 2}, {"role": "auditor"}):
        assert ada.post(f"people/{cast.marco.pk}/", bad).status_code == 422
    with scope_of(cast.aldermoor):
        assert Membership.objects.get(pk=cast.marco.pk).role == Role.PROCUREMENT
    last = ada.post(f"people/{cast.ada.pk}/disable/", {"version": 1})
    assert last.status_code == 422
    assert "only administrator" in last.content.decode()


def test_who_is_disabled_is_out_at_once(cast: Cast, client_for: Callable) -> None:
    marco, ada = client_for(cast.marco), client_for(cast.ada)
    assert marco.get("inbox/").status_code == 200
    assert ada.post(f"people/{cast.marco.pk}/disable/", {"version": 1}).status_code == 302
    assert marco.get("inbox/").status_code == 404
    ada.post(f"people/{cast.marco.pk}/", {"role": Role.ACCOUNT_MANAGER, "version": 2})
    assert client_for(cast.marco).get("inbox/").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"addresses": "", "role": "auditor"}, "Enter at least one address"),
        ({"addresses": "nora@", "role": "auditor"}, "not an e-mail address"),
        ({"addresses": "nora@example.test"}, "Choose a role"),
        ({"addresses": "nora@example.test", "role": "vendor_manager"}, "Choose the vendor"),
        ({"addresses": "nora@example.test", "role": "auditor", "vendor": "CORVID"}, "Choose no vendor"),
        (
            {"addresses": "nora@example.test\nmarco@example.test", "role": "auditor"},
            "Line 2: marco@example.test is Marco",
        ),
    ],
)
def test_what_cannot_be_invited_stays_in_the_form(
    given: dict[str, str], said: str, cast: Cast, client_for: Callable, scope_of: Scopes
) -> None:
    answer = client_for(cast.ada).post("people/invite/", given)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html
    with scope_of(cast.aldermoor):
        assert not Invitation.objects.exists()


def test_who_is_in_charge_of_nothing_is_told_so(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    marco = client_for(cast.marco)
    page = marco.get("people/")
    assert page.context["form"] is None
    assert "as soon as you are in charge" in page.content.decode()
    given = {"addresses": "nora@example.test", "role": "vendor_manager", "vendor": "CORVID"}
    assert marco.post("people/invite/", given).status_code == 302
    with scope_of(cast.aldermoor):
        assert not Invitation.objects.exists()


def test_who_invites_acts_on_invitations_of_vendors_they_hold(
    cast: Cast, client_for: Callable, scope_of: Scopes
) -> None:
    """Account managers see all invitations; the buttons stand beside those that they may act on, and the others refuse."""
    with scope_of(cast.aldermoor):
        contracts.owner(contracts.contract(cast.corvid), cast.marco)
        ours = make.invitation("ours@example.test", cast.corvid)
        theirs = make.invitation("theirs@example.test", cast.halden)
        staff = make.invitation("staff@example.test")
    marco = client_for(cast.marco)
    page = marco.get("people/")
    acts = {row["invitation"].email for row in page.context["invitations"] if row["may_act"]}
    assert acts == {"ours@example.test"}
    assert [vendor.code for vendor in page.context["form"].vendors] == ["CORVID"]
    for act in ("resend", "revoke"):
        for one in (theirs, staff):
            assert marco.post(f"people/invitations/{one.pk}/{act}/").status_code == 403
    assert marco.post(f"people/invitations/{ours.pk}/resend/").status_code == 302
    assert marco.post(f"people/invitations/{ours.pk}/revoke/").status_code == 302
    forged = {"addresses": "nora@example.test", "role": "vendor_manager", "vendor": "HALDEN"}
    assert marco.post("people/invite/", forged).status_code == 422
    assert marco.post("people/invite/", {"addresses": "nora@example.test", "role": "auditor"}).status_code == 422
    with scope_of(cast.aldermoor):
        assert {one.edition for one in Invitation.objects.exclude(pk=ours.pk)} == {1}
        assert set(Invitation.objects.undecided().values_list("email", flat=True)) == {theirs.email, staff.email}


def test_a_vendor_s_manager_invites_colleagues_and_learns_nothing_of_others(
    cast: Cast, client_for: Callable, scope_of: Scopes
) -> None:
    """Whether an address belongs to the client's people or another vendor's makes no difference to what is answered."""
    vera = client_for(cast.vera)
    answers = []
    for address in ("nobody@example.test", cast.marco.email, cast.hana.email, cast.otto.email):
        done = vera.post("people/invite/", {"addresses": address, "role": "vendor_reporter"}, follow=True)
        answers.append((done.status_code, done.redirect_chain))
    assert len({str(one) for one in answers}) == 1
    with scope_of(cast.aldermoor):
        assert set(Invitation.objects.values_list("vendor", "role")) == {(cast.corvid.pk, "vendor_reporter")}
        other = make.invitation("x@example.test", cast.halden)
        staff = make.invitation("y@example.test")
    for one in (other, staff):
        assert vera.post(f"people/invitations/{one.pk}/revoke/").status_code == 404
    # A forged vendor or role is none of the choices.
    forged = {"addresses": "z@example.test", "role": "vendor_reporter", "vendor": "HALDEN"}
    assert vera.post("people/invite/", forged).status_code == 422
    assert vera.post("people/invite/", {"addresses": "z@example.test", "role": "auditor"}).status_code == 422
    with scope_of(cast.aldermoor):
        assert not Invitation.objects.filter(email="z@example.test").exists()


def test_everybody_reads_the_whole_table(cast: Cast, client_for: Callable) -> None:
    for member in (cast.ada, cast.olu, cast.marco, cast.vera, cast.ravi):
        html = client_for(member).get("roles/").content.decode()
        assert "Accept or return submitted figures" in html
        assert html.count('<th scope="col" class="c">') == 6


# From the letter to the first page ---------------------------------------------------------------------------------


def sent(scope_of: Scopes, cast: Cast) -> str:
    """Deliver what is due; the address in the last letter."""
    deliver_invitations(scope=lambda: scope_of(cast.aldermoor))
    return re.search(r"https?://[^/]+(/invitation/\?key=\S+)", mail.outbox[-1].body)[1]  # type: ignore[index]


def test_from_the_letter_to_the_first_page(cast: Cast, client_for: Callable, client: Any, scope_of: Scopes) -> None:
    given = {"addresses": "Nora@example.test", "role": "auditor", "note": "Welcome\nBcc: x@example.test"}
    assert client_for(cast.ada).post("people/invite/", given).status_code == 302
    link = sent(scope_of, cast)
    letter = mail.outbox[-1]
    assert letter.to == ["nora@example.test"]
    assert "Ada Whitcombe invites you to Aldermoor Energy on Plumbline, as auditor." in letter.body
    assert re.search(r"until \w{3} [0-9]+ \w{3} [0-9]{4}, [0-9:]{5} UTC, and for", letter.body)
    assert "“Welcome Bcc: x@example.test”" in letter.body

    answer = client.get(link)
    assert (answer.status_code, answer["Location"]) == (302, "/invitation/")
    page = client.get("/invitation/").content.decode()
    assert "Aldermoor Energy invites you" in page
    weak = client.post("/invitation/", {"name": "Nora Quist", "password": "short"})
    assert weak.status_code == 422
    assert not User.objects.filter(email="nora@example.test").exists()
    done = client.post("/invitation/", {"name": "Nora Quist", "password": PASSWORD})
    assert (done.status_code, done["Location"]) == (302, "/o/aldermoor/")
    assert client.get("/o/aldermoor/people/").status_code == 200
    # Once only, also from the start.
    assert client.get(link, follow=True).status_code == 410
    with scope_of(cast.aldermoor):
        assert Invitation.objects.get().status == InvitationStatus.ACCEPTED


def test_who_has_an_account_signs_in_first(cast: Cast, client_for: Callable, client: Any, scope_of: Scopes) -> None:
    client_for(cast.ada).post("people/invite/", {"addresses": cast.otto.email, "role": "auditor"})
    link = sent(scope_of, cast)
    page = client.get(link, follow=True).content.decode()
    assert "/account/login/?next=/invitation/" in page
    # No account is made beside, and nobody gets in without the password.
    answer = client.post("/invitation/", {"name": "Otto", "password": PASSWORD})
    assert answer.status_code == 200
    client.force_login(cast.marco.user)
    client.get(link)
    assert client.post("/invitation/").status_code == 422
    otto = client_for(cast.otto)
    assert "Accept as" in otto.get(link, follow=True).content.decode()
    assert otto.post("/invitation/")["Location"] == "/o/aldermoor/"
    with scope_of(cast.aldermoor):
        assert Membership.objects.get(user=cast.otto.user).role == Role.AUDITOR


def test_links_that_do_not_work_are_answered_alike(cast: Cast, client: Any) -> None:
    answers = [client.get(f"/invitation/?key={key}", follow=True) for key in ("x", "a:b:c", "WzEsMSwxXQ:x:y")]
    assert {answer.status_code for answer in answers} == {410}
    token = re.compile(rb"\b[A-Za-z0-9]{64}\b")
    assert len({token.sub(b"", answer.content) for answer in answers}) == 1


def test_a_task_whose_time_is_up_ends_although_it_was_inviting(
    cast: Cast, client_for: Callable, scope_of: Scopes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_for(cast.ada).post("people/invite/", {"addresses": "nora@example.test", "role": "auditor"})

    def slow(self: Any, messages: Any) -> int:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", slow)
    with pytest.raises(SoftTimeLimitExceeded):
        deliver_invitations(scope=lambda: scope_of(cast.aldermoor))
    with scope_of(cast.aldermoor):
        letter = InvitationLetter.objects.get()
        assert letter.sent_at is None and letter.leased_until


def test_a_letter_is_sent_once_and_again_on_request(cast: Cast, client_for: Callable, scope_of: Scopes) -> None:
    ada = client_for(cast.ada)
    ada.post("people/invite/", {"addresses": "nora@example.test", "role": "auditor"})
    first = sent(scope_of, cast)
    deliver_invitations(scope=lambda: scope_of(cast.aldermoor))
    assert len(mail.outbox) == 1
    with scope_of(cast.aldermoor):
        pk = Invitation.objects.get().pk
    assert ada.post(f"people/invitations/{pk}/resend/").status_code == 302
    assert sent(scope_of, cast) != first
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2
    assert ada.post(f"people/invitations/{pk}/revoke/").status_code == 302
    assert ada.post(f"people/invitations/{pk}/revoke/").status_code == 409


def test_a_letter_names_the_vendor_for_which_somebody_is_invited(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.ada):
        given = {"email": "nora@example.test", "role": Role.VENDOR_MANAGER, "vendor": cast.corvid}
        invite(by=cast.ada, now=timezone.now(), **given)
    deliver_invitations(scope=lambda: scope_of(cast.aldermoor))
    assert "as vendor manager for Corvid Systems." in mail.outbox[0].body


def test_a_letter_that_fails_is_tried_again_and_said(
    cast: Cast, client_for: Callable, scope_of: Scopes, settings: Any
) -> None:
    with scope_of(cast.aldermoor):
        make.invitation()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 9  # nobody listens
    now = timezone.now()
    for _ in range(8):
        deliver_invitations(scope=lambda: scope_of(cast.aldermoor), clock=lambda now=now: now)
        now += timedelta(hours=4)
    with scope_of(cast.aldermoor):
        letter = InvitationLetter.objects.get()
        assert letter.given_up_at is not None and letter.tries == 8 and letter.last_error
    assert "could not be delivered" in client_for(cast.ada).get("people/").content.decode()


def test_whoever_is_disabled_is_changed_only_by_rejoining(cast: Cast, scope_of: Scopes) -> None:
    with scope_of(cast.ada):
        disable_member(by=cast.ada, member=cast.marco, version=1)
        with pytest.raises(RuleBroken, match="is disabled already"):
            disable_member(by=cast.ada, member=cast.marco, version=2)
        with pytest.raises(RuleBroken, match="Let Marco"):
            change_role(by=cast.ada, member=cast.marco, role=Role.AUDITOR, version=2)
        kept = Membership.objects.get(pk=cast.marco.pk)
        assert (kept.role, kept.version, kept.is_active) == (Role.ACCOUNT_MANAGER, 2, False)
