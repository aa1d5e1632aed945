"""URLs of the membership pages under `/users/`."""

from django.urls import path

from . import members

app_name = "membership"

urlpatterns = [
    path("", members.mine, name="mine"),
    path("edit/", members.edit, name="edit"),
    path("delete/", members.leave, name="leave"),
    path("affirm/", members.affirm, name="affirm"),
]
