"""Template loader that removes the indentation of the site's templates."""

import re

from django.template import Origin
from django.template.loaders.filesystem import Loader as FilesystemLoader

# Elements in which white space is significant.
INDENTATION = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2>|{% verbatim %}.*?{% endverbatim %})|\s*\n\s*", re.DOTALL)


class Loader(FilesystemLoader):
    """Load templates from DIRS and strip indentation from HTML templates, which reduces the size of pages by a quarter."""

    def get_contents(self, origin: Origin) -> str:
        contents = super().get_contents(origin)
        return without_indentation(contents) if origin.name.endswith(".html") else contents


def without_indentation(html: str) -> str:
    """Remove white space around lines, and empty lines, outside of preformatted elements."""
    return INDENTATION.sub(lambda found: found[1] or "\n", html)
