from django.urls import path

from cms.content.views import landing
from cms.delivery import surrogate_keys

from . import feeds, submissions, views
from .models import StoryIndexPage

app_name = "stories"
shared = surrogate_keys.shared("success-stories")

# In addition to the stories themselves, which are pages of the tree.
urlpatterns = [
    path("", landing(StoryIndexPage), name="landing"),
    path("create/", submissions.create, name="create"),
    path("thanks/", submissions.thanks, name="thanks"),
    path("mine/", submissions.mine, name="mine"),
    path("edit/<int:pk>/", submissions.edit, name="edit"),
    path("category/<slug:slug>/", shared(views.category), name="category"),
    path("company/<slug:slug>/", shared(views.company), name="company"),
    path("<slug:slug>/image.png", shared(views.story_image), name="story_image"),
    path("feed/", shared(feeds.StoryFeed()), name="feed"),
]
