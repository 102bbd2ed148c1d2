from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import IngestError, UnreadableSource
from knowledge.readers.base import File
from knowledge.readers.page_outline import outline
from knowledge.readers.page_problems import LEADS_ON, LOGIN, NEEDS_JAVASCRIPT, NOT_FOUND
from knowledge.readers.reading import read

ADDRESS = "https://wiki.example.org/staff/lunch"
TOKEN = (
    "<p>Start the client, choose gate Oslo-2 and enter the six digits of your token. "
    "It hangs in room 12."
)
LONG = "<p>" + "Lunch is served at noon in the canteen of deck C. " * 40 + "</p>"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<title>Sign in</title><form><input name=u><input type=password></form>", LOGIN),
        ("<h1>Kestrel</h1><form>User <input><br>Word <INPUT TYPE=PASSWORD></form>", LOGIN),
        ("<title>Anmelden – Kestrel</title><form><input name=mail></form>Weiter", LOGIN),
        ("<title>Log in to continue</title><form><input type=email></form>Next", LOGIN),
        ("<title>Connexion</title><form><input type=email></form>Suivant", LOGIN),
        ("<title>Sign in</title><form><input type=hidden><button>Go on</button></form>", LOGIN),
        ("<body onload='x()'><form><input type=hidden name=SAMLRequest value=x></form>", LOGIN),
        ("<div id=root></div><script src=a.js></script>", NEEDS_JAVASCRIPT),
        ("<noscript>You need to enable JavaScript.</noscript><div id=x></div>", NEEDS_JAVASCRIPT),
        ("<p>Please enable JavaScript to continue.</p>", NEEDS_JAVASCRIPT),
        ("<p>This app works best with JavaScript enabled.</p>", NEEDS_JAVASCRIPT),
        ("<title>Wiki</title><body><app-root></app-root><script>x</script>", NEEDS_JAVASCRIPT),
        ("<title>404 - Page not found</title><h1>Oops!</h1><p>Try the search.", NOT_FOUND),
        ("<h1>Page not found</h1><p>It may have moved.</p>", NOT_FOUND),
        ("<h1>Oops! This page could not be found</h1>", NOT_FOUND),
        ("<title>Kestrel</title><p>The page you are looking for does not exist.", NOT_FOUND),
        ("<title>Seite nicht gefunden</title><p>Weiter zur Startseite", NOT_FOUND),
        ("<meta http-equiv=refresh content='0; url=/new'><p>moved", LEADS_ON),
        ("<META HTTP-EQUIV=Refresh CONTENT=\"5;URL='https://e.org/x'\">", LEADS_ON),
        (f"<title>Lunch</title>{LONG}", ""),
        (f"<form>Search <input><input type=password></form>{LONG}", ""),
        (f"<title>404 errors and what to do</title>{LONG}", ""),
        (f"<h1>Login problems</h1>{LONG}", ""),
        (f"<noscript>Please enable JavaScript</noscript>{LONG}<script>x</script>", ""),
        (f"<meta http-equiv=refresh content=300>{LONG}", ""),
        (f"<meta http-equiv=refresh content='600; url=/other'>{LONG}", ""),
        (f"<meta http-equiv=refresh content='0; url={ADDRESS}#x'>{LONG}", ""),
        ("<title>Error 404 (Not Found)!!1</title><p>That is all we know.", NOT_FOUND),
        ("<title>Page not found | Kestrel</title><p>Try the search.", NOT_FOUND),
        ("<title>Kestrel</title><p>This page does not exist. It may have moved.", NOT_FOUND),
        ("<h1>404 errors on the shop</h1><p>Clear the cache with purge-9.", ""),
        ("<h1>Page not found: what to do</h1><p>Clear the cache with purge-9.", ""),
        ("<h1>Not found in the store</h1><p>Order it at desk 4.", ""),
        (f"<form><input name=q></form><h1>Login to the VPN</h1>{TOKEN}", ""),
        (f"<form><button>Helpful?</button></form><h1>Login to the VPN</h1>{TOKEN}", ""),
        ("<h1>Lunch</h1><p>At noon.</p>", ""),
        ("<h1>Badges</h1><p>Log in at the terminal by the gate.</p><script>x</script>", ""),
    ],
)
def test_what_is_no_page_is_known_by_its_reason(page: str, reason: str) -> None:
    file = File(page.encode(), "lunch.html", address=ADDRESS)
    assert outline(file).problem == reason
    if reason:
        with pytest.raises(UnreadableSource, match=reason):
            read(file)
    else:
        assert read(file).blocks


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("0; url=/new", "https://wiki.example.org/new"),
        ("0;URL='b.html'", "https://wiki.example.org/staff/b.html"),
        ("1, https://e.org/", "https://e.org/"),
        ("0; url=javascript:x", ""),
        ("0; url=http://[", ""),
        ("60; url=/new", ""),
        ("5", ""),
        ("", ""),
    ],
)
def test_page_leads_on_to_an_address(written: str, target: str) -> None:
    page = f'<meta http-equiv="refresh" content="{written}"><p>x'.encode()
    assert outline(File(page, "lunch.html", address=ADDRESS)).leads_to == target


@settings(deadline=None)  # the first one imports a lot
@given(st.binary(max_size=300))
def test_any_bytes_are_judged_or_refused(page: bytes) -> None:
    with suppress(IngestError):
        outline(File(page, "lunch.html", address=ADDRESS))
