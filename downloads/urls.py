from django.urls import path

from . import views

app_name = "downloads"

urlpatterns = [
    path("release/<slug:slug>/", views.release_detail, name="release_detail"),
    path("<slug:slug>/", views.os_detail, name="os_detail"),
]
