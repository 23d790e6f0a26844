"""The README tells the truth: its commands run, its transcript is real, its table is the tree."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_TIMING = re.compile(r"· [\d.]+ s$", re.MULTILINE)


def shell(command: str, url: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the README in the checkout, on a database of the test's own."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "DATABASE_URL": url,
        "LANG": "C.UTF-8",
    }
    return subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def code_lines(language: str) -> list[str]:
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_the_transcript_is_what_the_command_prints(sample_url: str, tmp_path: Path) -> None:
    transcript = re.search(r"```console\n\$ (footnote ask .*?)\n(.*?)```", README, re.DOTALL)
    assert transcript is not None

    done = shell(transcript[1], sample_url, tmp_path)

    assert _TIMING.sub("", done.stdout).strip() == _TIMING.sub("", transcript[2]).strip()


def test_make_demo_works_and_its_help_centre_can_be_asked(empty_url: str, tmp_path: Path) -> None:
    commands = [line.split("#")[0].strip() for line in code_lines("console")]
    demo, ask = "make demo", '.venv/bin/footnote ask "How do I change my password?"'
    assert demo in commands
    assert ask in commands

    shown = shell(demo, empty_url, tmp_path)
    asked = shell(ask.replace(".venv/bin/", ""), empty_url, tmp_path)

    assert shown.returncode == 0, shown.stderr
    assert len(re.findall(r"^\[1\] ", shown.stdout, re.MULTILINE)) == 3
    assert shown.stdout.count("The help centre does not cover this.") == 1
    assert asked.returncode == 0, asked.stderr
    assert "password" in asked.stdout


def test_your_own_articles_are_taken_with_their_addresses(empty_url: str, tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number, thing in enumerate(["kettle", "toaster", "lamp"]):
        text = f"# How to clean the {thing}\n\nWipe the {thing} with a soft dry cloth every week.\n"
        (articles / f"{number}.md").write_text(text, encoding="utf-8")
    commands = [line for line in code_lines("console") if "path/to/articles" in line]
    assert len(commands) == 2

    for command in commands:
        own = command.replace("path/to/articles", str(articles)).replace(".venv/bin/", "")
        done = shell(own, empty_url, tmp_path)
        assert done.returncode == 0, done.stderr
    asked = shell('footnote ask "How do I clean the toaster?"', empty_url, tmp_path)

    assert "https://help.example.com/articles/1" in asked.stdout


def test_every_target_and_command_named_is_there(empty_url: str, tmp_path: Path) -> None:
    for target in set(re.findall(r"`?make ([a-z]+)", README)) - {"is"}:
        assert shell(f"make --dry-run {target}", empty_url, tmp_path).returncode == 0, target
    # "`/footnote" is the command in Slack.
    named = re.findall(r"(?<!`/)footnote ((?:(?:ingest|db|embeddings|eval) )?[a-z]+)\b", README)
    commands = {name for name in named if name.split()[0] not in {"home", "toml", "config"}}
    assert {"ask", "serve", "worker", "db migrate", "embeddings switch"} <= commands
    for name in commands:
        assert shell(f"footnote {name} --help", empty_url, tmp_path).returncode == 0, name


def test_the_table_names_every_file_and_no_other() -> None:
    table = README.split("## What is where")[1].split("\n## ")[0]
    named = re.findall(r"`((?:bot|ingest|sql|bench)/[^`]*)`", table)
    for name in named:
        assert (ROOT / name).exists(), name
    modules = [
        path.relative_to(ROOT).as_posix()
        for room in ("bot", "ingest")
        for path in (ROOT / room).rglob("*.py")
        if path.name != "__init__.py"
    ]
    missing = [module for module in modules if not module.startswith(tuple(named))]
    assert missing == []


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_file_linked_is_there(name: str) -> None:
    assert (ROOT / name).is_file()
