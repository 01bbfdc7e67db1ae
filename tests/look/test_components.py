"""Components say what they should, with everything given and with as little as allowed."""

import re
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string

from lib.charts import Limit, Point, build_up, spark, steady, trend, waterfall
from lib.templatetags import charts


def render(name, **context):
    return " ".join(render_to_string(f"components/{name}.html", context).split())


class Terms(forms.Form):
    minimum = forms.DecimalField(help_text="At most the target")
    why = forms.CharField(widget=forms.Textarea, required=False)
    act = forms.ChoiceField(choices=[("plan", "Ask for a plan"), ("waive", "Waive")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I attest")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("Minimum must not be above the target.")


@pytest.fixture
def refused():
    form = Terms({"minimum": "1 0,5", "version": "3"})
    assert not form.is_valid()
    return form


class TestFields:
    def test_a_number_comes_back_as_it_was_typed(self, refused):
        html = render("field", field=refused["minimum"], unit="%")
        assert 'type="text"' in html
        assert 'inputmode="decimal"' in html
        assert 'value="1 0,5"' in html
        assert 'class="affix affix--bad"' in html

    def test_error_and_hint_are_tied_to_the_input(self, refused):
        html = render("field", field=refused["minimum"])
        assert 'aria-describedby="id_minimum-hint id_minimum-error"' in html
        assert 'id="id_minimum-hint"' in html
        assert 'id="id_minimum-error"' in html
        assert 'aria-invalid="true"' in html

    def test_a_field_without_fault_has_neither(self):
        html = render("field", field=Terms()["why"], optional=True)
        assert "aria-invalid" not in html
        assert "aria-describedby" not in html
        assert "optional" in html

    def test_choices_are_a_group_with_a_legend(self, refused):
        html = render("field", field=refused["act"])
        assert "<legend" in html
        assert html.count('type="radio"') == 2
        assert 'aria-describedby="id_act-error"' in html

    def test_a_tick_has_its_label_around_it(self, refused):
        assert "I attest</label>" in render("field", field=refused["sure"])

    def test_hidden_fields_are_just_there(self, refused):
        assert render("field", field=refused["version"]).startswith("<input type=")

    def test_the_summary_lists_every_error_and_takes_the_focus(self, refused):
        html = render("error_summary", form=refused)
        assert "autofocus" in html
        assert "Minimum must not be above the target." in html
        for anchor in ("#id_minimum", "#id_act_0", "#id_sure"):
            assert f'href="{anchor}"' in html

    def test_no_summary_without_errors(self):
        assert render("error_summary", form=Terms()) == ""


class TestLists:
    def test_a_period_that_is_not_open_is_no_link(self):
        period = {"label": "October 2026", "previous_url": "?period=2026-09", "previous_label": "September 2026"}
        html = render("period", period=period, target="portfolio")
        assert html.count("<a ") == 1
        assert 'hx-target="#portfolio"' in html
        assert "not open yet" in html
        assert "hx-get" not in render("period", period=period)

    def test_one_page_needs_no_pages(self):
        assert render("pagination", page=Paginator(range(3), 5).page(1)) == ""

    def test_pages_keep_the_filters(self):
        html = render("pagination", page=Paginator(range(30), 10).page(2), query="owner=me&", noun="vendors")
        assert "11–20 of 30 vendors" in html
        assert 'href="?owner=me&amp;page=1"' in html
        assert 'href="?owner=me&amp;page=3"' in html

    def test_a_number_that_is_missing_is_a_dash_and_zero_is_zero(self):
        html = render(
            "stats", stats=[{"label": "A", "value": None}, {"label": "B", "value": 0, "sub": "x", "look": "late"}]
        )
        assert re.findall(r"<dd>\s*(\S+)\s*</dd>", html) == ["–", "0"]
        assert "#g-late" in html

    def test_breadcrumb_tabs_note_and_empty(self):
        assert 'aria-current="page">Halden' in render("breadcrumb", crumbs=[("Vendors", "/v/"), ("Halden", "")])
        assert (
            render("tabs", tabs=[{"label": "A", "url": "/a/", "count": 0, "current": True}]).count('class="count">0')
            == 1
        )
        assert 'role="alert"' in render("note", look="breach", text="x", assertive=True)
        assert "<h3>No vendors yet</h3>" in render("empty", title="No vendors yet")
        assert "note--info" in render("note", text="x")

    def test_both_values_of_a_conflict_are_kept(self):
        html = render(
            "conflict",
            who="J. Adeyemi",
            what="Calls",
            mine="204,118",
            theirs="203,980",
            url="/x/",
            version=4,
            field="calls",
        )
        assert 'value="4"' in html
        assert 'name="calls" value="204,118"' in html


class TestCharts:
    POINTS = [
        Point("Sep", Decimal("79.8"), "met", "September 2026"),
        Point("Oct", None),
        Point("Nov", Decimal(70), "breach"),
    ]

    def test_trend_says_its_finding_and_has_no_style(self):
        chart = trend(self.POINTS, [Limit("target", steady(78, 3)), Limit("minimum", steady(74, 3))], notes=[(2, "v2")])
        html = render("trend", c=chart, id="fcr", title="First-contact resolution")
        assert 'aria-labelledby="fcr-t fcr-d"' in html
        assert "1 without data" in html
        assert html.count("<circle") == 4  # two dots, and the same two under the pointer
        assert "style=" not in html
        assert "Falls" in render("trend", c=chart, id="fcr", title="x", desc="Falls")

    def test_the_table_has_a_dash_for_the_gap(self):
        rows = [(point, f"/why/{at}/") for at, point in enumerate(trend(self.POINTS)["points"])]
        html = render("trend_table", rows=rows, caption="x")
        assert '<a href="/why/1/">–</a>' in html
        assert html.count("–</a>") == 1

    def test_a_sparkline_speaks(self):
        html = charts.spark(spark(self.POINTS, [Limit("target", steady(78, 3))]))
        assert 'aria-label="2 periods' in html
        assert 'class="tg"' in html

    def test_where_the_points_went(self):
        html = render("build_up", parts=build_up([("Quality", 60, 50), ("Cost", 40, None)]))
        assert "30.0 <span" in " ".join(html.split())
        assert "not measured" in html
        assert 'class="g-60"' in html

    def test_waterfall_and_meter(self):
        html = render(
            "waterfall",
            rows=waterfall([("Pool", 412, "start", "8%"), ("A", Decimal("61.8"), "minus", "")]),
            caption="x",
            places=1,
        )
        assert "−61.8" in html
        assert "aria-hidden" in render("meter", width="50")
        assert 'role="img"' in render("meter", width="50", label="Half")
