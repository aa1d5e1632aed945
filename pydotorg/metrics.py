"""Metrics for Prometheus at /metrics: requests (django-prometheus), and the state of queue, tasks, purges, emails and feeds.

Requests are counted in each process and summed over all processes (`PROMETHEUS_MULTIPROC_DIR`, set by gunicorn.conf.py). The
state is read at each scrape, independent of the process that did the work.
"""

import os
from collections.abc import Iterator
from typing import cast

from django.conf import settings
from django.core.cache import caches
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from cms.delivery.models import Purge
from cms.email.models import SentEmail
from cms.platform.cache import ForgivingRedisCache
from cms.platform.models import PendingTask, TaskRun
from cms.platform.tasks import backup_age
from community.models import Feed


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics to clients with the token, and 404 to all others."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        raise Http404
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
    else:
        registry.register(REGISTRY)
    registry.register(StateCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class StateCollector:
    def collect(self) -> Iterator[Metric]:
        yield rows("pydotorg_task_runs", "Tasks of the last days, by result", TaskRun.objects.all())
        yield rows("pydotorg_purges", "Purges of the last month, by status", Purge.objects.all())
        yield rows("pydotorg_mails", "Emails in the outbox and log, by status", SentEmail.objects.all())
        pending = PendingTask.objects.overdue().count()
        yield GaugeMetricFamily("pydotorg_tasks_overdue", "Tasks that were enqueued more than two minutes ago", pending)
        failing = Feed.objects.filter(active=True, failures__gt=0).count()
        yield GaugeMetricFamily("pydotorg_feeds_failing", "External feeds that failed at the last fetch", failing)
        if (age := backup_age()) is not None:
            yield GaugeMetricFamily("pydotorg_backup_age_seconds", "Age of the newest backup", age.total_seconds())
        if settings.REDIS_URL:
            yield from queue()
        if settings.CACHE_URL:
            yield from cache_server()


def rows(name: str, text: str, queryset: QuerySet) -> GaugeMetricFamily:
    """Return the number of rows for each value of the field `status`."""
    family = GaugeMetricFamily(name, text, labels=["status"])
    for status, count in queryset.order_by().values_list("status").annotate(Count("pk")):
        family.add_metric([status], count)
    return family


def queue() -> Iterator[Metric]:
    import django_rq  # noqa: PLC0415 -- an app of this site only where Redis is.

    length = GaugeMetricFamily("pydotorg_queue_jobs", "Waiting jobs", labels=["queue"])
    age = GaugeMetricFamily("pydotorg_queue_oldest_seconds", "Age of the oldest waiting job", labels=["queue"])
    failed = GaugeMetricFamily("pydotorg_queue_failed_jobs", "Failed jobs", labels=["queue"])
    now = timezone.now()
    for name in settings.RQ_QUEUES:
        waiting = django_rq.get_queue(name)
        length.add_metric([name], waiting.count)
        failed.add_metric([name], waiting.failed_job_registry.count)
        (first,) = waiting.get_jobs(0, 1) or (None,)
        age.add_metric([name], (now - first.enqueued_at).total_seconds() if first and first.enqueued_at else 0)
    yield from (length, age, failed)


def cache_server() -> Iterator[Metric]:
    """Yield the statistics of the cache server, which may have other clients."""
    stats = cast("ForgivingRedisCache", caches["default"]).server_stats()
    for name, text, key in (
        ("pydotorg_cache_hits", "Cache hits", "keyspace_hits"),
        ("pydotorg_cache_misses", "Cache misses", "keyspace_misses"),
        ("pydotorg_cache_evictions", "Evicted keys", "evicted_keys"),
    ):
        yield CounterMetricFamily(name, text, stats[key])
