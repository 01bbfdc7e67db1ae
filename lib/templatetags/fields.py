"""What a form field's template needs to know: its kind, its widget with our classes, and the ids that describe it."""

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

FRACTIONS = (forms.DecimalField, forms.FloatField)  # which are integer fields too, says Django
NUMERIC = (forms.IntegerField, *FRACTIONS)


@register.filter
def kind(field: BoundField) -> str:
    """choice (radio buttons or several ticks), tick (one tick box), or input."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choice"
    return "tick" if isinstance(widget, forms.CheckboxInput) else "input"


@register.filter
def described_by(field: BoundField) -> str:
    """Ids of the hint and the error, for aria-describedby; empty when there are none."""
    ids = [f"{field.auto_id}-hint"] if field.help_text else []
    return " ".join(ids + ([f"{field.auto_id}-error"] if field.errors else []))


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The widget with our class and what assistive technology needs. Numbers are right-aligned text inputs."""
    attrs: dict[str, str | bool] = {}
    if kind(field) == "input":
        numeric = isinstance(field.field, NUMERIC)
        own = field.field.widget.attrs.get("class", "")
        if numeric and getattr(field.field.widget, "input_type", "") == "number":
            # A number input drops what it cannot read; what was typed must come back with its error.
            field.field.widget.input_type = "text"
            attrs["inputmode"] = "decimal" if isinstance(field.field, FRACTIONS) else "numeric"
            attrs["autocomplete"] = "off"
        if field.field.widget.attrs.get("placeholder") == field.label:
            del field.field.widget.attrs["placeholder"]  # says nothing that the label does not
        attrs["class"] = " ".join(filter(None, ("input", "input--num" if numeric else "", own)))
    if described_by(field):
        attrs["aria-describedby"] = described_by(field)
    if field.errors:
        attrs["aria-invalid"] = "true"
    widget = field.field.widget
    if isinstance(widget, forms.Select) and kind(field) == "input":
        named = {"id": widget.attrs.get("id", field.auto_id), **field.build_widget_attrs(attrs, widget)}
        return _select(widget.get_context(field.html_name, field.value(), named)["widget"])
    return field.as_widget(attrs=attrs)


def _select(shown: dict[str, Any]) -> SafeString:
    """Without what HTML does without, the ends of options and spaces between them: a list of time zones is a third of its page. And
    without Django's templates, which are two for each option."""
    groups = [
        (
            group,
            format_html_join(
                "", '<option value="{}"{}>{}', [(one["value"], flatatt(one["attrs"]), one["label"]) for one in options]
            ),
        )
        for group, options, _ in shown["optgroups"]
    ]
    listed = [format_html('<optgroup label="{}">{}</optgroup>', *one) if one[0] else one[1] for one in groups]
    return format_html(
        '<select name="{}"{}>{}</select>', shown["name"], flatatt(shown["attrs"]), SafeString("".join(listed))
    )


@register.filter
def anchor(field: BoundField) -> str:
    """The id an error summary links to: the input, or the first option of a group."""
    options = list(field) if kind(field) == "choice" else []
    return str(options[0].id_for_label if options else field.id_for_label)
