"""Creation and rendering of contracts, and the steps of amendments."""

import logging
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext
from django_tasks import task
from wagtail.log_actions import log

from users.models import User

from . import documents, emails
from .contract_template import get_missing_fields
from .models import Contract, ContractTemplate, Sponsorship

logger = logging.getLogger(__name__)


def missing_fields(template: ContractTemplate, sponsorship: Sponsorship) -> list[str]:
    return get_missing_fields(template.body, documents.get_merge_values(sponsorship))


@transaction.atomic
def create_contract(sponsorship: Sponsorship, template: ContractTemplate, *, by: User) -> Contract:
    """Create a contract with the current values. Raises ValidationError if values are missing."""
    if not by.has_perm("sponsors.change_contract"):
        raise PermissionDenied
    # If two people create a contract at the same time, the second one replaces the draft of the first.
    sponsorship.refresh_from_db(from_queryset=Sponsorship.objects.select_for_update())
    if template.kind == "amendment" and sponsorship.amending_since is None:
        raise ValidationError(gettext("Open an amendment of the sponsorship first."))
    if template.kind != "amendment" and sponsorship.state != "approved":
        raise ValidationError(
            gettext("A contract can be created only while the sponsorship is approved and no contract has been sent.")
        )
    values = documents.get_merge_values(sponsorship)
    missing = get_missing_fields(template.body, values)
    if missing:
        raise ValidationError(gettext("Complete these fields first: %(missing)s.") % {"missing": "; ".join(missing)})
    for old in sponsorship.contracts.filter(state=Contract.State.DRAFT):
        old.void(by=by, reason="Replaced by a newer draft.")
    contract = Contract.objects.create(
        sponsorship=sponsorship, template=template, kind=template.kind, body=template.body, values=values, created_by=by
    )
    log(instance=sponsorship, action="sponsors.contract", user=by, data={"contract": contract.pk, "template": template.name})
    transaction.on_commit(partial(render_contract.enqueue, contract.pk))
    return contract


@task()
def render_contract(pk: int) -> None:
    """Render the documents of a contract. A failure is recorded on the contract and does not stop the other format."""
    contract = Contract.objects.select_related("template", "sponsorship__sponsor").get(pk=pk)
    problem = ""
    for name, build in (("docx", documents.render_docx), ("pdf", documents.render_pdf)):
        try:
            getattr(contract, name).save(f"contract.{name}", ContentFile(build(contract)), save=False)
        except documents.MissingPDFLibraryError as error:
            problem = str(error)
        except Exception as error:
            # A letterhead can contain anything, so the error is shown to staff.
            logger.exception("Contract %s: no %s.", pk, name)
            problem = f"The {name.upper()} could not be created: {error}"[:500]
    contract.problem = problem
    # The state is not saved, because it may have changed during rendering.
    contract.save(update_fields=["problem", "docx", "pdf"])


@transaction.atomic
def send_amendment(contract: Contract, *, by: User) -> None:
    """Send an amendment. The sponsorship remains signed."""
    refuse_unless(contract, by, Contract.State.DRAFT, kind="amendment")
    if not contract.docx:
        raise ValidationError(gettext("The documents are not ready yet. Reload the page in a minute."))
    if contract.sponsorship.contracts.filter(state=Contract.State.SENT, kind="amendment").exists():
        raise ValidationError(gettext("Another amendment was sent and is not signed. Void it first."))
    contract.mark_sent()
    log(instance=contract.sponsorship, action="sponsors.amendment_sent", user=by)
    emails.email_sponsor(contract.sponsorship, "contract_sent", document=contract.document_name)


@transaction.atomic
def sign_amendment(contract: Contract, file: File | None, *, by: User) -> None:
    """Record the signed copy of an amendment, close the amendment and email the sponsor."""
    refuse_unless(contract, by, Contract.State.SENT, kind="amendment")
    if not file and not contract.signed_file:
        raise ValidationError(gettext("Choose the file of the signed copy."))
    contract.mark_signed(file)
    log(instance=contract.sponsorship, action="sponsors.amendment_signed", user=by)
    if contract.sponsorship.amending_since:
        contract.sponsorship.close_amendment(by=by)
    emails.email_sponsor(contract.sponsorship, "signed", document=contract.document_name)


@transaction.atomic
def decline_signed_copy(contract: Contract, *, by: User, reason: str) -> None:
    """Ask the sponsor for another signed copy. The contract remains sent."""
    refuse_unless(contract, by, Contract.State.SENT)
    if not contract.signed_file:
        raise ValidationError(gettext("The sponsor has not submitted a signed copy yet."))
    if not reason.strip():
        raise ValidationError(gettext("Enter a reason. The sponsor reads this text."))
    contract.signed_file = ""
    contract.save()
    log(instance=contract.sponsorship, action="sponsors.signed_copy_declined", user=by, data={"reason": reason})
    emails.email_sponsor(contract.sponsorship, "signed_copy_declined", text=reason, document=contract.document_name)


@transaction.atomic
def void_contract(contract: Contract, *, by: User, reason: str) -> None:
    """Make a draft or an amendment void. The sponsor is told if the document was sent."""
    if not by.has_perm("sponsors.change_contract"):
        raise PermissionDenied
    contract.refresh_from_db(from_queryset=Contract.objects.select_for_update())
    was_sent = contract.state == Contract.State.SENT
    if was_sent and contract.kind != "amendment":
        raise ValidationError(gettext("To void a contract that was sent, move the sponsorship back one step."))
    contract.void(by=by, reason=reason)
    if was_sent:
        emails.email_sponsor(contract.sponsorship, "contract_void", text=reason, document=contract.document_name)


def refuse_unless(contract: Contract, by: User, state: str, kind: str = "") -> None:
    """Lock a contract and raise ValidationError unless it is in this state and of this type."""
    if not by.has_perm("sponsors.change_contract"):
        raise PermissionDenied
    # If two people act at the same time, the second one sees the result of the first.
    contract.refresh_from_db(from_queryset=Contract.objects.select_for_update())
    if (kind and contract.kind != kind) or contract.state != state:
        raise ValidationError(
            gettext("This is not possible because the contract is “%(state)s”. Reload the page to see its current status.")
            % {"state": contract.get_state_display()}
        )
