import smtplib

from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from cms.email.models import SentEmail
from cms.platform.schedules import scheduled


@task(queue_name="mail")
def deliver_email(pk: int) -> None:
    """Send one recorded email, unless it was sent in the meantime."""
    mail = SentEmail.objects.get(pk=pk)
    if mail.status == SentEmail.Status.SENT:
        return
    message = EmailMessage(mail.subject, mail.body, to=mail.to, reply_to=[mail.reply_to] if mail.reply_to else None)
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        mail.status, mail.error = SentEmail.Status.FAILED, str(error)[:500]
    else:
        mail.status, mail.error, mail.sent_at = SentEmail.Status.SENT, "", timezone.now()
    mail.attempts = F("attempts") + 1
    mail.save()


@scheduled("*/5 * * * *")
@task()
def retry_emails() -> None:
    """Send again what the mail server did not take, for a day."""
    for pk in SentEmail.objects.due_again().values_list("pk", flat=True):
        deliver_email.enqueue(pk)
