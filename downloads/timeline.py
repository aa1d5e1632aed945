"""Lifetimes of the release series, as a table and as bars."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext

from .listings import CHIPS, Row, Status
from .models import ReleaseSeries
from .models.series import long_date


@dataclass
class SeriesRow:
    """Release series on the download page: supported, planned, or the last one that ended."""

    series: ReleaseSeries
    status: Status
    # The newest stable release, if there is one.
    newest: Row | None
    # "planned" or "expected" if there is none.
    expectation: str = ""

    @property
    def name(self) -> str:
        return self.series.name

    @property
    def kind(self) -> str:
        return CHIPS[self.status]

    @property
    def first_release(self) -> str:
        return long_date(self.series.first_release)

    @property
    def end_of_support(self) -> str:
        return long_date(self.series.end_of_security)

    @property
    def is_planned(self) -> bool:
        return self.status == Status.PRE_RELEASE

    @property
    def has_ended(self) -> bool:
        return self.status == Status.ENDED

    @property
    def url(self) -> str:
        return f"/downloads/latest/python{self.series.name}/"


def active_rows(all_series: Iterable[ReleaseSeries], newest: dict[int, Row], at: datetime | None = None) -> list[SeriesRow]:
    """Return the release series to show, newest first: published series that get fixes, and the last one that ended.

    `all_series` comes from `with_published`, `newest` maps series to their newest stable release. A series with a stable
    release and without dates is left out: its support is unknown.
    """
    rows: list[SeriesRow] = []
    for series in all_series:
        status = series.status(at)
        without_dates = series.first_release is None and series.pk in newest
        if series.first_published is None or without_dates:
            continue
        rows.append(SeriesRow(series, status, newest.get(series.pk), series.expectation(at)))
        if status == Status.ENDED:
            break
    return rows


def chart(rows: list[SeriesRow], at: datetime | None = None) -> dict:
    """Return the data of components/timeline.html: bars, years and today, in percent of the range."""
    today = (at or timezone.now()).date()
    lives = [(row.series.first_release, row.series.end_of_security) for row in rows]
    begins, ends = [day for day, _ in lives if day], [day for _, day in lives if day]
    if not begins or not ends:
        return {}
    first = min(begins).replace(month=1, day=1)
    last_year = max(ends).year
    last = date(last_year + 1, 1, 1)
    length = (last - first).days

    def x(day: date) -> float:
        return 100 * (min(max(day, first), last) - first).days / length

    def bar(kind: str, begin: date, end: date) -> dict:
        return {"kind": kind, "x": x(begin), "width": x(end) - x(begin)}

    return {
        "rows": [_bars(row, bar, today) for row in rows if row.series.first_release and row.series.end_of_security],
        # Labels are centered on their line: those at the edges would not fit on a phone.
        "years": [{"x": x(date(year, 1, 1)), "label": year} for year in range(first.year + 1, last_year + 1, 2)],
        "today": x(today),
        "today_label": gettext("Today, %(day)s") % {"day": long_date(today)},
    }


def _bars(row: SeriesRow, bar: Callable[[str, date, date], dict[str, Any]], today: date) -> dict:
    series = row.series
    begin, end = cast("tuple[date, date]", (series.first_release, series.end_of_security))
    if series.first_stable and series.first_stable.date() < begin:
        begin = series.first_stable.date()
    if row.has_ended:
        spans = [bar("ended", begin, end)]
    elif row.is_planned and begin <= today:
        # Overdue: only the pre-releases are certain.
        spans = [bar("prerelease", min(series.first_published.date(), begin), today)]
    else:
        turn = series.end_of_bugfixes or end
        spans = [
            bar("prerelease", min(series.first_published.date(), begin), begin),
            bar("bugfix", begin, turn),
            bar("security", turn, end),
        ]
    return {
        "name": series.name,
        "url": row.url,
        "status": row.status.label,
        "status_kind": row.kind,
        "until": _until(row) % {"day": long_date(series.first_release if row.is_planned else series.end_of_security)},
        "summary": f"Python {series.name}: {str(row.status.label).lower()}. {series.support(today)}",
        "spans": [span for span in spans if span["width"] > 0],
    }


def _until(row: SeriesRow) -> str:
    if row.is_planned:
        return (
            gettext("final release planned for %(day)s")
            if row.expectation == gettext("planned")
            else gettext("final release expected since %(day)s")
        )
    return gettext("support ended %(day)s") if row.has_ended else gettext("supported until %(day)s")
