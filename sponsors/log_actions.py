"""Labels of log entries other than transitions of a sponsorship."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "apply": "Applied",
    "create": _("Entered by staff"),
    "benefit": _("Benefit changed"),
    "edit": _("Terms changed"),
    "bill": _("Invoice or payment recorded"),
    "contract": _("Contract created"),
    "void": _("Contract voided"),
    "signed_copy": _("Signed copy received"),
    "signed_copy_declined": _("Signed copy declined"),
    "amendment_sent": _("Amendment sent"),
    "amendment_signed": _("Amendment signed"),
    "item_due": _("Due date changed"),
    "item_waiting": _("Item reopened"),
    "item_submitted": _("Item submitted"),
    "item_needs_changes": _("Changes requested"),
    "item_accepted": _("Item accepted"),
    "item_waived": _("Item waived"),
    "item_delivered": _("Item delivered"),
    "item_used": _("Uses recorded"),
    "reminder": _("Reminder sent"),
    "message": _("Message sent"),
    "message_again": _("Message sent again"),
    "self_edit": _("Changed by the sponsor"),
    "change_approved": _("Change by the sponsor approved"),
    "change_rejected": _("Change by the sponsor rejected"),
    "joined": _("Contact joined"),
    "copied": _("Sponsorship year copied"),
    "package_editor": _("Packages and benefits changed"),
}
