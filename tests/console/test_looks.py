"""Every page in a real browser: at three widths, in light and dark, for keyboards and readers."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from console.pages import PAGES
from tests.console.browsers import WIDTHS, check_axe, check_width, look_at
from tests.console.running_console import RunningConsole

pytestmark = [pytest.mark.browser, pytest.mark.slow]


LISTED = [page.path for page in PAGES if page.is_listed]
BELOW = ["/people/U1", "/people/U1/forget"]


def test_pages_without_data_are_readable_for_all(page: Page) -> None:
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    for path in LISTED:
        page.goto(path)
        check_width(page)
        check_axe(page)


@pytest.mark.usefixtures("busy")
def test_pages_with_data_are_readable_for_all_and_nothing_of_it_runs(
    page: Page, pictures: Path
) -> None:
    for path in (*LISTED, *BELOW):
        page.goto(path)
        assert page.locator("main script, main img").count() == 0
        look_at(page, pictures, f"busy{path.replace('/', '-')}")


def test_the_pages_before_signing_in_are_readable_for_all(
    console: RunningConsole, browser: Browser, pictures: Path
) -> None:
    page = browser.new_page(base_url=console.url)
    try:
        for name, path in (("how", "/sign-in"), ("link", console.link()), ("ended", "/sign-in/x")):
            page.goto(path)
            look_at(page, pictures, f"sign-in-{name}")
    finally:
        page.close()


def test_a_keyboard_reaches_the_content_and_signs_out(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/sign-in")
    check_axe(page)
    check_width(page)


def test_a_keyboard_is_led_from_an_error_to_its_field(page: Page) -> None:
    page.goto("/ask")
    page.get_by_role("button", name="Ask").press("Enter")
    expect(page).to_have_title("Error: Ask – phi3")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    check_axe(page)
