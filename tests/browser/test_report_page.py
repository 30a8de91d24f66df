"""The report from disk, with the network off: everything is there, tables sort and filter, nothing is logged."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

import auditkit as ak
from smallexport import write_export


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("report")
    audit = ak.Audit(ak.read(write_export(tmp_path_factory.mktemp("export"))), date="2026-11-01")
    ak.write_report(ak.report_from_audit(audit), out)
    return out


@pytest.fixture
def page(browser_page, folder):
    browser_page.goto((folder / "report.html").as_uri())
    return browser_page


def test_every_section_has_a_link_and_every_picture_is_drawn(page):
    links = page.locator("nav a").all()
    assert len(links) >= 8
    for link in links:
        assert page.locator(f"section{link.get_attribute('href')}").count() == 1
    pictures = page.locator("figure svg")
    assert pictures.count() >= 4
    for picture in pictures.all():
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 50
        assert box["height"] > 20


def test_a_finding_leads_to_the_sheet_of_its_function(page):
    link = page.locator("#findings a", has_text="orders-ship").first
    target = link.get_attribute("href")
    assert target.startswith("#table-perimeter-")
    link.click()
    assert page.url.endswith(target)
    assert "Perimeter of orders-ship" in page.locator(f"{target} h3").inner_text()
    every = page.eval_on_selector_all("a[href^='#']", "links => links.map(link => link.getAttribute('href'))")
    assert all(page.locator(one).count() == 1 for one in set(every))


def test_dependencies_have_a_section_that_says_what_is_not_known(page):
    section = page.locator("#dependencies")
    assert "orders-ship" in section.locator("#table-patching").inner_text()
    assert "No database of advisories was given" in section.inner_text()
    assert section.locator("#table-unlisted tbody tr").count() >= 1


def test_a_date_stays_on_one_line(page):
    dates = page.locator("#dependencies td .whole").all()
    assert dates
    heights = {round(date.bounding_box()["height"]) for date in dates}
    assert len(heights) == 1
    assert heights.pop() < 30


def test_a_table_sorts_both_ways(page):
    head = page.locator("#table-blast th", has_text="BR max")
    column = page.locator("#table-blast thead th").all_inner_texts().index("BR max") + 1
    values = page.locator(f"#table-blast tbody td:nth-child({column})")

    head.locator("button").click()
    rising = [float(text) for text in values.all_inner_texts()]
    assert rising == sorted(rising)
    head.locator("button").click()
    assert [float(text) for text in values.all_inner_texts()] == rising[::-1]


def test_a_filter_hides_what_does_not_match(page):
    box = page.locator("#table-edges")
    box.locator("input[type=search]").fill("carrier.example")
    shown = box.locator("tbody tr:visible")
    assert 0 < shown.count() < box.locator("tbody tr").count()
    assert all("carrier.example" in text for text in shown.all_inner_texts())
    assert "match" in box.locator(".count").inner_text()


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    ak.write_report(ak.report_from_audit(ak.Audit(ak.samples.load("retailer"), date="2026-11-01")), out)
    return out


def test_no_two_elements_of_a_page_have_the_same_id(browser_page, sample):
    browser_page.goto((sample / "report.html").as_uri())
    ids = browser_page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
    assert len(ids) == len(set(ids)) > 1000


PAPER = 1032
"""Width of a landscape A4 page without its margins, in CSS pixels."""


def test_on_paper_every_table_fits_and_says_where_its_other_rows_are(new_page, sample):
    page = new_page(width=PAPER)
    page.goto((sample / "report.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("#sources").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER
    wide = page.eval_on_selector_all(
        "table", f"all => all.filter(one => one.getBoundingClientRect().width > {PAPER}).map(one => one.textContent)"
    )
    assert wide == []
    sources = page.locator("#table-sources")
    assert sources.locator("tbody tr:visible").count() == 40
    assert sources.locator(".on-paper").is_visible()
    page.emulate_media(media="screen")
    assert sources.locator("tbody tr:visible").count() == 200
    assert not sources.locator(".on-paper").is_visible()


def test_on_a_telephone_tables_and_pictures_scroll_in_their_own_place(new_page, sample):
    page = new_page(width=390)
    page.goto((sample / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_long_name_breaks_after_a_separator_and_never_inside_a_word(page):
    cut = page.evaluate(
        r"""() => {
          const wrong = [];
          for (const cell of document.querySelectorAll("td")) {
            for (const piece of [...cell.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)) {
              for (const word of piece.textContent.matchAll(/\b[A-Za-z0-9]{2,18}\b/g)) {
                const range = document.createRange();
                range.setStart(piece, word.index);
                range.setEnd(piece, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1)
                  wrong.push(word[0]);
              }
            }
          }
          return wrong;
        }"""
    )
    assert cut == []
    sources = page.locator("#table-findings td").all_text_contents()
    assert any("#/" in text for text in sources)
    assert all(not set(text) & {"\u200b", "\n"} for text in sources)
