"""One request followed through the log, the trace, its task and the error page; and what Prometheus reads."""

import gzip
import json
import shutil
import sys
from types import SimpleNamespace
from urllib.parse import quote

import brotli
import psycopg
import pytest
from django.conf import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from redis import Redis

from deploy.drills.stage import Stage, ask, free_port, until
from tests.factories.users import UserFactory, key_for
from tests.servers import RecordingServer, database_url

TRACE = "67891233abcdef012345678912345678"
HEADERS = {"X-Request-ID": "drill-1", "X-Amzn-Trace-Id": f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent=53995c3f42cd8ad8;Sampled=1"}
JOBS = f"/jobs/feed/rss/?q=ada@example.org&token={'a' * 20}"


@pytest.fixture
def site(tmp_path):
    """Start the site in two processes, with a span collector, a Sentry server and a cache that record what they receive."""
    # A separate database, because other tests flush theirs.
    queue = f"{settings.REDIS_URL.rpartition('/')[0]}/14"
    Redis.from_url(queue).flushdb()
    with RecordingServer() as collector, RecordingServer() as sentry, RecordingServer() as edge:
        environment = {
            "DJANGO_SETTINGS_MODULE": "pydotorg.settings.production",
            "SECRET_KEY": settings.SECRET_KEY,
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "false",
            "DATABASE_URL": database_url(),
            "REDIS_URL": queue,
            "VAR_DIR": str(tmp_path),
            "BASE_URL": "https://www.python.org",
            "AWS_STORAGE_BUCKET_NAME": "none",
            "EMAIL_URL": "none",
            "CDN_BACKEND": "http",
            "CDN_URL": edge.url,
            "METRICS_TOKEN": "let-me-read",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "SENTRY_DSN": sentry.url.replace("//", "//key@") + "/1",
            "RELEASE": "1.2.3",
        }
        with Stage(tmp_path, environment) as stage:
            stage.ports["web"] = free_port()
            stage.start("web", sys.executable, "-m", "gunicorn", "pydotorg.wsgi", PORT=str(stage.ports["web"]))
            stage.until_ready("web", path="/health")
            told = SimpleNamespace(stage=stage, collector=collector, sentry=sentry, edge=edge)
            told.url = lambda path: stage.url("web", path)
            yield told


def lines_of(stage, name: str, request_id: str, logger: str) -> list[dict]:
    """Return the log lines of a process that belong to a request."""
    text = (stage.folder / f"{name}.log").read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if line["request_id"] == request_id and line["logger"] == logger]


def spans_of(collector) -> list:
    exports = [ExportTraceServiceRequest.FromString(unpacked(request)) for request in list(collector.requests)]
    return [
        span
        for export in exports
        for resource in export.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
        if span.trace_id.hex() == TRACE
    ]


def unpacked(request) -> bytes:
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(request.headers.get("Content-Encoding"), bytes)
    return unpack(request.body)


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "let-me-read"])
def test_metrics_are_for_whoever_knows_the_token(client, settings, token):
    settings.METRICS_TOKEN = token
    for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.skipif(not settings.REDIS_URL, reason="The embedded defaults have no worker.")
@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S2-50a", "S2-50b", "S2-50c", "S2-50d", "S2-52", "S2-54", "S3-29", "S1-30")
@pytest.mark.proves("S3-12", "S3-32", on="a collector of OTLP that records")
def test_one_request_is_followed_everywhere_and_counted(site, tmp_path):
    key = key_for(UserFactory(role="Release managers"), "v2")
    body = json.dumps({"name": "WASI", "slug": "wasi"}).encode()
    headers = HEADERS | {"Authorization": f"Token {key}", "Content-Type": "application/json"}
    status, answered, _ = ask(site.url("/api/v2/downloads/os/"), data=body, headers=headers, method="POST")
    assert (status, answered["X-Request-ID"]) == (201, "drill-1")
    metrics = ask(site.url("/metrics"), headers={"Authorization": "Bearer let-me-read"})[2].decode()
    assert 'pydotorg_queue_jobs{queue="purge"} 1.0' in metrics

    queues = ("purge", "mail", "default")
    site.stage.start(
        "worker",
        sys.executable,
        "manage.py",
        "rqworker",
        *queues,
        "--burst",
        "--serializer",
        "json",
        "--job-class",
        "django_tasks_rq.Job",
    )
    assert site.stage.processes["worker"].wait(timeout=60) == 0

    assert [line["path"] for line in lines_of(site.stage, "web", "drill-1", "access")] == ["/api/v2/downloads/os/"]
    assert "cms.delivery.sending.send_purge" in {line["task"] for line in lines_of(site.stage, "worker", "drill-1", "tasks")}
    assert site.edge.requests[0].headers["X-Request-ID"] == "drill-1"
    request = "POST api/v2/downloads/os/$"
    wanted = {request, "INSERT", "cms.delivery.sending.send_purge"}
    until(lambda: wanted <= {span.name for span in spans_of(site.collector)}, "The spans arrive")
    by_id = {span.span_id: span for span in spans_of(site.collector)}
    tops = {
        span.name: span.parent_span_id for span in by_id.values() if span.name in {request, "cms.delivery.sending.send_purge"}
    }
    assert tops[request].hex() == "53995c3f42cd8ad8", "The trace that the load balancer has begun goes on."
    assert by_id[tops["cms.delivery.sending.send_purge"]].name == request

    with psycopg.connect(database_url(), autocommit=True) as server:
        server.execute("ALTER TABLE jobs_job RENAME TO jobs_away")
        try:
            status, _, page = ask(site.url(JOBS), headers={"X-Request-ID": "broken-1"})
        finally:
            server.execute("ALTER TABLE jobs_away RENAME TO jobs_job")
    assert (status, b"<code>broken-1</code>" in page) == (500, True)
    # The first page that gunicorn asks for itself fails as well, because static files were not collected.
    until(lambda: any(b"broken-1" in unpacked(request) for request in site.sentry.requests), "The error arrives")
    told = next(text for text in map(unpacked, site.sentry.requests) if b"broken-1" in text).decode()
    event = json.loads(told.splitlines()[2])
    assert (event["tags"]["request_id"], event["release"]) == ("broken-1", "1.2.3")
    assert event["exception"]["values"][-1]["type"] == "ProgrammingError"
    assert "ada@" not in told
    assert "a" * 20 not in told
    prometheus_reads(site, tmp_path)


def prometheus_reads(site, tmp_path) -> None:
    """Start a real Prometheus that scrapes the site."""
    port = free_port()
    target = site.url("").removeprefix("http://").rstrip("/")
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [
            {"job_name": "site", "authorization": {"credentials": "let-me-read"}, "static_configs": [{"targets": [target]}]}
        ],
    }
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    places = {
        "config.file": tmp_path / "prometheus.yml",
        "storage.tsdb.path": tmp_path,
        "web.listen-address": f"127.0.0.1:{port}",
    }
    options = [f"--{name}={place}" for name, place in places.items()]
    site.stage.start("prometheus", shutil.which("prometheus") or "/usr/bin/prometheus", *options)

    def value(query: str) -> float:
        status, _, answer = ask(f"http://127.0.0.1:{port}/api/v1/query?query={quote(query)}")
        result = json.loads(answer)["data"]["result"] if status == 200 else []
        return float(result[0]["value"][1]) if result else -1

    until(lambda: value("up") == 1, "Prometheus has read the site")
    assert value('django_http_responses_total_by_status_total{status="201"}') == 1
    # The page above, and the first one that gunicorn asked for itself.
    assert value('django_http_responses_total_by_status_total{status="500"}') == 2
    assert value("sum(django_http_requests_latency_seconds_by_view_method_count)") >= 5
    assert value('pydotorg_purges{status="done"}') >= 1
    assert value("sum(pydotorg_query_seconds_count)") >= 5
    for name in ("pydotorg_queue_jobs", "pydotorg_queue_oldest_seconds", "pydotorg_feeds_failing", "pydotorg_cache_misses_total"):
        assert value(name) >= 0, name
