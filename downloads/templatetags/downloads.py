from html import escape

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cms.delivery import surrogate_keys
from cms.templatetags.components import icon
from downloads.listings import Group, Row
from downloads.models import Release, ReleaseFile
from downloads.offers import Offer, current_offers, latest_python, offers_for
from downloads.verification import Step

register = template.Library()


def request_of(context: Context) -> HttpRequest | None:
    """Return the request, even inside components included without the context of the page, and add the surrogate key."""
    request = context.get("request") or getattr(context, "request", None)
    if request is not None:
        surrogate_keys.add_keys(request, "downloads")
    return request


@register.simple_tag(takes_context=True)
def latest_release(context: Context) -> Release | None:
    """Return the newest stable Python 3, or None: {% latest_release as release %}."""
    request_of(context)
    return latest_python()


@register.simple_tag(takes_context=True)
def download_offers(context: Context) -> list[Offer]:
    """Return an offer for each operating system, in order: {% download_offers as offers %}."""
    request = request_of(context)
    return current_offers() if request is None else offers_for(request)


@register.filter
def file_size(size: int) -> str:
    """Return a size such as 11.8 MB, or an empty string for an unknown one."""
    return filesizeformat(size) if size else ""


@register.simple_tag
def release_rows(group: Group) -> SafeString:
    """Return the rows of a group in the list of all releases. A template would take five times as long for hundreds of rows.

    Scripts find the links by these class names.
    """
    return SafeString("".join(release_row(row, group.series_name) for row in group.rows))


def release_row(row: Row, series: str) -> str:
    name, notes = escape(row.name), ""
    if row.notes_url:
        notes = f'<a href="{escape(row.notes_url)}" aria-label="{_("Release notes for %s") % name}">{_("Release notes")}</a>'
    return f"""<li data-filter-row data-series="{series}" data-os="{row.platforms}"{" hidden" if row.is_hidden else ""}>
<span class="release-number"><a href="{row.url}">{name}</a></span>
<time class="release-date" datetime="{row.day}">{row.date}</time>
<span class="release-download"><a href="{row.url}#files" aria-label="{_("Download %s") % name}">{_("Download")}</a></span>
<span class="release-enhancements">{notes}</span>
</li>
"""


@register.simple_tag
def options(choices: list[tuple[str, str]], chosen: str) -> SafeString:
    """Return the <option>s of a filter: {% options series_choices filters.series %}."""
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((value, SafeString(" selected" if value == chosen else ""), label) for value, label in choices),
    )


@register.simple_tag
def platform_rows(group: Group) -> SafeString:
    """Return the rows of a group in the list of releases of an operating system, with links to files."""
    return SafeString("".join(platform_row(row) for row in group.rows))


def platform_row(row: Row) -> str:
    note = f'<p class="small muted">{row.note}</p>' if row.note else ""
    return f"""<li>
<h4><a href="{row.url}">{escape(row.name)}</a> <time class="muted" datetime="{row.day}">{row.date}</time></h4>
{note}<ul class="file-links">{row.links}</ul>
</li>
"""


@register.simple_tag
def copy_button(text: str, what: str) -> SafeString:
    """Return the button of components/copy_hash.html, for pages with hundreds of them."""
    attributes = f'class="copy" type="button" data-copy-text="{escape(text)}" aria-label="{escape(what)}"'
    return SafeString(f"<button {attributes}>{icon('copy', 'icon-small')}</button>")


@register.simple_tag
def verify_drawer(file: ReleaseFile, steps: list[Step]) -> SafeString:
    """Return the commands that verify a file. A release has about sixty files, and a template takes five times as long."""
    if not steps:
        return SafeString("")
    parts = [f'<details><summary>{escape(file.name)}</summary><div class="accordion-body" id="verify-{file.pk}">']
    for step in steps:
        button = copy_button(step.command, _("Copy the command"))
        parts.append(f"""<div class="verify-step"><p class="small strong">{escape(step.title)}</p>
<div class="copy-line"><code tabindex="0">{escape(step.command)}</code>{button}</div>""")
        if step.note:
            parts.append(f'<p class="small muted">{escape(step.note)}</p>')
        parts.append("</div>")
    return SafeString("".join([*parts, "</div></details>"]))


def link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{text}</a>' if url else ""


def hash_cell(value: str, what: str) -> str:
    return f'<span class="hash"><code>{escape(value)}</code>{copy_button(value, what)}</span>' if value else ""


@register.simple_tag
def file_row(file: ReleaseFile, steps: list[Step], columns: dict[str, bool]) -> SafeString:
    """Return a row of the table of files, with the columns that have data. A template takes three times as long."""
    name = escape(file.name)
    signatures = link(file.sigstore_bundle_file, ".sigstore") or " ".join(
        filter(None, [link(file.sigstore_cert_file, "CRT"), link(file.sigstore_signature_file, "SIG")])
    )
    cells = {
        "description": f"<td>{escape(file.description)}</td>",
        "size": f'<td class="number">{file_size(file.filesize)}</td>',
        "sigstore": f'<td class="nowrap">{signatures}</td>',
        "sbom": f"<td>{link(file.sbom_spdx2_file, 'SPDX')}</td>",
        "gpg": f"<td>{link(file.gpg_signature_file, 'SIG')}</td>",
        "sha256": f"<td>{hash_cell(file.sha256_sum, _('Copy the SHA-256 checksum'))}</td>",
        "md5": f"<td>{hash_cell(file.md5_sum, _('Copy the MD5 checksum'))}</td>",
    }
    how = ""
    if steps:
        how = f'<a class="verify-link" href="#verify-{file.pk}">{_("Verify")}<span class="visually-hidden"> {name}</span></a>'
    shown = "".join(cell for column, cell in cells.items() if columns[column])
    head = f'<th scope="row">{link(file.url, name)}{how}</th><td>{escape(file.os.name)}</td>'
    # If a file has no verification, links to it lead to its row.
    anchor = "" if steps else f' id="verify-{file.pk}"'
    return SafeString(f"<tr{anchor}>{head}{shown}</tr>\n")
