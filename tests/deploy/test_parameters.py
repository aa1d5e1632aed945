"""The caches keep the parameters that pages read, and drop the others from the cache key."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from events.filters import EventFilter
from jobs.search import JobSearch

ROOT = Path(__file__).resolve().parents[2]
VARNISH = (ROOT / "deploy/varnish/parameters.vcl").read_text(encoding="utf-8")
FASTLY = (ROOT / "deploy/fastly/recv.vcl").read_text(encoding="utf-8")
READ = {
    "^/search/": {"q", "type"},
    "^/jobs/": {field.name for field in fields(JobSearch)},
    "^/events/": set(EventFilter.base_fields),
    "^/downloads/": {"series", "os", "q", "version"},
    "^/psf/": {"q", "year", "result", "body"},
    "^/blogs/": {"source"},
}


@pytest.mark.parametrize(("path", "names"), READ.items())
def test_a_part_of_the_site_keeps_the_parameters_of_its_forms(path, names):
    in_varnish = re.search(re.escape(f'req.url ~ "{path}"') + r".*?\(\?!\(([^)]+)\)", VARNISH, re.DOTALL)
    in_fastly = re.search(re.escape(f'req.url ~ "{path}"') + r".*?\"\^\(([^)]+)\)\$\"", FASTLY, re.DOTALL)
    assert in_varnish
    assert in_fastly
    assert set(in_varnish[1].split("|")) == set(in_fastly[1].split("|")) == names | {"page"}


def test_both_leave_the_same_paths_alone():
    pattern = r'req\.url !?~ "(\^/\(api[^"]+)"'
    assert re.findall(pattern, VARNISH) == re.findall(pattern, FASTLY) != []
