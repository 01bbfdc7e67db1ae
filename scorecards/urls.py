"""A contract's month as it was published, and review packs."""

from django.urls import path

from scorecards.views import explanations, handed_packs, packs, publications

urlpatterns = [
    path("contracts/<int:contract>/<str:month>/publication/", publications.publication, name="publication"),
    path("contracts/<int:contract>/<str:month>/publish/", publications.publish_month, name="publish"),
    path("contracts/<int:contract>/<str:month>/publish/preview/", publications.preview, name="publish-preview"),
    # Short: a page leads to more than a hundred of them.
    path("why/<int:contract>/<str:month>/", explanations.month_explanation, name="month-explanation"),
    path("publications/<int:publication>/accept/", publications.accept, name="publication-accept"),
    path("review-packs/", packs.packs, name="review-packs"),
    path("review-packs/new/", packs.new, name="review-pack-new"),
    path("review-packs/<int:review_pack>/", packs.pack, name="review-pack"),
    path("review-packs/<int:review_pack>/change/", packs.change, name="review-pack-change"),
    path("review-packs/<int:review_pack>/make/", packs.make, name="review-pack-make"),
    path("review-packs/<int:review_pack>/template/", packs.template, name="review-pack-template"),
    path("review-packs/<int:review_pack>/making/", packs.making, name="review-pack-making"),
    path("pack-sections/<int:pack_section>/", packs.section, name="pack-section"),
    path("pack-editions/<int:pack_edition>/cancel/", packs.cancel, name="pack-edition-cancel"),
    path("pack-editions/<int:pack_edition>/publish/", packs.publish, name="pack-edition-publish"),
    path("pack-editions/<int:pack_edition>/pdf/", packs.pdf, name="pack-pdf"),
    path("pack-editions/<int:pack_edition>/excel/", packs.excel, name="pack-excel"),
    path("pack-editions/<int:pack_edition>/pages/<int:page>/", packs.page_image, name="pack-page"),
    path("packs/", handed_packs.handed_packs, name="handed-packs"),
    path("packs/<int:pack_handover>/pdf/", handed_packs.pdf, name="handed-pack-pdf"),
    path("packs/<int:pack_handover>/excel/", handed_packs.excel, name="handed-pack-excel"),
]
