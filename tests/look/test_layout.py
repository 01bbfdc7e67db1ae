"""Templates read like pages: at most 140 columns, one element a line, indented; and what is sent has no indentation."""

import pytest
from django.template.loader import get_template, render_to_string

from tests.look.layout import problems
from tests.look.lint import ROOT, TEMPLATES

# Its element is an a or a button, so no end can stand below a beginning.
TWO_ELEMENTS_IN_ONE = {"allauth/elements/button.html"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_reads_like_a_page(template):
    found = problems(template.read_text())
    if str(template.relative_to(ROOT / "templates")) in TWO_ELEMENTS_IN_ONE:
        found = [problem for problem in found if "did not begin" not in problem]
    assert found == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<p>" + "a" * 134 + "</p>\n", "line 1: 141 columns"),
        ("<ul><li>One</li></ul>\n", "line 1: ul and li in one line"),
        ("<tr>\n  <th>One</th><td>Two</td>\n</tr>\n", "line 2: th and td in one line"),
        ("<div>\n  <p>One</p>\n  </div>\n", "line 3: the end of div does not stand below its beginning in line 1"),
        (
            "{% if a %}\n  <p>One</p>\n  {% endif %}\n",
            "line 3: the end of % if does not stand below its beginning in line 1",
        ),
        ("<div>{% if a %}</div>{% endif %}\n", "line 1: div ends here, but did not begin in the same part"),
    ],
)
def test_the_layout_can_be_wrong(text, said):
    assert said in problems(text)


@pytest.mark.parametrize(
    "text",
    [
        '<p class="{% if a > b %}x{% endif %}">One <b>two</b> <a href="{% url "x" %}">three</a></p>\n',
        '<form\n    method="post"\n    action="{% url "x" y|default:">" %}">\n  <input name="a">\n</form>\n',
        "{% for a in b %}\n  <li>{{ a }}</li>\n{% empty %}\n  <li>None</li>\n{% endfor %}\n",
        '<svg>\n  <path d="M1 2\n      3 4"/>\n</svg>\n',
        "{# <div> #}\n<p>One{% if a %},\n  two{% endif %}</p>\n",
    ],
)
def test_a_good_layout_passes(text):
    assert problems(text) == []


def test_what_is_sent_has_no_indentation():
    assert "\n  " in (ROOT / "templates/errors/page.html").read_text()
    assert "\n " not in get_template("errors/page.html").template.source
    assert "\n " not in render_to_string("errors/404.html")
