"""How an agreement is made from a deal, and what happens to it beside the deal's own acts."""

import logging
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django_tasks import task
from wagtail.log_actions import log

from . import documents, emails
from .merging import missing
from .models import Agreement, AgreementTemplate, Deal

logger = logging.getLogger(__name__)


def missing_fields(template: AgreementTemplate, deal: Deal) -> list[str]:
    return missing(template.body, documents.values_of(deal))


@transaction.atomic
def make(deal: Deal, template: AgreementTemplate, *, by) -> Agreement:
    """A new agreement with all values as they are now. Raises ValidationError with what is missing."""
    if not by.has_perm("sponsors.change_agreement"):
        raise PermissionDenied
    if template.kind == "amendment" and deal.amending_since is None:
        raise ValidationError("Open an amendment of the deal first.")
    if template.kind != "amendment" and deal.state != "approved":
        raise ValidationError("An agreement is made once the deal is approved, and before it is sent.")
    values = documents.values_of(deal)
    lacking = missing(template.body, values)
    if lacking:
        raise ValidationError(f"Fill these in first: {'; '.join(lacking)}.")
    for old in deal.agreements.filter(state=Agreement.State.DRAFT):
        old.void(by=by, reason="Replaced by a newer draft.")
    agreement = Agreement.objects.create(
        deal=deal, template=template, kind=template.kind, body=template.body, values=values, created_by=by
    )
    log(instance=deal, action="sponsors.agreement", user=by, data={"agreement": agreement.pk, "template": template.name})
    transaction.on_commit(partial(render.enqueue, agreement.pk))
    return agreement


@task()
def render(pk: int) -> None:
    """Make the documents. One that fails says why on the agreement, and keeps the other from nothing."""
    agreement = Agreement.objects.select_related("template", "deal__sponsor").get(pk=pk)
    problem = ""
    for name, build in (("docx", documents.docx_of), ("pdf", documents.pdf_of)):
        try:
            getattr(agreement, name).save(f"agreement.{name}", ContentFile(build(agreement)), save=False)
        except documents.MissingPDFLibraryError as error:
            problem = str(error)
        except Exception as error:
            # Whatever a letterhead holds, staff must read what is wrong.
            logger.exception("Agreement %s: no %s.", pk, name)
            problem = f"The {name.upper()} could not be made: {error}"[:500]
    agreement.problem = problem
    # Somebody may have sent or voided it in the meantime.
    agreement.save(update_fields=["problem", "docx", "pdf"])


@transaction.atomic
def send_amendment(agreement: Agreement, *, by) -> None:
    """An amendment goes its own way beside the signed deal, which stays signed."""
    refuse_unless(agreement, by, Agreement.State.DRAFT)
    agreement.mark_sent()
    log(instance=agreement.deal, action="sponsors.amendment_sent", user=by)
    emails.tell_sponsor(agreement.deal, "agreement_sent", roles=("primary", "administrative"))


@transaction.atomic
def sign_amendment(agreement: Agreement, file, *, by) -> None:
    refuse_unless(agreement, by, Agreement.State.SENT)
    if not file and not agreement.signed_file:
        raise ValidationError("Choose the signed copy.")
    agreement.mark_signed(file)
    log(instance=agreement.deal, action="sponsors.amendment_signed", user=by)
    if agreement.deal.amending_since:
        agreement.deal.close_amendment(by=by)


def refuse_unless(agreement: Agreement, by, state: str) -> None:
    if not by.has_perm("sponsors.change_agreement"):
        raise PermissionDenied
    if agreement.kind != "amendment" or agreement.state != state:
        raise ValidationError(f"That is not possible: this agreement is “{agreement.get_state_display()}”.")
