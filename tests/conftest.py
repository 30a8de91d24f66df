"""What every test stands on: no network but the loopback, no real credentials, a system Chromium for browser tests."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

# Set before anything imports boto3 or matplotlib, and inherited by the programs that tests start.
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",  # what moto expects, and no account accepts
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="eu-central-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    MPLBACKEND="Agg",
)
os.environ.pop("AWS_PROFILE", None)

# No test depends on how fast the machine is; all else as hypothesis has it (on CI: always the same examples).
settings.register_profile("auditkit", settings(), deadline=None)
settings.load_profile("auditkit")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in auditkit asks the network for anything, so a connection to another host is an error."""
    connect = socket.socket.connect

    def connect_to_loopback(self, address):
        inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if inet and not (address[0].startswith("127.") or address[0] in ("::1", "localhost")):
            message = f"a test tried to connect to {address!r}"
            raise ConnectionRefusedError(message)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_to_loopback)


CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",  # Chromium's own sandbox does not start for root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> Path | None:
    """Give the system's Chromium, or what AUDITKIT_CHROMIUM names, or None where there is none."""
    if named := os.environ.get("AUDITKIT_CHROMIUM"):
        if not Path(named).is_file():
            pytest.fail(f"AUDITKIT_CHROMIUM names {named!r}, which is no file")
        return Path(named)
    on_path = [found for name in CHROMIUM_NAMES if (found := shutil.which(name))]
    return next((Path(place) for place in [*on_path, *CHROMIUM_PLACES] if Path(place).is_file()), None)


# One browser per module and not per session: while it runs, its event loop keeps other tests from running theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium; skip the test where there is none."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("browser test not run: no Chromium, Chrome or Edge found (AUDITKIT_CHROMIUM can name one)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page_errors() -> list[str]:
    """Errors that the pages of a test have logged so far; a test that expects some takes them out."""
    return []


@pytest.fixture
def new_page(browser: Browser, page_errors: list[str]) -> Iterator[Callable[..., Page]]:
    """Give a function that opens an empty page, by default with the network off.

    A console error, an uncaught exception and, with the network off, any request but for files and inline data fail
    the test in the end, unless it has taken them out of ``page_errors``.
    """
    contexts = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            page_errors.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "about:")):
            page_errors.append(f"request: {request.url}")

    def make(*, offline: bool = True, width: int = 1280, height: int = 900) -> Page:
        context = browser.new_context(offline=offline, viewport={"width": width, "height": height}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: page_errors.append(f"uncaught: {error}"))
        if offline:
            page.on("request", on_request)
        return page

    yield make
    for context in contexts:
        context.close()
    assert page_errors == []


@pytest.fixture
def browser_page(new_page: Callable[..., Page]) -> Page:
    """Give an empty page with the network off, whose errors fail the test."""
    return new_page()
