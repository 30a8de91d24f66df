"""The fixtures of the browser tests see what they are there to see."""

import pytest

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset="utf-8"><title>harness</title>
<button onclick="document.querySelector('p').textContent = 'clicked'">Click</button><p>not yet</p>
"""


def open_page(page, path, html):
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())


def test_a_click_on_a_page_from_disk(browser_page, tmp_path, page_errors):
    open_page(browser_page, tmp_path / "page.html", PAGE)
    assert browser_page.inner_text("p") == "not yet"
    browser_page.click("button")
    assert browser_page.inner_text("p") == "clicked"
    assert page_errors == []


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("console.error('lost its way')", "console: lost its way"),
        ("null.nothing", "uncaught: Cannot read properties of null"),
    ],
)
def test_errors_on_a_page_are_seen(browser_page, tmp_path, page_errors, script, expected):
    open_page(browser_page, tmp_path / "page.html", f"{PAGE}<script>{script}</script>")
    browser_page.wait_for_function("document.readyState === 'complete'")
    assert len(page_errors) == 1
    assert expected in page_errors.pop()


def test_a_request_to_the_network_is_seen_and_refused(browser_page, tmp_path, page_errors):
    open_page(browser_page, tmp_path / "page.html", f"{PAGE}<img src='http://127.0.0.1:9/pixel.png'>")
    browser_page.wait_for_function("document.querySelector('img').complete")
    assert browser_page.evaluate("document.querySelector('img').naturalWidth") == 0
    assert page_errors[0] == "request: http://127.0.0.1:9/pixel.png"
    assert "ERR_INTERNET_DISCONNECTED" in page_errors[1]
    page_errors.clear()
