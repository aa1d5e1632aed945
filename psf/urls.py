from django.urls import path

from . import nominations

app_name = "nominations"

urlpatterns = [
    path("elections/", nominations.elections, name="elections"),
    # As on the old site, the URL of an election uses the singular, and those of its candidates the plural.
    path("election/<slug:slug>/", nominations.election, name="election"),
    path("elections/<slug:slug>/nominees/", nominations.nominees, name="nominees"),
    path("elections/<slug:slug>/nominees/<slug:nominee_slug>/", nominations.nominee, name="nominee"),
    path("mine/", nominations.mine, name="mine"),
    path("statement-preview/", nominations.statement_preview, name="statement_preview"),
    path("invitation/<str:token>/", nominations.invitation, name="invitation"),
    path("<slug:slug>/create/", nominations.create, name="create"),
    path("<slug:slug>/<int:pk>/", nominations.nomination, name="nomination"),
    path("<slug:slug>/<int:pk>/edit/", nominations.edit, name="edit"),
    path("<slug:slug>/<int:pk>/accept/", nominations.accept, name="accept"),
]
