"""What people type about submissions and figures."""

from django import forms

from measurements.figures_file.tables import MAX_BYTES


class SubmitForm(forms.Form):
    """Handing figures over. A correction must say why; the action checks that."""

    note = forms.CharField(
        label="Why the figures are corrected",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Your client sees it beside the figures.",
    )


class ReturnForm(forms.Form):
    """Giving figures back."""

    reason = forms.CharField(
        label="What has to be put right",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what has to be put right, so that the vendor can do it."},
    )


class FiguresFileForm(forms.Form):
    """A file to look at before anything is saved."""

    file = forms.FileField(
        label="Figures file",
        help_text=f"CSV (UTF-8) or XLSX, at most {MAX_BYTES // 1_000_000} MB. You see every row before it is saved.",
        error_messages={
            "required": "Choose a file first.",
            "empty": "The file is empty. Choose another one.",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )


class FiguresForm(forms.Form):
    """Figures that were looked at, to be saved: they are checked again."""

    figures = forms.CharField(widget=forms.HiddenInput)
    filename = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    then = forms.ChoiceField(choices=[("save", "Save as draft"), ("submit", "Save and submit")], required=False)
    reason = forms.CharField(
        label="Why accepted figures are corrected",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The former figures stay on record beside the new ones.",
    )
