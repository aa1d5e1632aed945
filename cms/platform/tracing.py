"""One ID and one trace for each request, in the log, its SQL statements, and the purges and tasks that it enqueues."""

import logging
import re
import uuid
from collections.abc import Callable
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
# Span of the running task, and the token that detaches it.
_running: ContextVar[tuple | None] = ContextVar("running", default=None)
# Safe in a header, in a line of the log and in a comment of SQL.
ACCEPTED = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")


def id_of(request: HttpRequest) -> str:
    """Return the ID set by the caller or by Amazon's load balancer, or a new one."""
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
    """Send spans to OTEL_EXPORTER_OTLP_ENDPOINT. Without it, tracing is disabled."""
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 -- slow to load.
    from opentelemetry.instrumentation.django import DjangoInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.redis import RedisInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.requests import RequestsInstrumentor  # noqa: PLC0415
    from opentelemetry.propagators.aws import AwsXRayPropagator  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": "pydotorg", "service.version": settings.RELEASE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    # Continue a trace that Amazon's load balancer has started.
    propagate.set_global_textmap(CompositePropagator([TraceContextTextMapPropagator(), AwsXRayPropagator()]))
    DjangoInstrumentor().instrument(request_hook=describe_request)
    for instrumentor in (PsycopgInstrumentor, RedisInstrumentor, RequestsInstrumentor):
        instrumentor().instrument()


def describe_request(span: trace.Span, request: HttpRequest) -> None:
    """Name the request in its span, and drop the query string: it may hold search terms, email addresses and tokens."""
    span.set_attributes({"http.target": request.path, "http.url": f"{request.scheme}://{request.get_host()}{request.path}"})


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
    if sender.__name__ == "QueueBackend":
        # The queue may have been emptied in the meantime.
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


def count_query(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
    with QUERIES.time():
        return execute(sql, params, many, context)


@receiver(connection_created)
def wrap_queries(sender: Any, connection: Any, **kwargs: Any) -> None:
    wanted = [count_query] if settings.METRICS_TOKEN else []
    if connection.vendor == "postgresql":
        wanted.append(name_request)
    connection.execute_wrappers.extend(wrapper for wrapper in wanted if wrapper not in connection.execute_wrappers)
