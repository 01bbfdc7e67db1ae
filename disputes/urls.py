"""Relief requests and disputes: the list of both, asking, and the page of one with its answer."""

from django.urls import path

from disputes.views import asking, extensions, hearings, ruling

urlpatterns = [
    path("disputes/", hearings.hearings, name="hearings"),
    path("results/<int:result>/hearings/", hearings.of_result, name="result-hearings"),
    path("results/<int:result>/dispute/", asking.ask_dispute, name="dispute-ask"),
    path("relief/ask/<int:service_level>/<int:period>/", asking.ask_relief, name="relief-ask"),
    path("disputes/files/<int:hearing_file>/", hearings.hearing_file, name="hearing-file"),
    path("contracts/<int:contract_id>/extension/", extensions.ask, name="extension-ask"),
    path("extensions/<int:extension>/", extensions.extension, name="extension"),
    path("extensions/<int:extension>/decide/", extensions.decide, name="extension-decide"),
    path("disputes/<int:dispute>/", hearings.dispute, name="dispute"),
    path("disputes/<int:dispute>/rule/", ruling.rule_on, name="dispute-rule"),
    path("disputes/<int:dispute>/say/", ruling.say_about_dispute, name="dispute-say"),
    path("disputes/<int:dispute>/withdraw/", ruling.withdraw_the_dispute, name="dispute-withdraw"),
    path("relief/<int:relief_request>/", hearings.relief_request, name="relief-request"),
    path("relief/<int:relief_request>/decide/", ruling.decide_on, name="relief-request-decide"),
    path("relief/<int:relief_request>/say/", ruling.say_about_relief, name="relief-request-say"),
    path("relief/<int:relief_request>/withdraw/", ruling.withdraw_the_request, name="relief-request-withdraw"),
]
