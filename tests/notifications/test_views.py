"""One's own inbox: the page, the panel, opening and marking as read."""

import pytest

from notifications.models import Notification
from tests.factories import notifications

PANEL = {"HX-Request": "true", "HX-Target": "section#inbox-panel"}


@pytest.fixture
def delivered(cast, scope_of):
    """Three for Marco (the last one read), one for Ada."""
    with scope_of(cast.aldermoor):
        make = {
            "breach": notifications.event(cast.corvid, key="breach:5:opened:x", path="breaches/5/"),
            "late": notifications.event(
                cast.corvid, kind="late", title="May figures late", path="contracts/1/2024-05/"
            ),
            "read": notifications.event(cast.corvid, kind="accepted", title="May figures accepted"),
        }
        mine = {name: notifications.notification(event, cast.marco) for name, event in make.items()}
        Notification.objects.filter(pk=mine["read"].pk).update(read_at="2024-05-17T00:00Z")
        return mine | {"ada": notifications.notification(make["breach"], cast.ada)}


@pytest.fixture
def unread(scope_of):
    def of(member):
        with scope_of(member.organisation):
            return set(Notification.objects.filter(member=member).unread().values_list("pk", flat=True))

    return of


def test_the_inbox(cast, delivered, client_for):
    page = client_for(cast.marco).get("inbox/")
    html = page.content.decode()
    assert [row["title"] for row in page.context["notifications"]] == [
        "May figures accepted",
        "May figures late",
        "Incidents resolved on time",
    ]
    assert "2 not read yet." in html
    assert 'href="/o/aldermoor/breaches/5/acknowledge/"' in html


def test_the_same_number_of_statements_for_one_row_and_three(cast, scope_of, client_for, django_assert_num_queries):
    client = client_for(cast.marco)
    client.get("inbox/")  # somebody's first visit of a day notes that they were here
    for count in (1, 2):
        with scope_of(cast.aldermoor):
            for _ in range(count):
                notifications.notification(notifications.event(cast.corvid), cast.marco)
        with django_assert_num_queries(10):
            client.get("inbox/")


def test_what_was_decided_is_not_to_decide(cast, delivered, scope_of, client_for):
    with scope_of(cast.aldermoor):
        for decided_at in (None, "2024-05-18T09:00Z"):
            event = notifications.event(kind="approval", title="May figures to accept", decided_at=decided_at)
            notifications.notification(event, cast.marco, read_at=decided_at)
    client = client_for(cast.marco)
    assert [row["decided_at"] for row in client.get("inbox/?kind=approval").context["notifications"]] == [None]
    assert "decided 18 May 2024" in client.get("inbox/").content.decode()


def test_filters(cast, delivered, client_for):
    client = client_for(cast.marco)
    assert len(client.get("inbox/?unread=1").context["notifications"]) == 2
    assert [row["title"] for row in client.get("inbox/?kind=late").context["notifications"]] == ["May figures late"]
    assert "Nothing of this kind" in client.get("inbox/?kind=rule").content.decode()
    assert len(client.get("inbox/?kind=nonsense").context["notifications"]) == 3


def test_an_empty_inbox_says_what_will_come(cast, client_for):
    assert "No action needed" in client_for(cast.marco).get("inbox/").content.decode()


def test_the_panel_polls_and_is_not_rendered_twice(cast, delivered, client_for, django_assert_num_queries):
    client = client_for(cast.marco)
    first = client.get("inbox/panel/", headers=PANEL)
    html = first.content.decode()
    assert " ".join(html.split()).startswith('<section id="inbox-panel"')
    assert f'hx-ptag="{first["HX-PTag"]}"' in html
    assert "May figures accepted" not in html  # read ones do not need anybody
    with django_assert_num_queries(7):
        again = client.get("inbox/panel/", headers={**PANEL, "HX-PTag": first["HX-PTag"]})
    assert (again.status_code, again.content) == (304, b"")
    client.post("inbox/read/", {"notification": delivered["late"].pk})
    changed = client.get("inbox/panel/", headers={**PANEL, "HX-PTag": first["HX-PTag"]})
    assert changed.status_code == 200
    assert "May figures late" not in changed.content.decode()


def test_opening_a_notice_reads_it(cast, delivered, unread, client_for):
    response = client_for(cast.marco).get(f"inbox/{delivered['late'].pk}/")
    assert response["Location"] == "/o/aldermoor/contracts/1/2024-05/"
    assert unread(cast.marco) == {delivered["breach"].pk}
    assert client_for(cast.marco).get(f"inbox/{delivered['read'].pk}/")["Location"] == "/o/aldermoor/inbox/"


def test_other_people_s_notices_are_not_there(cast, delivered, unread, client_for):
    client = client_for(cast.marco)
    assert client.get(f"inbox/{delivered['ada'].pk}/").status_code == 404
    client.post("inbox/read/", {"notification": delivered["ada"].pk})
    assert unread(cast.ada) == {delivered["ada"].pk}


def test_marking_as_read(cast, delivered, unread, client_for):
    client = client_for(cast.marco)
    some = client.post("inbox/read/", {"notification": delivered["breach"].pk}, headers={"HX-Request": "true"})
    assert (some.status_code, "inbox-changed" in some["HX-Trigger"]) == (204, True)
    assert unread(cast.marco) == {delivered["late"].pk}


def test_marking_all_leaves_what_came_meanwhile(cast, delivered, unread, scope_of, client_for):
    with scope_of(cast.aldermoor):
        newer = notifications.notification(notifications.event(cast.corvid), cast.marco)
    response = client_for(cast.marco).post("inbox/read/", {"up_to": delivered["read"].pk})
    assert (response.status_code, response["Location"]) == (302, "/o/aldermoor/inbox/")
    assert unread(cast.marco) == {newer.pk}


@pytest.mark.parametrize("sent", [{"up_to": "x"}, {"notification": ["1", "1e3"]}, {"notification": "９"}])
def test_nonsense_is_refused(cast, delivered, unread, client_for, sent):
    assert client_for(cast.marco).post("inbox/read/", sent).status_code == 422
    assert len(unread(cast.marco)) == 2


def test_news_are_counted_and_the_list_stays(cast, delivered, scope_of, client_for):
    client = client_for(cast.marco)
    since = client.get("inbox/").context["newest"]
    assert since == delivered["read"].pk
    assert "new</a>" not in client.get(f"inbox/news/?since={since}", headers=PANEL).content.decode()
    with scope_of(cast.aldermoor):
        notifications.notification(notifications.event(cast.corvid), cast.marco)
    html = client.get(f"inbox/news/?since={since}", headers=PANEL).content.decode()
    assert "1 new</a>" in html
    assert f"since={since}" in html
    assert client.get("inbox/news/?since=x", headers=PANEL).status_code == 200


def test_an_inbox_without_notices_hears_of_the_first_one(cast, scope_of, client_for):
    client = client_for(cast.marco)
    assert 'inbox/news/?since=0"' in client.get("inbox/").content.decode()
    assert "new</a>" not in client.get("inbox/news/?since=0", headers=PANEL).content.decode()
    with scope_of(cast.aldermoor):
        notifications.notification(notifications.event(cast.corvid), cast.marco)
    assert "1 new</a>" in client.get("inbox/news/?since=0", headers=PANEL).content.decode()


def test_what_was_read_elsewhere_is_no_news(cast, delivered, scope_of, client_for):
    with scope_of(cast.aldermoor):
        seen = notifications.notification(notifications.event(cast.corvid), cast.marco)
    client = client_for(cast.marco)
    client.post("inbox/read/", {"notification": [seen.pk]})
    assert "new</a>" not in client.get(f"inbox/news/?since={seen.pk - 1}", headers=PANEL).content.decode()


def test_only_account_managers_are_offered_to_acknowledge(cast, delivered, client_for):
    assert "acknowledge/" not in client_for(cast.ada).get("inbox/").content.decode()
