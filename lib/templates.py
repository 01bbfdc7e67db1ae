"""How templates are read: indented for people, sent without the indentation."""

import re

from django.template.base import Origin
from django.template.loaders import filesystem

INDENTATION = re.compile(r"\n[ \t]+")
# Lines of nothing but comments and tags that decide what is sent, and send nothing themselves.
SILENT = "if|elif|else|endif|for|empty|endfor|with|endwith|load|block|endblock|partialdef|endpartialdef"
TAG = rf"\{{% (?:{SILENT})\b(?:(?!%\}}).)*%\}}"
COMMENT = r"\{#(?:(?!#\}).)*#\}"
SILENT_LINES = re.compile(rf"^((?:{TAG}|{COMMENT})+)\n", re.MULTILINE)


class Loader(filesystem.Loader):
    """Reads a page's template without the spaces before its lines, and without the lines that would be sent empty: together they would be
    a third of what is sent.

    Once per process: the loader above this one keeps what was parsed. Where errors are shown with their lines, in development, the lines
    stay, so that the right one is named. Texts of e-mails are left as they are.
    """

    def get_contents(self, origin: Origin) -> str:
        contents: str = super().get_contents(origin)
        if not origin.name.endswith(".html"):
            return contents
        contents = INDENTATION.sub("\n", contents)
        return contents if self.engine.debug else SILENT_LINES.sub(r"\1", contents)
