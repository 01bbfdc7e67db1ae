"""An organisation that has nothing yet: each list says so, and what brings something into it."""

import re
from html import unescape

from tests.cast import Cast
from tests.isolation.addresses import addresses, names_rows

# What is no list, or never empty: forms, settings, parts of pages, files, the catalogue, which the product fills, and what whoever looks
# at it is in already.
OTHERS = {
    "",
    "alignment/",
    "catalogue/",
    "catalogue/metric/",
    "catalogue/new/",
    "colours.css",
    "contracts/import/",
    "contracts/new/",
    "credits/columns/",
    "home/",
    "inbox/news/",
    "letters/",
    "logo.png",
    "new-vendor/",
    "people/",
    "pulse/",
    "roles/",
    "search/",
    "settings/",
    "trail/",
    "trail/export.csv",
    "trail/export.jsonl",
    "trail/verify_trail.py",
    "vendors/",
}
# What the part of a page says where there is nothing; a heading and a sentence of some words.
SAID = re.compile(r'<div class="empty">.*?<h[23][^>]*>(?P<title>.*?)</h[23]>(?P<rest>.*?)</div>', re.S)


def lists() -> list[str]:
    found = []
    for address in addresses():
        inside = address.route.removeprefix("o/<slug:organisation>/")
        if not address.of_organisation or names_rows(address) or inside.startswith("api/"):
            continue
        if inside not in OTHERS and not hasattr(address.view, "posted_from"):
            found.append(inside)
    return found


def what_is_said(html: str) -> str:
    """The heading and the sentence where nothing is listed; empty where the page says no such thing."""
    match = SAID.search(html)
    return " ".join(unescape(re.sub("<[^>]+>", " ", f"{match['title']} {match['rest']}")).split()) if match else ""


def test_every_list_without_anything_says_what_to_do_next(cast: Cast, client_for, subtests) -> None:
    people = [client_for(member) for member in (cast.marco, cast.petra, cast.vera, cast.ada)]
    found = lists()
    assert len(found) > 15  # or the walk has lost its way
    for path in found:
        with subtests.test(path):
            answers = [one.get(path, follow=True) for one in people]
            seen = [answer for answer in answers if answer.status_code == 200]
            assert seen, f"Nobody is let in: {[answer.status_code for answer in answers]}"
            for answer in seen:
                said = what_is_said(answer.content.decode())
                assert len(said.split()) >= 6, f"“{said}” says too little"


def test_the_walk_can_fail() -> None:
    assert what_is_said("<main><table></table></main>") == ""
    page = '<div class="empty"><svg></svg><h2>No packs yet</h2><p>Choose a vendor.</p><a href="x">New</a></div>'
    assert what_is_said(page) == "No packs yet Choose a vendor. New"
