from django.urls import path

from . import portal, portal_actions, serving

app_name = "sponsor_portal"
urlpatterns = [
    path("", portal.index, name="index"),
    path("<int:pk>/", portal.sponsorship, name="sponsorship"),
    path("<int:pk>/assets/", portal.redirect_old_url),
    path("<int:pk>/provided-assets/", portal.redirect_old_url),
    path("<int:pk>/items/<int:item>/", portal_actions.submit, name="submit"),
    path("<int:pk>/signed-copy/", portal_actions.signed_copy, name="signed_copy"),
    path("<int:pk>/withdraw/", portal_actions.withdraw, name="withdraw"),
    path("sponsor/edit/", portal.sponsor_shortcut, name="sponsor_shortcut"),
    path("sponsor/<int:pk>/", portal_actions.sponsor_edit, name="sponsor"),
    path("sponsor/<int:pk>/invite/<int:contact>/", portal_actions.invite, name="invite"),
    path("invitation/<str:token>/", portal_actions.redirect_old_invitation, name="invitation"),
    path("files/item/<int:pk>/", serving.item_file, name="item_file"),
    path("files/version/<int:pk>/", serving.version_file, name="version_file"),
    path("files/agreement/<int:pk>/<str:name>/", serving.contract_file, name="contract_file"),
    path("files/asset/<str:token>/", serving.asset_file, name="asset_file"),
]
