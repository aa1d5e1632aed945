from html import escape

from django import template
from django.utils.safestring import SafeString

from cms.delivery import surrogate_keys
from cms.templatetags.components import icon
from jobs.models import Job

register = template.Library()


def shown(context, jobs, count: int) -> list[Job]:
    """The first of the adverts. The page around shows jobs now, and is purged with them."""
    request = context.get("request") or getattr(context, "request", None)
    if request is not None:
        surrogate_keys.add_keys(request, "jobs")
    return list(jobs[:count])


@register.simple_tag(takes_context=True)
def latest_jobs(context, count: int = 5) -> list[Job]:
    """The newest live adverts: {% latest_jobs 3 as jobs %}."""
    return shown(context, Job.objects.visible().for_list().order_by("-approved_at", "-pk"), count)


@register.simple_tag(takes_context=True)
def featured_jobs(context, count: int = 3) -> list[Job]:
    """The live adverts that staff have featured: {% featured_jobs as jobs %}."""
    return shown(context, Job.objects.visible().filter(is_featured=True).for_list(), count)


@register.simple_tag(takes_context=True)
def company_jobs(context, name: str, count: int = 5) -> list[Job]:
    """The live adverts of a company, for its profile: {% company_jobs company.name as jobs %}."""
    return shown(context, Job.objects.visible().filter(company_name__iexact=name).for_list(), count)


@register.simple_tag
def job_card(job: Job) -> SafeString:
    """An advert in a list. A page shows dozens of them, and a template takes five times as long."""
    facts = [(icon("map-pin", "icon-small"), job.display_location)]
    if job.is_remote:
        facts.append((icon("globe", "icon-small"), job.get_remote_display()))
    if job.display_salary:
        facts.append((icon("tag", "icon-small"), job.display_salary))
    chips = ""
    if job.is_featured:
        chips += f'<span class="chip chip-warn">{icon("star")}Featured</span>'
    if job.is_new():
        chips += '<span class="chip chip-ok">New</span>'
    meta = "".join(f"<span>{picture}{escape(words)}</span>" for picture, words in facts)
    day = job.approved_at
    return SafeString(f"""<li class="card{" card-accent" if job.is_featured else ""}">
<h3 class="card-title"><a class="card-link" href="{job.get_absolute_url()}">{escape(job.title)}</a> {chips}</h3>
<p class="job-company">{escape(job.company_name)}</p>
<p class="card-meta">{meta}</p>
<p class="card-meta"><span>{escape(job.category.name)}</span><time datetime="{day:%Y-%m-%d}">{day:%-d %B %Y}</time></p>
</li>
""")
