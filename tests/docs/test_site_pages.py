"""Pages that are made of the repository's files, and of the library's."""

import re
from pathlib import Path

import pytest
import yaml
from project import ROOT

import kf_airflow
from kf_airflow_site.construct_pages import page_name, pages, public_classes
from kf_airflow_site.repository_pages import PAGES, BrokenLinkError, rewritten

LIBRARY = ROOT / "modules/kf_airflow"


def there(text: str, *, file: str = "docs/scaling.md", page: str = "scaling.md") -> str:
    return rewritten(text, file, page, ROOT)


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("[the design](../modules/README.md)", "[the design](library_design.md)"),
        ("[limits](../docker/README.md#limits)", "[limits](image.md#limits)"),
        ("[settings](../README.md#settings)", "[settings](settings.md)"),
        ("[the front](../README.md)", "[the front](index.md)"),
        ("[logs](logs.md#how)", "[logs](logs.md#how)"),
        ("[here](#below)", "[here](#below)"),
        ("[AWS](https://aws.amazon.com/)", "[AWS](https://aws.amazon.com/)"),
        ("[the license](../LICENSE)", "the license"),
        ("[`code`](../main.py)", "`code`"),
        ("[`code` of it](../docker/README.md)", "[`code` of it](image.md)"),
        ("`[not a link](../none.md)`", "`[not a link](../none.md)`"),
    ],
)
def test_a_link_leads_to_where_the_file_is_on_the_site(link: str, page: str) -> None:
    assert there(link) == page


def test_a_link_of_the_front_page_to_a_page_of_docs_leads_there() -> None:
    assert there("[scaling](docs/scaling.md)", file="README.md", page="index.md") == "[scaling](scaling.md)"


def test_a_link_that_leads_nowhere_is_told() -> None:
    with pytest.raises(
        BrokenLinkError, match=r"docs/scaling\.md links to \.\./none\.md, and there is no none\.md"
    ):
        there("[nowhere](../none.md)")


def test_what_is_in_a_block_of_code_is_left_alone() -> None:
    text = "```toml\n[x](../none.md)\n```\n"

    assert there(text) == text


def test_the_settings_are_the_part_of_the_readme_that_has_them() -> None:
    (settings,) = [page for page in PAGES if page.page == "settings.md"]
    (front,) = [page for page in PAGES if page.page == "index.md"]

    assert settings.text(ROOT).startswith("# Settings\n")
    assert "## `[database]`" in settings.text(ROOT)
    assert "`[database]`" not in front.text(ROOT)


def test_every_construct_has_a_page_and_is_in_the_navigation() -> None:
    constructs = {name for name, each in public_classes(LIBRARY).items() if each.is_construct}
    navigation = (ROOT / "mkdocs.yml").read_text()

    assert {"Airflow", "AirflowStack", "Database", "Network", "Scaling", "Service"} <= constructs
    assert [name for name in constructs if f"{name}: constructs/{page_name(name)}.md" not in navigation] == []


def test_everything_public_is_described_on_exactly_one_page() -> None:
    found = [
        name
        for text in pages(LIBRARY).values()
        for name in re.findall(r"^::: [\w.]+\.(\w+)$", text, re.MULTILINE)
    ]
    # What a file of settings is read into has the page of settings, and what is no class has none.
    expected = set(kf_airflow.__all__) - {"Settings", "load_settings"}

    assert sorted(found) == sorted(expected)


def test_options_stand_with_the_part_they_make() -> None:
    assert "kf_airflow.options.network.NetworkOptions" in pages(LIBRARY)["constructs/network.md"]


@pytest.mark.parametrize(("name", "page"), [("Airflow", "airflow"), ("DatabaseProxy", "database_proxy")])
def test_a_page_is_called_as_the_file_would_be(name: str, page: str) -> None:
    assert page_name(name) == page


def test_nothing_on_the_site_is_fetched_from_elsewhere() -> None:
    site = ROOT / "build/docs/site"
    if not site.is_dir():
        pytest.fail("the documentation is not built: run nox -s docs")
    outside = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"https?://[^\"]+\"")
    styles = re.compile(r"(?:@import|url\()\s*[\"']?https?://")

    assert [path for path in site.rglob("*.html") if _fetches(outside, path)] == []
    assert [path for path in site.rglob("*.css") if styles.search(path.read_text())] == []


def _fetches(outside: re.Pattern[str], path: Path) -> list[str]:
    # A canonical address is told to search machines, and not fetched.
    return [found for found in outside.findall(path.read_text()) if 'rel="canonical"' not in found]


def test_the_build_knows_no_address_of_its_own() -> None:
    text = re.sub(r"!!python/\S+", "", (ROOT / "mkdocs.yml").read_text())

    assert "site_url" not in yaml.safe_load(text)
