"""What tests do with a real browser: sign in, look at a page at several widths, and check it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from domain.console import ConsoleRole
from tests.console.running_console import RunningConsole

WIDTHS = (360, 800, 1280)
Scheme = Literal["light", "dark"]


@contextmanager
def signed_in_page(
    console: RunningConsole,
    browser: Browser,
    role: ConsoleRole = ConsoleRole.ADMIN,
    *,
    scheme: Scheme = "light",
    expected: str = "\0",
) -> Iterator[Page]:
    """A page of somebody who signed in as ``role``.

    Fails at the end if it asked another host, or if the browser complained: of a script, or of
    what the page's policy forbids. A complaint with the text ``expected`` is none.
    """
    complaints: list[str] = []

    def pass_on(route: Route) -> None:
        if route.request.url.startswith((f"{console.url}/", "data:", "blob:")):
            route.continue_()
        else:
            complaints.append(f"it asked {route.request.url}")
            route.abort()

    context = browser.new_context(color_scheme=scheme, base_url=console.url)
    try:
        context.route("**/*", pass_on)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type in ("error", "warning") and "Failed to load" not in message.text
                else None
            ),
        )
        page.goto(console.link(role))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{console.url}/")
        yield page
    finally:
        context.close()
    complaints = [one for one in complaints if expected not in one]
    assert not complaints, "\n".join(complaints)


def check_axe(page: Page) -> None:
    """Fails if axe finds anything that hinders people with a screen reader or a keyboard."""
    result: Any = Axe().run(page)
    found = [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}"
        for each in result.response["violations"]
    ]
    assert not found, "\n".join(found)


def check_width(page: Page) -> None:
    """Fails if the page is wider than the window, so that one would have to scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"


def look_at(page: Page, folder: Path, name: str) -> None:
    """Checks the page at three widths, in light and dark, and keeps pictures in ``folder``."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)
            check_width(page)
        check_axe(page)
