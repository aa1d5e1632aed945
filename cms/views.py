from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from . import cdn
from .models import Box


@require_safe
def box(request, label):
    """A published box alone, without the frame, for menus and other sites."""
    found = Box.objects.filter(label=label, live=True).first()
    if found is None:
        raise Http404
    cdn.add_keys(request, f"box-{label}")
    response = HttpResponse(render_to_string("cms/blocks/box.html", {"self": found}, request=request))
    patch_cache_control(response, public=True, max_age=60, s_maxage=3600)
    return response
