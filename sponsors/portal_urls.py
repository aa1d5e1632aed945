from django.urls import path

from . import portal, portal_acts, serving

app_name = "sponsor_portal"
urlpatterns = [
    path("", portal.index, name="index"),
    path("<int:pk>/", portal.deal, name="deal"),
    path("<int:pk>/assets/", portal.old_address),
    path("<int:pk>/provided-assets/", portal.old_address),
    path("<int:pk>/items/<int:item>/", portal_acts.submit, name="submit"),
    path("<int:pk>/signed-copy/", portal_acts.signed_copy, name="signed_copy"),
    path("<int:pk>/withdraw/", portal_acts.withdraw, name="withdraw"),
    path("sponsor/edit/", portal.sponsor_shortcut, name="sponsor_shortcut"),
    path("sponsor/<int:pk>/", portal_acts.sponsor_edit, name="sponsor"),
    path("sponsor/<int:pk>/invite/<int:contact>/", portal_acts.invite, name="invite"),
    path("invitation/<str:token>/", portal_acts.invitation, name="invitation"),
    path("files/item/<int:pk>/", serving.item_file, name="item_file"),
    path("files/version/<int:pk>/", serving.version_file, name="version_file"),
    path("files/agreement/<int:pk>/<str:name>/", serving.agreement_file, name="agreement_file"),
    path("files/asset/<str:token>/", serving.asset_file, name="asset_file"),
]
