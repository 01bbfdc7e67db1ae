"""A contract file as long as one may be: what fits the look at it fits the way through the browser and back, too."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.contract_file.source import MAX_BYTES
from contracts.models import Contract
from tests.cast import Cast
from tests.slas.contract_texts import document, text

LINE = "# \u00fc\u00e4\n"  # short lines, and letters that a form writes as six


def longest() -> bytes:
    source = text(document()).encode()
    lines = (MAX_BYTES - len(source)) // len(LINE.encode())
    source += LINE.encode() * lines
    return source + b"#" * (MAX_BYTES - len(source))


@pytest.mark.parametrize("pasted", [False, True])
def test_what_fits_the_look_fits_the_save(cast: Cast, client_for: Callable, scope_of: Callable, pasted: bool) -> None:
    petra, source = client_for(cast.petra), longest()
    given: dict[str, Any] = {"file": SimpleUploadedFile("contract.yaml", source)}
    if pasted:
        given = {"source": as_sent(source.decode())}
    looked = petra.post("contracts/import/", given)
    assert looked.status_code == 200
    html = " ".join(looked.content.decode().split())
    assert 'enctype="multipart/form-data" action="/o/aldermoor/contracts/import/save/"' in html
    kept = looked.context["save"].initial | {"source": as_sent(looked.context["save"].initial["source"]), "version": ""}
    assert petra.post("contracts/import/save/", kept).status_code == 302
    with scope_of(cast.aldermoor):
        assert Contract.objects.filter(reference="MSA-1").exists()


def test_one_byte_more_is_refused_at_the_look(cast: Cast, client_for: Callable) -> None:
    answer = client_for(cast.petra).post("contracts/import/", {"file": SimpleUploadedFile("c.yaml", longest() + b"#")})
    assert answer.status_code == 422
    assert "the file has 1,000,001 bytes; at most 1,000,000 are read" in answer.content.decode()


def as_sent(text: str) -> str:
    """As a browser sends what stands in a form."""
    return text.replace("\n", "\r\n")


def test_what_was_changed_after_the_look_is_looked_at_again(
    cast: Cast, client_for: Callable, scope_of: Callable
) -> None:
    """In the text beside the button, or because the browser went back to another one: what is saved is what was seen."""
    petra = client_for(cast.petra)
    looked = petra.post("contracts/import/", {"source": text(document())})
    shown = looked.context["save"].initial | {"version": ""}
    other = {"source": shown["source"].replace("Service desk", "Service desk and devices")}
    for given in (shown | other, shown | {"seen": ""}):
        answer = petra.post("contracts/import/save/", given)
        assert answer.status_code == 409
        assert "The text was changed after it was looked at" in answer.content.decode()
        with scope_of(cast.aldermoor):
            assert not Contract.objects.exists()
    answer = petra.post("contracts/import/save/", shown | other)
    assert petra.post("contracts/import/save/", answer.context["save"].initial | {"version": ""}).status_code == 302
    with scope_of(cast.aldermoor):
        assert Contract.objects.get().title == "Service desk and devices"
