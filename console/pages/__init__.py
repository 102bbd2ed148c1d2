"""All pages, in the order of the navigation."""

from console.page import Page
from console.pages import health, jobs, sign_in, today, you

PAGES: tuple[Page, ...] = (
    today.PAGE,
    jobs.PAGE,
    health.PAGE,
    you.PAGE,
    sign_in.PAGE,
)
