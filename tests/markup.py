"""HTML for comparing: what is on the page, whatever the lines and the indentation of its template."""

import re

TAG = re.compile(r"\s*(<[^<>]*>)\s*")


def tight(html: str) -> str:
    """Without white space beside and with single spaces within tags and texts: `<td>5</td><td>6</td>`."""
    return TAG.sub(lambda found: " ".join(found[1].split()).replace(" >", ">"), " ".join(html.split()))
