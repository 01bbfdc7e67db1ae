"""Back: what a page shows then is what it saves. Nothing is stored that cannot be seen, and nobody is overwritten unseen."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from django.test import RequestFactory
from playwright.sync_api import Browser, Locator, Page, Request, expect

from lib.templatetags.dates import month_name
from measurements.models import Submission
from organisations.models import Vendor
from tests.browser import find_chromium
from tests.journeys import test_every_page as every_page
from tests.journeys.conftest import Stage
from tests.journeys.person import Person
from tests.processes import wait_for

furnished = every_page.furnished

HOME = "/o/aldermoor-energy/"
AWAY = "/healthz/live"
TYPED = "4"  # fits into numbers and names alike
# A field of each form into which something can be typed, marked; how many forms there are.
MARK = """() => {
    const forms = [...document.querySelectorAll("main form:is([method=post], [hx-post])")];
    const others = ["hidden", "file", "checkbox", "radio", "date", "month", "time"];
    const fit = (one) => one.matches("textarea, select, input") && !others.includes(one.type)
        && !one.disabled && !one.readOnly && one.checkVisibility() && one.form?.closest("main");
    return forms.filter((form) => {
        const field = [...form.elements].find((one) => fit(one) && !one.dataset.back && (one.options?.length ?? 2) > 1);
        if (field) field.dataset.back = field.name;
        return field;
    }).map((form) => [...document.querySelectorAll("main form")].indexOf(form));
}"""
# What can be seen in a form, by the names under which it is sent.
SHOWN = """(form) => {
    const shown = {};
    for (const one of form.elements) {
        if (!one.name || one.disabled || ["hidden", "file", "submit", "button", "fieldset"].includes(one.type)) continue;
        if (["checkbox", "radio"].includes(one.type) && !one.checked) continue;
        const values = one.type === "select-multiple" ? [...one.selectedOptions].map((option) => option.value) : [one.value];
        (shown[one.name] ||= []).push(...values.map((value) => value.replace(/\\r?\\n/g, "\\r\\n")));
    }
    return shown;
}"""
SEND = """(form) => {
    form.noValidate = true;
    form.requestSubmit([...form.elements].find((one) => one.type === "submit"));
}"""
# What Chromium does for people and Playwright switches off: pages are kept as they are left, those with no-store as well.
KEEPING = {
    "ignore_default_args": ["--disable-back-forward-cache"],
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--enable-features=BackForwardCache,CacheControlNoStoreEnterBackForwardCache:level/restore-unless-http-only-cookie-change",
    ],
}


@pytest.fixture(params=["loaded again", "kept"])
def back(request: pytest.FixtureRequest, browser: Browser, stage: Stage) -> Iterator[Person]:
    """Somebody whose Back loads pages again, or finds them as they were left. Leaving what was typed is confirmed."""
    keeps = request.param == "kept"
    own = browser.browser_type.launch(executable_path=find_chromium(), **KEEPING) if keeps else browser
    someone = Person(own, stage.address)
    someone.keeps = keeps  # type: ignore[attr-defined]
    page = someone.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.add_init_script("addEventListener('pageshow', (e) => { window.kept = e.persisted; })")
    yield someone
    page.unroute_all(behavior="ignoreErrors")
    someone.context.close()
    if keeps:
        own.close()
    assert someone.wrong == []


def leave_and_come_back(someone: Person, meanwhile: Callable[[], Any] = lambda: None) -> bool:
    """Whether the page is as it was left: Chromium keeps none that asked for something by script."""
    page = someone.page
    page.goto(AWAY)
    meanwhile()
    page.go_back(wait_until="commit")
    expect(page.locator("#main")).to_be_visible()
    kept = bool(page.evaluate("window.kept"))
    if not kept:
        page.wait_for_load_state()
    assert not kept or someone.keeps  # type: ignore[attr-defined]
    return kept


def fields(page: Page) -> dict[int, Locator]:
    """In each form of a page, by its place, a field in which something is typed."""
    return {at: page.locator("main form").nth(at) for at in page.evaluate(MARK)}


def type_into(form: Locator) -> str:
    """Type into the first field of the form that takes it, or choose; its name."""
    field = form.locator("[data-back]").first
    if field.evaluate("(one) => one.options?.length ?? 0"):
        field.select_option(index=field.evaluate("(one) => (one.selectedIndex + 1) % one.options.length"))
    else:
        field.fill(TYPED)
    return str(field.get_attribute("name"))


def sent(page: Page, form: Locator) -> Any:
    """What the form would send."""
    with page.expect_request(lambda request: request.method == "POST") as asked:
        form.evaluate(SEND)
    request: Request = asked.value
    kind = request.headers["content-type"]
    return RequestFactory().generic("POST", "/", request.post_data_buffer or b"", content_type=kind).POST


@pytest.mark.parametrize("back", ["loaded again"], indirect=True)  # what is kept stays as it is
def test_what_is_shown_is_what_is_sent(furnished: Stage, back: Person, subtests: pytest.Subtests) -> None:
    """Every form of every page into which something can be typed."""
    page, tried = back.page, 0
    # Entering figures saves each row by itself, and has a test of its own below.
    unseen = [one for one in every_page.pages() if one.of_organisation and one.pattern.name != "figures-enter"]
    page.route("**/*", lambda route: route.fulfill(status=204) if route.request.method == "POST" else route.continue_())
    for name in (*every_page.STAFF, every_page.VENDOR):
        back.be(furnished.member(name))
        opened = every_page.opened_by(furnished.member(name), unseen)
        unseen = [one for one in unseen if opened[one].kind != every_page.PAGE]
        for path in (path for path, _, posts in opened.values() if posts):
            page.goto(path)
            forms = fields(page)
            if not forms:
                continue
            with subtests.test(f"{name} at {path}"):
                typed = {at: type_into(form) for at, form in forms.items()}
                shown = {at: form.evaluate(SHOWN) for at, form in forms.items()}
                leave_and_come_back(back)
                for at, field in typed.items():
                    form = page.locator("main form").nth(at)
                    again = form.evaluate(SHOWN)
                    kept = form.locator(f'[name="{field}"]').first.get_attribute("autocomplete") != "off"
                    assert again == shown[at] or not kept, (field, again, shown[at])
                    post = sent(page, form)
                    assert {one: post.getlist(one) for one in again} == again
                    tried += 1
    assert tried > 30


def test_nobody_is_overwritten_unseen(stage: Stage, back: Person) -> None:
    """Somebody else saves meanwhile: Back shows theirs, or saving says that it is there."""
    petra = stage.member("Petra")
    back.be(petra)
    page = back.page
    page.goto(f"{HOME}vendors/CORVID/edit/")
    name = page.get_by_label("Name", exact=True)
    name.fill("Corvid of Petra")

    def theirs() -> None:
        with stage.scope_of(petra):
            Vendor.objects.filter(code="CORVID").update(name="Corvid of Ada", version=F("version") + 1)

    assert leave_and_come_back(back, theirs) is back.keeps  # type: ignore[attr-defined]
    expect(name).to_have_value("Corvid of Petra" if back.keeps else "Corvid of Ada")  # type: ignore[attr-defined]
    back.expects(409)
    page.get_by_role("button", name="Save").click()
    if back.keeps:  # type: ignore[attr-defined]
        expect(page.locator("main")).to_contain_text("Somebody else changed")
    else:
        expect(page).to_have_url(re.compile("/vendors/CORVID/$"))
    with stage.scope_of(petra):
        assert Vendor.objects.get(code="CORVID").name == "Corvid of Ada"


def test_a_figure_that_was_changed_after_back(stage: Stage, back: Person) -> None:
    """One number is saved; away and back; another is typed: that one is stored, and after another Back it is shown."""
    back.be(stage.member("Dele"))
    page = back.page
    page.goto(f"{HOME}figures/")
    page.get_by_role("link", name=f"Continue with {month_name(stage.month)}").click()
    page.get_by_role("link", name="Enter by hand").click()
    row = page.locator("tbody[id^=slot]").filter(has_text="LG-04")
    state, cells = row.locator("td:nth-child(6) .state"), row.get_by_role("group")
    picked = cells.get_by_label("Lines picked without error", exact=True)
    cells.get_by_label("Lines picked", exact=True).fill("32180")

    def stored() -> int | None:
        with stage.scope_of(stage.member("Dele")):
            draft = Submission.objects.get(contract__reference="LOG-2024-011", month=stage.month)
            found = draft.figures.filter(service_level__code="LG-04").first()
            return found and int(found.numerator)

    for number in (32100, 32090):
        picked.fill(str(number))
        picked.press("Tab")
        wait_for(lambda: stored() == number, "the figure is saved")
        expect(state).to_have_text("Saved")
        leave_and_come_back(back)
        expect(picked).to_have_value(str(number))
        assert stored() == number


def test_a_filter_says_what_the_list_is(stage: Stage, back: Person, subtests: pytest.Subtests) -> None:
    """Chosen, typed or left unsent, and Back: what is shown of a filter is what its list was made from."""
    back.be(stage.member("Ada"))
    page, rows = back.page, back.page.locator("main")
    on = page.locator("main a.chip[aria-current]")
    for path in ("portfolio/", "breaches/", "credits/", "disputes/"):
        with subtests.test(f"chosen at {path}"):
            page.goto(HOME + path)
            chosen, before = on.all_inner_texts(), rows.inner_text()
            other = page.locator("main a.chip:not([aria-current])").first
            there = str(other.get_attribute("href"))
            other.click()
            expect(page).to_have_url(re.compile(re.escape(there) + "$"))
            page.go_back(wait_until="commit")
            expect(page).to_have_url(re.compile(f"{HOME}{path}$"))
            expect(rows).to_have_text(before, use_inner_text=True)
            assert on.all_inner_texts() == chosen
    for path in ("portfolio/", "contracts/", "people/", "vendors/", "catalogue/"):
        with subtests.test(f"typed at {path}"):
            page.goto(HOME + path)
            words = page.locator("main input[name=q]").first
            words.fill("zzzz")
            expect(page).to_have_url(re.compile("q=zzzz"))
            found = rows.inner_text()
            leave_and_come_back(back)
            expect(words).to_have_value("zzzz")
            expect(rows).to_have_text(found, use_inner_text=True)
    with subtests.test("left unsent"):
        page.goto(f"{HOME}trail/?person=Marco")
        person, begin = page.get_by_label("Person", exact=True), page.get_by_label("From", exact=True)
        person.fill("Petra")
        begin.fill("2026-01-01")
        leave_and_come_back(back)
        expect(person).to_have_value("Marco")
        expect(begin).to_have_value("")
