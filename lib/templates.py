"""How templates are read: indented for people, sent without the indentation."""

import re

from django.template.base import Origin
from django.template.loaders import filesystem

INDENTATION = re.compile(r"\n[ \t]+")


class Loader(filesystem.Loader):
    """Reads a page's template without the spaces before its lines, which would be a third of what is sent.

    Once per process: the loader above this one keeps what was parsed. Lines stay lines, so an error names the right one.
    Texts of e-mails are left as they are.
    """

    def get_contents(self, origin: Origin) -> str:
        contents: str = super().get_contents(origin)
        return INDENTATION.sub("\n", contents) if origin.name.endswith(".html") else contents
