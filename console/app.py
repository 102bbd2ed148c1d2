"""Builds the console: middleware from the outside in, then the pages."""

from collections.abc import Collection

from fastapi import Depends, FastAPI
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from console.csrf import check_csrf
from console.errors import add_error_pages, page_of
from console.headers import SafeHeaders
from console.limits import Attempts, LimitedBodies
from console.metrics import TimedPages
from console.page import FORM_BYTES, Page
from console.pages import PAGES
from console.pages.sign_in import MOST_ATTEMPTS
from console.parts import Parts
from console.rendering import STATIC, error_page, static
from console.signed_in import SignedIn
from domain.console import ConsoleSession
from serving.hosts import MISDIRECTED, AllowedHosts

_WRONG_HOST = (
    "The address names a host that this console does not answer for. PHI3_CONSOLE_URL says what "
    "its address is."
)


def build_app(parts: Parts) -> FastAPI:
    """The app; it reads ``parts.database`` with every request."""

    def find(secret: str) -> ConsoleSession | None:
        # Also on each page, since another version may have changed the tables meanwhile.
        parts.database.check()
        return parts.session_of(secret)

    app = FastAPI(openapi_url=None, dependencies=[Depends(check_csrf)])
    app.state.parts = parts
    app.state.attempts = Attempts(MOST_ATTEMPTS)
    add_error_pages(app)
    for page in PAGES:
        app.include_router(page.router)
    app.add_api_route("/health", lambda: PlainTextResponse("ok"), include_in_schema=False)
    app.add_api_route("/favicon.ico", _icon, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC))
    # The last one that is added is called first.
    app.add_middleware(SignedIn, find=find, failed=page_of, is_https=parts.address.is_https)
    app.add_middleware(LimitedBodies, most=lambda path: _most_bytes(path, PAGES))
    refusal = error_page(MISDIRECTED, "This is not the console's address", _WRONG_HOST)
    app.add_middleware(AllowedHosts, names=parts.address.names, refusal=refusal)
    app.add_middleware(SafeHeaders, is_https=parts.address.is_https)
    app.add_middleware(TimedPages)
    return app


def _icon() -> Response:
    return Response(headers={"Location": static("icon.svg")}, status_code=301)


def _most_bytes(path: str, pages: Collection[Page]) -> int:
    """The limit of the page that begins the path most exactly."""
    own = [page for page in pages if path == page.path or path.startswith(f"{page.path}/")]
    return max(own, key=lambda page: len(page.path)).most_bytes if own else FORM_BYTES
