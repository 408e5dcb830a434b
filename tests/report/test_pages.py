"""Pages are whole, linked and safe; in a browser they read, sort, narrow, shrink and print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from kamengine.report.chart import Trend, draw
from tests.report.browser import browser, log_of, look, needs_browser
from tests.report.conftest import Run, kamengine

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
PAPER = 1030
"""Pixels between the margins of a sheet of A4 that lies on its side."""

READABLE = 4.5
"""What WCAG asks of text, level AA."""


@pytest.fixture(scope="session")
def report(orchard: Path) -> Path:
    """The report of the second quarter."""
    folder = orchard / "report"
    done = kamengine(orchard, "report", "--period", "2026-Q2", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"1 organisation, 1 team, 2 managers, 3 accounts: open {folder / 'index.html'}\n"
    )
    return folder


@pytest.fixture(scope="session")
def single(orchard: Path) -> Path:
    """One scorecard as a page of its own."""
    arguments = ("scorecard", "--manager", "kim", "--period", "2026-Q2", "--format", "html")
    done = kamengine(orchard, *arguments)
    assert done.returncode == 0, done.stderr
    page = orchard / "kim.html"
    page.write_text(done.stdout, encoding="utf-8")
    return page


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    with browser() as driver:
        yield driver


def pages(report: Path) -> list[Path]:
    return sorted(report.rglob("*.html"))


def test_every_link_leads_to_a_page(report: Path) -> None:
    """From every page to every other, and to the definition of every KPI."""
    found = pages(report)
    assert len(found) == 9
    for page in found:
        text = page.read_text(encoding="utf-8")
        for href in re.findall(r'href="([^"]+)"', text):
            if href == "data:,":
                continue
            name, _, anchor = href.partition("#")
            target = (page.parent / unquote(name)).resolve() if name else page
            assert target.is_file(), (page, href)
            if anchor:
                assert f'id="{anchor}"' in target.read_text(encoding="utf-8"), (page, href)


def test_a_page_needs_nothing_but_itself(report: Path, single: Path) -> None:
    """No page loads a script, a style, a font or a picture from anywhere."""
    for page in (*pages(report), single):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|img|iframe)[^>]+src=|@import|url\(|https?://", text), (
            page
        )


def test_what_people_write_is_text_and_not_markup(report: Path) -> None:
    """The organisation is called <Ltd>, and no element is."""
    for page in pages(report):
        text = page.read_text(encoding="utf-8")
        assert "Acorn &amp; Oak &lt;Ltd&gt;" in text
        assert "<Ltd>" not in text


def test_a_number_unfolds_to_its_definition_and_its_events(report: Path) -> None:
    """The meaning, both sides of the line, what moved it, and the events by their own ids."""
    text = (report / "accounts" / "acme.html").read_text(encoding="utf-8")
    inside = text.split('id="win_rate"')[1].split('id="contact_gap_days"')[0]
    assert "win_rate@1#" in inside
    assert "won" in inside
    assert "These add up to +33.33 pp" in inside
    closed = [f"e{n}" for n in range(100) if f"<code>e{n}</code>" in inside]
    assert len(closed) == 1


def test_a_page_says_how_it_is_scored(report: Path) -> None:
    """What becomes of missing values, and where colours begin, whether that matters or not."""
    for page in ("organisation.html", "accounts/acme.html"):
        text = (report / page).read_text(encoding="utf-8")
        how = text.split("How it is scored")[1]
        assert "Missing: a KPI without a value is left out, and the others stand in for it" in how
        assert "Colours: red below 50% attained, amber from there, green from 100%" in how


def test_subjects_with_strange_names_have_files_of_their_own() -> None:
    """Whatever an id holds, its file stays in its folder, and two ids never share one."""
    from kamengine.report.site import _file_name  # noqa: PLC0415 - nobody else needs it

    names = ["..", "a/b", "a%2Fb", "a b", "a_b", "Ä", "x" * 400, "CON?", ""]
    found = [_file_name(name) for name in names]
    assert all(re.fullmatch(r"[\w.=~-]+", name, re.ASCII) for name in found)
    assert not any(name.startswith(".") for name in found)
    assert len({name for name in found if not name.startswith("xxx")}) == len(names) - 1


def test_a_report_that_cannot_be_written_says_so(run: Run, report: Path) -> None:
    """One sentence with the place, and exit code 2."""
    done = run("report", "--period", "2026-Q2", "--out", report / "index.html" / "x")
    assert done.returncode == 2
    assert "The report can't be written (Not a directory)" in done.stderr


def test_charts_are_cut_apart_as_they_were_drawn_together() -> None:
    """Each has its own line and dot, its goal if it has one, and its words."""
    trends = [
        Trend("Up & away", "1; 2", (1.0, 2.0)),
        Trend("Alone", "only one", (None, 3.0)),
        Trend("Flat", "5; 5", (5.0, None, 5.0), goal=7.0),
    ]
    up, alone, flat = draw(trends)
    assert alone == ""
    assert [len(list(ET.fromstring(svg))) for svg in (up, flat)] == [4, 5]
    assert "<title>Up &amp; away</title><desc>1; 2</desc>" in up
    line = ET.fromstring(up).find("path[@stroke-width]")
    assert line is not None
    assert line.get("d") == "M3,25L117,3"
    goal = ET.fromstring(flat).find("line")
    assert goal is not None
    assert goal.get("transform") == "translate(3,3)"


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["index.html", "managers/kim.html", "definitions.html"])
def test_pages_read_well(
    chromium: webdriver.Chrome, report: Path, name: str, width: int, dark: bool
) -> None:
    """On a desk and on a telephone, by day and by night: nothing sticks out, all is legible."""
    look(chromium, report / name, width=width, dark=dark)
    chromium.execute_script("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= width
    assert chromium.execute_script(CONTRAST, READABLE) == []
    assert [line for line in log_of(chromium, "browser") if line["level"] == "SEVERE"] == []
    ground = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(16, 21, 27)") == dark


@needs_browser
def test_a_page_asks_for_nothing(chromium: webdriver.Chrome, single: Path) -> None:
    """Opened from the disk, it sends for no other file."""
    chromium.get("about:blank")
    log_of(chromium, "performance")
    look(chromium, single)
    asked = [
        entry["message"]
        for entry in log_of(chromium, "performance")
        if '"Network.requestWillBeSent"' in entry["message"]
    ]
    assert [
        message for message in asked if "kim.html" not in message and "data:," not in message
    ] == []


@needs_browser
def test_a_screen_reader_is_told_everything(chromium: webdriver.Chrome, report: Path) -> None:
    """Tables have captions and headers, charts a name and a description, ratings words."""
    look(chromium, report / "accounts" / "bolt.html")
    tables = chromium.find_elements(By.TAG_NAME, "table")
    assert tables
    for table in tables:
        assert table.find_elements(By.XPATH, "./caption")
        assert table.find_elements(By.CSS_SELECTOR, "th[scope=col]")
    (chart,) = chromium.find_elements(By.CSS_SELECTOR, "#win_rate svg")
    assert chart.get_attribute("role") == "img"
    assert chart.accessible_name == "Win rate over 2 periods"
    described = chart.find_element(By.TAG_NAME, "desc").get_attribute("textContent")
    assert described is not None
    assert "2026-Q1: 0 %; 2026-Q2: 25 %. Dashed: the target, 50 %" in described
    course = chromium.find_element(By.CSS_SELECTOR, ".course svg")
    assert course.accessible_name.startswith("Score over ")
    rating = chromium.find_element(By.CSS_SELECTOR, "#win_rate .rating")
    assert rating.text == "▲ Near target"
    assert chromium.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    assert [h.text for h in chromium.find_elements(By.TAG_NAME, "h1")] == ["Account bolt"]


@needs_browser
def test_a_number_unfolds(chromium: webdriver.Chrome, single: Path) -> None:
    """A click, or the keyboard, shows what it is made of."""
    look(chromium, single)
    details = chromium.find_element(By.CSS_SELECTOR, "#win_rate + tr details")
    inside = details.find_element(By.CLASS_NAME, "inside")
    assert not inside.is_displayed()
    details.find_element(By.TAG_NAME, "summary").click()
    assert inside.is_displayed()
    assert "bolt 0 % → 25 %" in " ".join(inside.text.split())


@needs_browser
def test_the_list_sorts_and_narrows(chromium: webdriver.Chrome, report: Path) -> None:
    """By a click on a header, first the worst then the best; by words and by kind."""
    look(chromium, report / "index.html")

    def names() -> list[str]:
        rows = chromium.find_elements(By.CSS_SELECTOR, ".all tbody tr")
        return [r.find_element(By.TAG_NAME, "th").text for r in rows if r.is_displayed()]

    assert names() == ["organisation", "north", "kim", "lee", "acme", "bolt", "corn"]
    head = chromium.find_elements(By.CSS_SELECTOR, ".all thead th")[5]
    Select(chromium.find_element(By.ID, "kind")).select_by_visible_text("account")
    head.find_element(By.TAG_NAME, "button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert names() == ["acme", "corn", "bolt"]
    head.find_element(By.TAG_NAME, "button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert names() == ["bolt", "corn", "acme"]
    chromium.find_element(By.ID, "search").send_keys("KIM")
    assert names() == ["bolt", "acme"]
    assert chromium.find_element(By.TAG_NAME, "output").text == "2 of 7"
    chromium.find_element(By.LINK_TEXT, "bolt").click()
    assert chromium.find_element(By.TAG_NAME, "h1").text == "Account bolt"
    chromium.find_element(By.LINK_TEXT, "kim").click()
    assert chromium.find_element(By.TAG_NAME, "h1").text == "Manager kim"


@needs_browser
def test_paper_shows_the_scorecard_and_no_controls(
    chromium: webdriver.Chrome, single: Path
) -> None:
    """On white, whatever the screen's colours are; what isn't unfolded isn't printed."""
    look(chromium, single, dark=True, media="print", width=PAPER)
    ground = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert chromium.find_element(By.CLASS_NAME, "kpis").is_displayed()
    assert chromium.execute_script("return document.documentElement.scrollWidth") <= PAPER
    assert not any(s.is_displayed() for s in chromium.find_elements(By.TAG_NAME, "summary"))
    assert chromium.execute_script(CONTRAST, READABLE) == []
