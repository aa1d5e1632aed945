from django.urls import path

from . import applying, views

app_name = "sponsors"
urlpatterns = [
    path("application/", views.application, name="application"),
    path("application/new/", applying.choose, name="choose"),
    path("application/continue/", applying.resume, name="resume"),
    path("application/organisation/", applying.organisation, name="organisation"),
    path("application/contacts/", applying.contacts, name="contacts"),
    path("application/check/", applying.check, name="check"),
    path("application/thanks/<int:pk>/", applying.thanks, name="thanks"),
    path("application/renew/<int:pk>/", applying.renew, name="renew"),
]
