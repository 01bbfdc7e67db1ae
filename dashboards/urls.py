"""Pages that join several apps: homes, the portfolio, vendors and scorecards."""

from django.urls import path

from dashboards.views import (
    administration,
    cockpit,
    compare,
    due_later,
    home,
    open_now,
    portfolio,
    pulse,
    results,
    saved_views,
    scorecard,
    search,
    vendors,
)

outside = [
    path("", home.home, name="home"),
    path("theme/", home.theme, name="theme"),
]
urlpatterns = [
    path("", home.organisation, name="organisation"),
    path("home/", administration.administration, name="administration"),
    path("home/retry-letters/", administration.retry, name="letters-retry"),
    path("search/", search.search, name="search"),
    path("open-now/", open_now.open_now, name="open-now"),
    path("pulse/", pulse.pulse, name="pulse"),
    path("compare/", compare.compare, name="compare"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("portfolio/views/", saved_views.saved_views, name="views"),
    path("portfolio/views/save/", saved_views.save, name="view-save"),
    path("portfolio/views/<int:saved_view>/", saved_views.change, name="view-change"),
    path("portfolio/views/<int:saved_view>/delete/", saved_views.delete, name="view-delete"),
    path("results/", results.results, name="results"),
    path("month/", cockpit.cockpit, name="cockpit"),
    path("month/remind/", cockpit.remind_vendors, name="cockpit-remind"),
    path("month/later/chosen/", due_later.chosen, name="due-later-chosen"),
    path("month/later/", due_later.later, name="due-later"),
    path("vendors/", vendors.vendors, name="vendors"),
    path("vendors/<str:vendor_code>/", vendors.vendor, name="vendor"),
    path("scorecards/", scorecard.scorecards, name="scorecards"),
    path("contracts/<int:contract>/scorecard/", scorecard.scorecard, name="scorecard"),
    path("contracts/<int:contract>/<str:month>/", scorecard.contract_month, name="contract-month"),
]
