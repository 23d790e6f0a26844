"""From a table of footnote.toml to a source."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.errors import SettingsError
from ingest.settings import Settings
from ingest.sources.folder import FolderSource
from ingest.sources.intercom import IntercomSource
from ingest.sources.opening import open_source
from ingest.sources.zendesk import ZendeskSource

TOML = """\
[sources.files]
folder = "articles"
url = "https://help.example.com/{id}"
locale = "de"

[sources.zen]
zendesk = "https://acme.zendesk.com"

[sources.inter]
intercom = "https://api.eu.intercom.io"
locale = "pt-BR"

[sources.site]
sitemap = "https://help.example.com/sitemap.xml"
locale = "fr"

[sources.hub]
reader = "llama_index.core:SimpleDirectoryReader"
arguments = { input_dir = "articles" }
"""


@pytest.fixture(autouse=True)
def _toml(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text(TOML)


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENDESK_EMAIL", "lead@example.com")
    monkeypatch.setenv("ZENDESK_API_TOKEN", "zd")
    monkeypatch.setenv("INTERCOM_TOKEN", "ic")


def test_a_source_is_opened_as_its_table_says(tokens: None, tmp_path: Path) -> None:
    settings = Settings.load()
    assert open_source("files", settings) == FolderSource(
        "files", tmp_path / "articles", "https://help.example.com/{id}", "de"
    )
    assert open_source("zen", settings) == ZendeskSource(
        "zen", "https://acme.zendesk.com", "lead@example.com", SecretStr("zd")
    )
    assert open_source("inter", settings) == IntercomSource(
        "inter", "https://api.eu.intercom.io", SecretStr("ic"), "pt-BR"
    )


@pytest.mark.parametrize(("source", "kind"), [("site", "SitemapSource"), ("hub", "ReaderSource")])
def test_a_source_without_secrets_needs_none(source: str, kind: str) -> None:
    opened = open_source(source, Settings.load())
    assert (type(opened).__name__, opened.name) == (kind, source)


@pytest.mark.parametrize(
    ("source", "variable"),
    [("zen", "ZENDESK_EMAIL"), ("zen", "ZENDESK_API_TOKEN"), ("inter", "INTERCOM_TOKEN")],
)
def test_a_missing_secret_is_named(
    tokens: None, monkeypatch: pytest.MonkeyPatch, source: str, variable: str
) -> None:
    monkeypatch.delenv(variable)
    with pytest.raises(
        SettingsError, match=rf"^{variable} is missing\.\nThe source {source} needs"
    ):
        open_source(source, Settings.load())


def test_what_cannot_be_a_token_is_said_so(tokens: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERCOM_TOKEN", "“ic”\n")
    with pytest.raises(SettingsError, match="INTERCOM_TOKEN holds characters that no token has"):
        open_source("inter", Settings.load())


def test_a_source_that_nobody_named() -> None:
    with pytest.raises(SettingsError, match=r"There is no source other\.\nAdd a table"):
        open_source("other", Settings.load())
