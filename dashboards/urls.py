"""Pages that join several apps: homes, the portfolio, vendors and scorecards."""

from django.urls import path

from dashboards.views import home, portfolio

app_urls = [
    path("", home.home, name="home"),
    path("theme/", home.theme, name="theme"),
]
urlpatterns = [
    path("", home.organisation, name="organisation"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("vendors/<str:vendor_code>/", portfolio.portfolio, name="vendor"),
    path("contracts/<int:contract>/scorecard/", portfolio.portfolio, name="scorecard"),
]
