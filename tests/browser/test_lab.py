"""The notebooks' panels in real JupyterLab: a click on a control changes the tables below it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

ROOT = Path(__file__).resolve().parent.parent.parent

sys.path.insert(0, str(ROOT / "tests"))

from smallexport import write_export  # noqa: E402 -- a helper beside the tests, which are no package

pytestmark = pytest.mark.browser

NOTEBOOKS = ("03-data-in-transit", "04-blast-radius", "07-what-to-fix")
URL = re.compile(r"http://127\.0\.0\.1:\d+/lab")
WAIT = 60_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with the notebooks, each reading a small export."""
    here = tmp_path_factory.mktemp("lab")
    export = write_export(here / "export")
    for name in NOTEBOOKS:
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        place = next(i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
        notebook.cells[place].source += f"\nEXPORTS = [{str(export)!r}]"
        nbformat.write(notebook, here / f"{name}.ipynb")
    return here


@pytest.fixture(scope="module")
def lab(folder) -> Iterator[str]:
    """Start JupyterLab, and give its address."""
    state = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    state |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}', "utf-8")  # cells out of sight are there as well
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"),
        *("--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"),
        *("--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
    ]
    log = folder / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **state}, start_new_session=True)
    try:
        address = None
        for _ in range(600):
            address = URL.search(log.read_text("utf-8"))
            if address or server.poll() is not None:
                break
            time.sleep(0.1)
        assert address, log.read_text("utf-8")
        yield address[0]
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


@pytest.fixture
def opened(lab, new_page, page_errors):
    """Give a function that opens a notebook, runs all its cells, and gives the page."""

    def open_notebook(name: str):
        page = new_page(offline=False, width=1500, height=1400)
        page.goto(f"{lab}/tree/{name}.ipynb?reset", wait_until="domcontentloaded")
        page.locator(".jp-Notebook").wait_for(timeout=WAIT)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=WAIT)  # else what is to be run is lost
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.locator(".widget-html h4").first.wait_for(state="attached", timeout=WAIT)
        page_errors.clear()  # what the lab itself says while it starts
        return page

    return open_notebook


def panel_text(page, heading: str) -> str:
    """Return the text of the part of a panel under a heading."""
    return page.locator(".widget-html", has=page.get_by_role("heading", name=heading)).last.inner_text()


def wait_for_change(page, heading: str, before: str) -> str:
    for _ in range(300):
        now = panel_text(page, heading)
        if now != before:
            return now
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing changed under {heading!r}: {before}")


def test_a_ticked_fix_lowers_the_risk_and_says_what_to_do(opened):
    page = opened("07-what-to-fix")
    tick = page.locator(".widget-checkbox input[type=checkbox]").first
    tick.scroll_into_view_if_needed(timeout=WAIT)
    before = panel_text(page, "Risk before and after")
    tick.click()
    after = wait_for_change(page, "Risk before and after", before)
    assert "-" in after
    page.locator(".widget-html details summary").first.click()
    assert page.locator(".widget-html details pre").first.inner_text()
    tick.click()
    assert wait_for_change(page, "Risk before and after", after) == before


def test_another_function_and_store_are_drawn_and_listed(opened):
    page = opened("04-blast-radius")
    function, store = (page.locator(".widget-dropdown select").nth(number) for number in (0, 1))
    function.scroll_into_view_if_needed(timeout=WAIT)
    for control, heading in ((function, "What falls with {}"), (store, "How exposed {} is")):
        option = control.locator("option").all_inner_texts()[-1]
        control.select_option(option)
        name = re.split(r"\s\(", option)[0]
        page.get_by_role("heading", name=heading.format(name), exact=True).wait_for(timeout=WAIT)
    assert page.locator(".widget-html svg").count() >= 1


def test_weights_that_are_moved_change_the_ranking(opened):
    page = opened("03-data-in-transit")
    before = panel_text(page, "Riskiest paths")
    page.locator(".widget-html").first.scroll_into_view_if_needed(timeout=WAIT)
    page.get_by_text("Weights of the factors").last.click()
    number = page.locator(".widget-slider .widget-readout").first
    number.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("0.05")
    page.keyboard.press("Enter")
    assert wait_for_change(page, "Riskiest paths", before)
    assert page.locator(".widget-html svg").count() >= 1


def test_a_panel_in_an_exported_page_stands_as_it_was_without_a_network(folder, new_page, page_errors):
    notebook = nbformat.read(folder / "07-what-to-fix.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    page = new_page()
    (folder / "exported.html").write_text(HTMLExporter().from_notebook_node(notebook)[0], "utf-8")
    page.goto((folder / "exported.html").as_uri())
    assert page.get_by_role("heading", name="Risk before and after").is_visible()
    assert page.get_by_role("heading", name="What would gain most next").is_visible()
    page_errors.clear()  # the exporter's own page asks for MathJax and the like


def test_what_stands_below_a_panel_is_out_of_sight_where_it_is_alive(opened):
    page = opened("07-what-to-fix")
    heading = page.get_by_role("heading", name="Risk before and after")
    heading.first.wait_for(timeout=WAIT)
    assert heading.count() == 1
    assert page.locator(".auditkit-still").count() == 1
