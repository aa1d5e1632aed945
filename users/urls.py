from django.urls import path, re_path

from . import views

app_name = "users"
USERNAME = r"(?P<username>[\w.@+-]+)"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("session/", views.session, name="session"),
    path("edit/", views.edit, name="edit"),
    path("export/", views.export, name="export"),
    path("keys/", views.keys, name="keys"),
    path("keys/<int:pk>/revoke/", views.revoke_key, name="revoke_key"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    re_path(rf"^{USERNAME}/delete/$", views.delete, name="delete"),
    re_path(rf"^{USERNAME}/$", views.profile, name="profile"),
]
