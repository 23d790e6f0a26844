"""Settings of channels: how they are written, and which locales they mean."""

from pathlib import Path
from typing import Any

import pytest

from bot.channels import covered
from bot.settings import Settings
from ingest.errors import SettingsError


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        (["de"], ("de", "de-AT")),
        (["de-at"], ("de-AT",)),
        (["en", "es"], ("en-US", "es")),
        (["d"], ()),
        ([], ()),
    ],
)
def test_a_language_is_also_its_regions(wanted: list[str], meant: tuple[str, ...]) -> None:
    assert covered(wanted, ["de", "de-AT", "en-US", "es"]) == meant


def settings(text: str) -> Settings:
    Path("footnote.toml").write_text(text, encoding="utf-8")
    return Settings.load()


def test_a_channel_is_a_table() -> None:
    found = settings(
        '[slack.channels.C012AB3CD]\naudiences = ["public"]\nlocales = ["de"]\n'
        'every_question = true\nhandoff_channel = "C9"\nhandoff_group = "S9"\n'
    ).slack.channels["C012AB3CD"]
    assert found.audiences == ("public",)
    assert found.every_question
    assert (found.voice, found.products) == (None, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("audiences = []", "name public, internal or both"),
        ('audiences = ["secret"]', "slack.channels.C1.audiences.0"),
        ('colour = "red"', "there is no such setting"),
    ],
)
def test_a_mistake_in_it_is_named(line: str, said: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(f"[slack.channels.C1]\n{line}\n")
    assert said in str(caught.value)
