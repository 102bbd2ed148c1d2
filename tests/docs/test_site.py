"""The site is built from docs/ strictly: every page is listed, every link leads somewhere."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.docs.homes import ROOT

CONFIG = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
LOADED = "link[href]:not([rel=canonical]), script[src], img[src], iframe[src], source[src]"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. Zensical writes beside its configuration, so it is given a copy of docs."""
    here = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", here / "docs")
    shutil.copy(ROOT / "zensical.toml", here)
    zensical = Path(sys.executable).with_name("zensical")
    built = subprocess.run(
        [zensical, "build", "--strict"], cwd=here, capture_output=True, text=True, timeout=240
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return here / str(CONFIG["site_dir"])


def pages(site: Path) -> dict[Path, LexborHTMLParser]:
    return {file: LexborHTMLParser(file.read_bytes()) for file in sorted(site.glob("*.html"))}


@pytest.mark.slow
def test_the_site_builds_and_every_link_in_it_leads_somewhere(site: Path) -> None:
    found = pages(site)
    assert len(found) > len(list((ROOT / "docs").glob("*.md")))
    for file, page in found.items():
        if file.name == "404.html":  # its links begin at the server's root
            continue
        for node in page.css("a[href], img[src]"):
            link = urlsplit(str(node.attributes.get("href") or node.attributes.get("src")))
            if link.scheme or link.netloc:
                continue
            there = (file.parent / unquote(link.path)).resolve() if link.path else file
            assert there.exists(), f"{file.name}: {link.geturl()}"
            if link.fragment and there.suffix == ".html":
                name = unquote(link.fragment)
                assert found[there].css_first(f'[id="{name}"]'), f"{file.name}: {link.geturl()}"


@pytest.mark.slow
def test_the_built_pages_load_nothing_from_another_host(site: Path) -> None:
    for file, page in pages(site).items():
        for node in page.css(LOADED):
            address = str(node.attributes.get("href") or node.attributes.get("src"))
            assert not re.match(r"(https?:)?//", address), f"{file.name}: {address}"
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", text), style


@pytest.mark.slow
def test_the_settings_are_on_their_page(site: Path) -> None:
    assert "<code>PHI3_HOME</code>" in (site / "settings.html").read_text(encoding="utf-8")
