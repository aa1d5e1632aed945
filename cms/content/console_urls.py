from django.urls import path

from . import console

urlpatterns = [
    path("", console.shell, name="shell"),
    path("worker.js", console.worker, name="console_worker"),
    path("<str:version>/<str:name>", console.console_file, name="console_file"),
]
