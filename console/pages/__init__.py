"""All pages, in the order of the navigation."""

from console.page import Page
from console.pages import (
    answers,
    ask,
    audit,
    gaps,
    health,
    jobs,
    nights,
    people,
    sign_in,
    sign_in_with_slack,
    sources,
    today,
    you,
)

PAGES: tuple[Page, ...] = (
    today.PAGE,
    ask.PAGE,
    answers.PAGE,
    sources.PAGE,
    gaps.PAGE,
    nights.PAGE,
    jobs.PAGE,
    people.PAGE,
    health.PAGE,
    audit.PAGE,
    you.PAGE,
    sign_in.PAGE,
    sign_in_with_slack.PAGE,
)
