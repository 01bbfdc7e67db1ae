"""How numbers, money, dates and states are written for people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lib import formats
from lib.charts import heat_cell
from lib.status_styles import OUTCOMES, marker_for, style_for
from lib.templatetags.dates import day, due, due_day, moment, month_key, month_name, month_short, when
from lib.templatetags.icons import glyph, icon, initials, person
from lib.templatetags.money import money, money_exact, money_short
from lib.templatetags.numbers import dash, delta, measured, number, percent, share, signed
from lib.templatetags.tags import heat_row, look, outcome, outcome_glyph, outcome_word, tag

NOW = datetime(2026, 11, 6, 17, tzinfo=UTC)


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "digits", "text"),
        [
            (Decimal("1234.5"), 1, "1,234.5"),
            (Decimal("0.05"), 1, "0.1"),
            (Decimal("2.5"), 0, "3"),
            (Decimal("-2.5"), 0, "−3"),
            (Decimal("-0.04"), 1, "0.0"),
            (Decimal("78.50"), None, "78.5"),
            (Decimal("80.000"), "", "80"),
            (Decimal("1E+3"), None, "1,000"),
            (100, None, "100"),
            (0, 0, "0"),
            (0.1, 1, "0.1"),
            ("12", 0, "12"),
        ],
    )
    def test_number(self, value, digits, text):
        assert number(value, digits) == text

    @pytest.mark.parametrize("value", [None, "", "none", float("nan"), Decimal("Infinity"), True])
    def test_what_is_no_number_is_an_en_dash(self, value):
        assert number(value) == percent(value) == share(value) == signed(value) == measured(value, "%") == "–"
        assert money(value, "GBP") == money_exact(value, "GBP") == money_short(value, "GBP") == "–"

    def test_percent_share_and_sign(self):
        assert percent(Decimal("95.25")) == "95.3%"
        assert share(Decimal("0.855")) == "86%"
        assert signed(Decimal("1.50")) == "+1.5"
        assert signed(Decimal("-0.3"), 1) == "−0.3"
        assert signed(Decimal("0.04"), 1) == "0.0"
        assert dash(0) == 0
        assert dash(None) == "–"

    def test_units_stand_once(self):
        assert measured(Decimal("95.3"), "%", 1) == "95.3%"
        assert measured(19, "seconds", 0) == "19\u00a0seconds"
        assert measured(7) == "7"

    @pytest.mark.parametrize(
        ("change", "better", "css"),
        [
            (3, "higher", "delta--up"),
            (-3, "higher", "delta--down"),
            (3, "lower", "delta--down"),
            (-3, "lower", "delta--up"),
        ],
    )
    def test_a_large_change_is_coloured_by_goodness(self, change, better, css):
        assert css in delta(change, 1, 2, better)

    def test_a_small_change_has_an_arrow_and_no_colour(self):
        shown = delta(Decimal("-0.7"), 1, 2)
        assert "g-tri-down" in shown
        assert "delta--" not in shown
        assert ">0.7<" in shown.replace("down </span>", "")[:-7] + "<"
        assert "delta" not in delta(Decimal("0.01"))
        assert "–" in delta(None)


class TestMoney:
    @pytest.mark.parametrize(
        ("value", "currency", "text"),
        [
            (Decimal("1148200.49"), "GBP", "£1,148,200"),
            (Decimal("-18371.5"), "USD", "−US$18,372"),
            (Decimal("999.9"), "EUR", "€999.90"),
            (Decimal("500.4"), "JPY", "JP¥500"),
            (0, "GBP", "£0.00"),
        ],
    )
    def test_money(self, value, currency, text):
        assert money(value, currency) == text

    def test_exact_money_has_the_currency_s_own_places(self):
        assert money_exact(Decimal("84213.505"), "GBP") == "£84,213.51"
        assert money_exact(Decimal("-1.5"), "KWD") == "−KWD\u00a01.500"
        assert money_exact(Decimal("12"), "JPY") == "JP¥12"

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("84213.5", "£84.2k"),
            ("1148200", "£1.15m"),
            ("412000", "£412k"),
            ("999949", "£1,000k"),
            ("999950", "£1.00m"),
            ("12500000", "£12.5m"),
            ("2000000000", "£2.00bn"),
            ("-3400", "−£3.4k"),
            ("912", "£912"),
            ("912.5", "£912.50"),
        ],
    )
    def test_short_money_keeps_the_full_amount(self, value, text):
        shown = money_short(Decimal(value), "GBP")
        assert f">{text}<" in shown
        assert f'title="{money_exact(Decimal(value), "GBP")}"' in shown


class TestDates:
    def test_months_have_names(self):
        first = date(2026, 10, 1)
        assert (month_name(first), month_short(first), month_key(first)) == ("October 2026", "Oct", "2026-10")
        assert (month_name(None), month_short(None), month_key(None)) == ("–", "–", "")

    def test_days_and_moments(self):
        assert day(date(2026, 11, 9)) == "9 Nov 2026"
        assert moment(datetime(2026, 11, 9, 17, tzinfo=UTC)) == "Mon 9 Nov 2026, 17:00 UTC"
        assert moment(date(2026, 11, 9)) == "Mon 9 Nov 2026"
        assert day(None) == moment(None) == when(None) == due(None, None, "UTC") == due_day(None, "UTC") == "–"

    def test_a_moment_is_shown_where_the_reader_is(self):
        with timezone.override("Asia/Kolkata"):
            assert moment(datetime(2026, 10, 31, 20, tzinfo=UTC)) == "Sun 1 Nov 2026, 01:30 IST"
            assert month_name(datetime(2026, 10, 31, 20, tzinfo=UTC)) == "November 2026"

    @pytest.mark.parametrize(
        ("later", "text"),
        [
            (timedelta(seconds=-20), "now"),
            (timedelta(minutes=-5), "5 min"),
            (timedelta(hours=-2, minutes=-10), "2 h"),
            (timedelta(days=-1, hours=-3), "1 day"),
            (timedelta(days=3), "in 3 days"),
        ],
    )
    def test_distance(self, later, text):
        shown = when(NOW + later, NOW)
        assert f">{text}</time>" in shown
        assert f'title="{moment(NOW + later)}"' in shown

    def test_days_without_a_time(self):
        assert ">today</time>" in when(date(2026, 11, 6), date(2026, 11, 6))
        assert ">in 1 day</time>" in when(date(2026, 11, 7), date(2026, 11, 6))

    def test_a_deadline_is_absolute_first(self):
        today = date(2026, 11, 6)
        assert "Mon 9 Nov 2026</time>, in 3 days" in due(date(2026, 11, 9), today, "UTC")
        assert "</time>, 1 day ago" in due(date(2026, 11, 5), today, "UTC")
        assert "</time>, today" in due(today, today, "UTC")

    def test_a_due_day_names_its_zone_where_it_is_not_the_readers(self):
        assert due_day(date(2026, 11, 9), "Europe/London") == "Mon 9 Nov 2026"
        assert due_day(date(2026, 7, 6), "Europe/London") == "Mon 6 Jul 2026 BST"
        assert due_day(date(2026, 11, 9), "America/Chicago") == "Mon 9 Nov 2026 CST"
        with timezone.override("America/Chicago"):
            assert due_day(date(2026, 11, 9), "America/Chicago") == "Mon 9 Nov 2026"
            assert due_day(date(2026, 11, 9), "UTC") == "Mon 9 Nov 2026 UTC"

    def test_without_a_now_the_clock_is_asked(self):
        assert "min" in when(timezone.now() - timedelta(minutes=3))

    def test_a_day_needs_the_day_that_it_is_where_it_counts(self):
        """Not that of the server or of the reader: it is late somewhere else than here."""
        with pytest.raises(TypeError, match="today"):
            when(date(2026, 11, 6))


class TestLooks:
    def test_every_outcome_has_its_own_shape_and_word(self):
        assert len({shown.glyph for shown in OUTCOMES.values()}) == len(OUTCOMES)
        assert len({shown.word for shown in OUTCOMES.values()}) == len(OUTCOMES)
        assert [outcome_word(code) for code in ("miss", "default", "not_measured")] == [
            "Missed target",
            "Breach",
            "No data",
        ]

    @pytest.mark.parametrize("code", [None, "", "something new"])
    def test_an_unknown_outcome_never_looks_good(self, code):
        assert style_for(code).word == "No data"
        assert (look(code), marker_for(code)) == ("none", "none")

    def test_tags_carry_shape_and_word_and_escape(self):
        assert outcome("default") == (
            '<span class="tag tag--breach"><svg aria-hidden="true"><use href="#g-breach"/></svg>Breach</span>'
        )
        assert "&lt;b&gt;" in tag("info", "<b>")
        assert '<span class="vh">Pending</span>' in outcome_glyph("pending")
        assert 'class="glyph is-met"' in glyph("met")
        assert 'class="glyph"' in glyph("lock", "plain")
        assert "#i-inbox" in icon("inbox")

    def test_a_row_of_heat_cells(self):
        cells = [heat_cell(96), heat_cell(None), heat_cell(80, note="provisional & open")]
        linked = heat_row(cells, ["/x?a=1&b=2", "/y", "/z"], 1)
        assert linked.splitlines() == [
            '<td class="h h-top wide"><a href="/x?a=1&amp;b=2">96</a></td>',
            '<td class="h h-none"><a href="/y">–<span class="vh">, no data</span></a></td>',
            '<td class="h h-low h-open"><a href="/z">80<span class="vh">, provisional &amp; open</span></a></td>',
        ]
        assert heat_row(cells[:1]) == '<td class="h h-top"><span>96</span></td>\n'

    @pytest.mark.parametrize(
        ("name", "letters"),
        [
            ("Aldermoor Energy", "AE"),
            ("Maya", "MA"),
            ("Corvid-Systems of York", "CY"),
            ("", "?"),
            (None, "?"),
            ("é", "É"),
        ],
    )
    def test_initials(self, name, letters):
        assert initials(name) == letters

    def test_a_person_without_a_name_is_an_address(self):
        class User:
            name = ""
            email = "a@example.org"

            def get_full_name(self):
                return ""

        assert person(User()) == "a@example.org"
        assert person(None) == ""


class TestFormats:
    """As an organisation wants them, on its pages alone."""

    @pytest.mark.parametrize(
        ("numbers", "days", "texts"),
        [
            ("comma_point", "day_first", ("−1,234.5", "£1,234", "Mon 9 Nov 2026", "1,234.5%")),
            ("point_comma", "month_first", ("−1.234,5", "£1.234", "Mon Nov 9, 2026", "1.234,5%")),
            ("space_comma", "year_first", ("−1\u202f234,5", "£1\u202f234", "Mon 2026-11-09", "1\u202f234,5%")),
        ],
    )
    def test_numbers_and_days(self, numbers, days, texts):
        with formats.override(formats.Formats(numbers, days)):
            written = number(Decimal("-1234.5")), money(Decimal(1234), "GBP"), moment(date(2026, 11, 9))
            assert (*written, percent(Decimal("1234.5"))) == texts
            assert heat_cell(Decimal("78.25"), places=1).text == ("78.3" if numbers == "comma_point" else "78,3")
            assert "1" in delta(Decimal("1.5")) and ("1,5" in delta(Decimal("1.5"))) is (numbers != "comma_point")
        assert number(Decimal("-1234.5")) == "−1,234.5" and heat_cell(Decimal("78.25"), places=1).text == "78.3"
