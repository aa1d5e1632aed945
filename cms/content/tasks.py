from django.core.management import call_command
from django.db.models import Q
from django_tasks import task

from cms.content.models.banners import Banner
from cms.content.models.missing_urls import MissingURL
from cms.content.models.settings import SiteSettings
from cms.delivery import purging
from cms.platform import fetching
from cms.platform.schedules import scheduled, since_last_done
from cms.search import inventories


@scheduled("* * * * *")
@task()
def publish_scheduled() -> None:
    """Publish and unpublish content at its scheduled time."""
    call_command("publish_scheduled", verbosity=0)


@scheduled("* * * * *")
@task()
def purge_banners() -> None:
    """Purge cached pages whose banners have started or ended by schedule since the last run."""
    Banner.announce()
    with since_last_done(purge_banners) as (since, now):
        period = (since, now)
        for banner in Banner.objects.filter(Q(starts_at__range=period) | Q(ends_at__range=period), live=True):
            purging.purge(*banner.keys())


@scheduled("45 3 * * *")
@task()
def clear_missing_urls() -> None:
    MissingURL.objects.forgettable().delete()


@scheduled("20 5 * * 0")
@task()
def read_documentation() -> None:
    """Import the names of modules, functions and classes of the standard library from its documentation once a week."""
    site_settings = SiteSettings.objects.first()
    base = (
        site_settings.documentation_url if site_settings else SiteSettings._meta.get_field("documentation_url").default
    ).rstrip("/") + "/"
    inventories.replace(inventories.read(fetching.fetch(f"{base}objects.inv").content or b"", base))
