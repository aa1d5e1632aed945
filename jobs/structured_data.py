"""Structured data of a job for search engines: https://schema.org/JobPosting."""

from typing import Any

from cms.content.markup import render

from .models import Job

UNITS = {Job.Period.HOUR: "HOUR", Job.Period.DAY: "DAY", Job.Period.MONTH: "MONTH", Job.Period.YEAR: "YEAR"}


def job_posting_data(job: Job) -> dict[str, Any]:
    location = {
        "@type": "PostalAddress",
        "addressLocality": job.city,
        "addressRegion": job.region,
        "addressCountry": str(job.country),
    }
    moments = {"datePosted": job.approved_at, "validThrough": job.expires_at}
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": job.title,
        "description": render(job.description) + render(job.requirements),
        "identifier": {"@type": "PropertyValue", "name": "python.org", "value": job.pk},
        "url": job.full_url,
        "hiringOrganization": {"@type": "Organization", "name": job.company_name},
        "jobLocation": {"@type": "Place", "address": {name: value for name, value in location.items() if value}},
    } | {name: moment.isoformat() for name, moment in moments.items() if moment}
    if job.is_remote:
        data["jobLocationType"] = "TELECOMMUTE"
    if job.remote == Job.Remote.COUNTRY:
        data["applicantLocationRequirements"] = {"@type": "Country", "name": job.country_name}
    if job.display_salary:
        ends = {"minValue": job.salary_min, "maxValue": job.salary_max}
        data["baseSalary"] = {
            "@type": "MonetaryAmount",
            "currency": job.salary_currency,
            "value": {"@type": "QuantitativeValue", "unitText": UNITS[Job.Period(job.salary_period)]}
            | {name: value for name, value in ends.items() if value},
        }
    return data
