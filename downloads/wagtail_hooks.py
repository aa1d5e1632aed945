from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from .registers import ReleaseFileAdmin
from .viewsets import DownloadsViewSetGroup

register_snippet(DownloadsViewSetGroup)
modeladmin_register(ReleaseFileAdmin)
