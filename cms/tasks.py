import smtplib
from datetime import timedelta

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from . import cdn, fetching, inventories, live, milestones
from .models import Banner, EmptySearch, MissingAddress, ProblemReport, Purge, SentMail, Sighting, SiteSettings, TaskRun
from .schedules import scheduled


@task(queue_name="purge", backend="aside")
def send_purge(pk: int) -> None:
    """Send one purge and write down what came of it."""
    purge = Purge.objects.get(pk=pk)
    try:
        cdn.send(purge.keys)
    except requests.RequestException as error:
        purge.status, purge.error = Purge.Status.FAILED, str(error)[:500]
    else:
        purge.status, purge.error = Purge.Status.DONE, ""
    purge.finished_at = timezone.now()
    purge.attempts = F("attempts") + 1
    purge.save()
    if purge.status == Purge.Status.DONE:
        look_again.enqueue()


@task(queue_name="purge", backend="aside")
def look(pk: int) -> None:
    """Ask the public address of something whether it shows what was published last."""
    live.look(Sighting.objects.get(pk=pk))


@scheduled("* * * * *")
@task(queue_name="purge", backend="aside")
def look_again() -> None:
    """For an hour after something was published, until it is seen."""
    for sighting in Sighting.objects.due():
        live.look(sighting)


@scheduled("* * * * *")
@task()
def retry_purges() -> None:
    """Send again what failed, for a day; and what nobody took because the queue was down."""
    for pk in Purge.objects.due_again().values_list("pk", flat=True):
        send_purge.enqueue(pk)


@task(queue_name="mail")
def deliver_mail(pk: int) -> None:
    """Send one recorded email, unless it was sent in the meantime."""
    mail = SentMail.objects.get(pk=pk)
    if mail.status == SentMail.Status.SENT:
        return
    message = EmailMessage(mail.subject, mail.body, to=mail.to, reply_to=[mail.reply_to] if mail.reply_to else None)
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        mail.status, mail.error = SentMail.Status.FAILED, str(error)[:500]
    else:
        mail.status, mail.error, mail.sent_at = SentMail.Status.SENT, "", timezone.now()
    mail.attempts = F("attempts") + 1
    mail.save()


@scheduled("*/5 * * * *")
@task()
def retry_mails() -> None:
    """Send again what the mail server did not take, for a day."""
    for pk in SentMail.objects.due_again().values_list("pk", flat=True):
        deliver_mail.enqueue(pk)


@scheduled("30 3 * * *")
@task()
def forget_old_purges() -> None:
    Purge.objects.filter(created_at__lt=timezone.now() - timedelta(days=30)).delete()
    Sighting.objects.forgettable().delete()


@scheduled("* * * * *")
@task()
def publish_scheduled() -> None:
    """Publish and expire what was scheduled."""
    call_command("publish_scheduled", verbosity=0)


@scheduled("* * * * *")
@task()
def purge_banners() -> None:
    """Banners come and go by the clock, while nobody saves anything. Two minutes, so that a late run misses none."""
    Banner.announce()
    now = timezone.now()
    lately = (now - timedelta(minutes=2), now)
    for banner in Banner.objects.filter(Q(starts_at__range=lately) | Q(ends_at__range=lately), live=True):
        cdn.purge(*banner.keys())


@scheduled("40 3 * * *")
@task()
def prune_versions() -> None:
    """Of versions older than thirty days, keep the last of each day and whatever carries a name or was published."""
    milestones.prune()


@scheduled("35 3 * * *")
@task()
def forget_old_task_runs() -> None:
    TaskRun.objects.forgettable().delete()


@scheduled("45 3 * * *")
@task()
def forget_missing_addresses() -> None:
    MissingAddress.objects.forgettable().delete()


@scheduled("20 5 * * 0")
@task()
def read_documentation() -> None:
    """Once a week: the names of the library, from the inventory that its documentation offers."""
    site_settings = SiteSettings.objects.first()
    base = (
        site_settings.documentation_url if site_settings else SiteSettings._meta.get_field("documentation_url").default
    ).rstrip("/") + "/"
    inventories.replace(inventories.read(fetching.fetch(f"{base}objects.inv").content or b"", base))


@scheduled("50 3 * * *")
@task()
def forget_empty_searches() -> None:
    """Delete queries without result that nobody repeated for 90 days."""
    EmptySearch.objects.filter(last_asked_at__lt=timezone.now() - timedelta(days=90)).delete()


@scheduled("55 3 * * *")
@task()
def forget_personal_data() -> None:
    """Anonymize emails and delete closed reports of visitors after the retention period (`PERSONAL_DATA_DAYS`)."""
    SentMail.objects.expired().anonymize()
    over = timezone.now() - timedelta(days=settings.PERSONAL_DATA_DAYS)
    ProblemReport.objects.filter(closed_at__lt=over).delete()
    ProblemReport.objects.filter(created_at__lt=over).update(email="")
