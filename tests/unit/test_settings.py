"""Settings: what is wrong with them is said in a line that names the place, without secrets."""

from pathlib import Path

import pytest

from bot.settings import Settings as BotSettings
from ingest.errors import SettingsError
from ingest.settings import Settings

SECRET = "hunter2-do-not-tell"


def complaint(kind: type[Settings] = Settings) -> str:
    with pytest.raises(SettingsError) as caught:
        kind.load()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[sources.help\nfolder = 1", "line 1"),
        ("[sources.help]\nfolder = 'a'\nfoldr = 'b'", "sources.help.foldr"),
        (
            "[sources.help]\nurl = 'https://x.example/{id}'",
            "sources.help: a source has exactly one of folder",
        ),
        ("[sources.help]\nfolder = 7", "sources.help.folder"),
        ("sources = 'articles'", "sources"),
        ("[embedding]\ndimensions = 'many'", "embedding.dimensions"),
        ("[embedding]\nprovider = 'openai'\ndimensions = 1", "embedding.dimensions"),
        ("[embedding]\nprovider = 'acme'", "embedding.provider"),
        ("[embedding]\nmodel = 'bge-m3'", "FOOTNOTE_MODEL_DIR"),
        ("[embeddings]\nmodel = 'x'", "embeddings.model"),
        ("[embeddings.large]\ntokens_per_minute = 0", "embeddings.large.tokens_per_minute"),
        ("[embeddings.default]\nmodel = 'x'\nprovider = 'openai'", "the name default is taken"),
        ("[embeding]\nmodel = 'x'", "embeding: there is no such setting"),
    ],
)
@pytest.mark.parametrize("kind", [Settings, BotSettings])
def test_a_malformed_file_is_named_with_the_place(
    tmp_path: Path, text: str, place: str, kind: type[Settings]
) -> None:
    (tmp_path / "footnote.toml").write_text(text)
    said = complaint(kind)
    assert "footnote.toml" in said
    assert place in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[chat]\nmodle = 'x'", "chat.modle: there is no such setting"),
        ("[voices.neutral]\nmodel = 'x'", "footnote.toml: [voices.neutral]"),
        ("[voices.warm]\nbase_url = 'x'", "voices.warm.model: this setting is missing"),
    ],
)
def test_so_are_the_tables_of_the_answering_side(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "footnote.toml").write_text(text)
    assert place in complaint(BotSettings)


def test_every_bad_value_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text("[sources.a]\n[sources.b]\nfolder = 3\n")
    lines = complaint().splitlines()
    assert len(lines) == 2
    assert "sources.a: a source has exactly one of folder" in lines[0]
    assert "sources.b.folder" in lines[1]


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_bytes(b"home = '\xff\xfe'")
    assert "not UTF-8" in complaint()


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").mkdir()
    assert "not a file" in complaint()


def test_a_config_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_CONFIG", "/nowhere/footnote.toml")
    assert complaint() == "FOOTNOTE_CONFIG names /nowhere/footnote.toml, which is not a file."


@pytest.mark.parametrize("kind", [Settings, BotSettings])
def test_a_table_in_the_environment_that_is_not_json(
    monkeypatch: pytest.MonkeyPatch, kind: type[Settings]
) -> None:
    monkeypatch.setenv("FOOTNOTE_SOURCES", SECRET)
    said = complaint(kind)
    assert "sources" in said
    assert SECRET not in said


def test_ingest_leaves_the_tables_of_the_answering_side_alone(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text("[chat]\nmodel = 'x'\n[slack]\n[voices]\n")
    assert Settings.load().sources == {}
    tables = {
        name for name, field in BotSettings.model_fields.items() if field.validation_alias is None
    }
    assert tables == {
        name for name, field in Settings.model_fields.items() if field.validation_alias is None
    }


def test_no_file_is_no_mistake() -> None:
    assert Settings.load().sources == {}


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "FOOTNOTE_HOME", "FOOTNOTE_CONFIG", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "")
    settings = Settings.load()
    assert (settings.database_url, settings.home) == (None, Path(".footnote"))


def test_secrets_are_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://desk:{SECRET}@db/footnote")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("SLACK_BOT_TOKEN", SECRET)
    assert SECRET not in repr(BotSettings.load())
    (tmp_path / "footnote.toml").write_text(f"OPENAI_API_KEY = ['{SECRET}']\nkey = '{SECRET}'\n")
    assert SECRET not in complaint(BotSettings)


def test_folders_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "footnote.toml").write_text(
        "[sources.help]\nfolder = '../articles'\n[sources.home]\nfolder = '~/articles'\n"
        f"[sources.fixed]\nfolder = '{tmp_path}/fixed'\n"
    )
    monkeypatch.setenv("FOOTNOTE_CONFIG", "desk/footnote.toml")
    monkeypatch.setenv("HOME", "/home/desk")
    sources = Settings.load().sources
    assert sources["help"].folder == (tmp_path / "articles").resolve()
    assert sources["home"].folder == Path("/home/desk/articles")
    assert sources["fixed"].folder == (tmp_path / "fixed").resolve()
