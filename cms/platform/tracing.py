"""One id and one trace follow a request: through the log, its SQL, the purges that it sends and the tasks that it leaves."""

import logging
import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.http import HttpRequest
from django_tasks import TaskResultStatus
from django_tasks.signals import task_finished, task_started
from opentelemetry import context, propagate, trace
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Histogram

from .logs import NO_REQUEST, request_id

logger = logging.getLogger("access")
tracer = trace.get_tracer("pydotorg")
QUERIES = Histogram("pydotorg_query_seconds", "How long queries took", buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5))
# The span of the task that this worker does, and what ends its being the current one.
_running: ContextVar[tuple | None] = ContextVar("running", default=None)
# Safe in a header, in a line of the log and in a comment of SQL.
ACCEPTED = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")


def id_of(request: HttpRequest) -> str:
    """Return the id that the caller or Amazon's load balancer has given, or a new one."""
    root = request.headers.get("X-Amzn-Trace-Id", "").partition("Root=")[2].partition(";")[0]
    for given in (request.headers.get("X-Request-ID", ""), root):
        if ACCEPTED.fullmatch(given):
            return given
    return uuid.uuid4().hex


def log_request(request: HttpRequest, status: int, seconds: float) -> None:
    """Log one line for each request. Includes the user only if it was loaded anyway, because loading costs a query."""
    user = getattr(request, "_cached_user", None)
    facts = {
        "method": request.method,
        "path": request.path,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        "user_id": user.pk if user else None,
    }
    logger.info("%(method)s %(path)s %(status)s %(duration_ms)s ms", facts, extra=facts)


def start_export() -> None:
    """Send spans where OTEL_EXPORTER_OTLP_ENDPOINT says. Without it they cost next to nothing and go nowhere."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 -- slow to load.
    from opentelemetry.propagators.aws import AwsXRayPropagator  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": "pydotorg", "service.version": settings.RELEASE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    # A trace that Amazon's load balancer has begun goes on under its number.
    propagate.set_global_textmap(CompositePropagator([TraceContextTextMapPropagator(), AwsXRayPropagator()]))


def request_span(request: HttpRequest) -> AbstractContextManager[Any]:
    """Return the span of a request, below the caller's where its headers name one."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return nullcontext(trace.INVALID_SPAN)
    facts = {"http.request.method": request.method or "", "url.path": request.path, "request.id": request_id.get()}
    above = propagate.extract(dict(request.headers))
    return tracer.start_as_current_span(f"{request.method} request", above, trace.SpanKind.SERVER, facts)


def carrier() -> dict[str, str]:
    """Return the metadata that lets the worker continue the trace of a request."""
    found: dict[str, str] = {}
    if (name := request_id.get()) != NO_REQUEST:
        found["request_id"] = name
        propagate.inject(found)
    return found


@receiver(task_started)
def follow_request(sender: Any, task_result: Any, **kwargs: Any) -> None:
    """Continue the request id of the request that enqueued the task; a scheduled task gets a new one."""
    if sender.__name__ == "RQBackend":
        # The queue may have been emptied since.
        job = task_result.task.get_backend()._get_job(task_result.id)
        meta = job.meta if job else {}
        request_id.set(meta.get("request_id") or f"task-{task_result.id}")
        facts = {"request.id": request_id.get()}
        span = tracer.start_span(task_result.task.module_path, propagate.extract(meta), trace.SpanKind.CONSUMER, facts)
        _running.set((span, context.attach(trace.set_span_in_context(span))))


@receiver(task_finished)
def end_span(sender: Any, task_result: Any, **kwargs: Any) -> None:
    """Flush spans before the process of the job ends."""
    if (running := _running.get()) is not None:
        _running.set(None)
        span, token = running
        if task_result.status == TaskResultStatus.FAILED:
            span.set_status(trace.StatusCode.ERROR)
        span.end()
        context.detach(token)
        if flush := getattr(trace.get_tracer_provider(), "force_flush", None):
            flush()


def name_request(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
    """Add the request id to the query, for the log and the activity view of PostgreSQL."""
    if (name := request_id.get()) != NO_REQUEST:
        sql = f"/* request {name} */ {sql}"
    return execute(sql, params, many, context)


def trace_query(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
    """Record a span for the query, without its values."""
    facts = {"db.system.name": context["connection"].vendor, "db.query.text": sql[:1000]}
    with tracer.start_as_current_span(sql.split(" ", 1)[0].upper(), kind=trace.SpanKind.CLIENT, attributes=facts):
        return execute(sql, params, many, context)


def count_query(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
    with QUERIES.time():
        return execute(sql, params, many, context)


@receiver(connection_created)
def wrap_queries(sender: Any, connection: Any, **kwargs: Any) -> None:
    wanted = [trace_query] if settings.OTEL_EXPORTER_OTLP_ENDPOINT else []
    if settings.METRICS_TOKEN:
        wanted.append(count_query)
    if connection.vendor == "postgresql":
        wanted.append(name_request)
    connection.execute_wrappers.extend(wrapper for wrapper in wanted if wrapper not in connection.execute_wrappers)
