"""Write docs/emails.md: each email from the site with its example values, as text. `make emails` runs it."""

from pathlib import Path

import django

TARGET = Path(__file__).parent / "emails.md"
INTRODUCTION = """\
# Emails

This page shows all emails that the site sends, with example data. Staff edit them under Site-wide content → Email templates.
The texts below are the defaults, from `templates/<app>/email/`. Each email is sent as plain text and as HTML in a layout for
light and dark mode (`templates/cms/email/layout.html`), with the header `Auto-Submitted: auto-generated`.

`make emails` writes this file. `tests/cms/test_email_content.py` fails when it is not up to date.
"""


def build() -> str:
    """Return the content of docs/emails.md."""
    from cms.email.models import render_template  # noqa: PLC0415 -- Django must be set up first.
    from cms.email.registry import EMAIL_TYPES  # noqa: PLC0415

    parts = [INTRODUCTION]
    sections: dict[str, list[str]] = {}
    for key, email_type in sorted(EMAIL_TYPES.items()):
        subject, body = (render_template(text, email_type.example) for text in email_type.default_content)
        variables = ", ".join(f"`{name}`" for name in email_type.example)
        section, _, name = email_type.name.partition(": ")
        sections.setdefault(section, []).append(
            f"### {name[:1].upper()}{name[1:]}\n\n`{key}`, variables {variables}\n\n"
            f"**{' '.join(subject.split())}**\n\n```text\n{body.strip()}\n```\n"
        )
    for section in sorted(sections):
        parts += [f"## {section}\n", *sections[section]]
    return "\n".join(parts)


if __name__ == "__main__":
    django.setup()
    TARGET.write_text(build(), encoding="utf-8")
