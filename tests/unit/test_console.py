"""What commands print about their work."""

import json
from datetime import UTC, datetime

import pytest

from ingest.console import print_json, progress


def lines(captured: pytest.CaptureFixture[str]) -> list[str]:
    out = captured.readouterr()
    assert out.out == ""
    return out.err.splitlines()


def test_progress_is_a_few_plain_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("Ingesting help") as show:
        for count in range(1, 401):
            show("read", count, 0)
        for count in range(1, 401):
            show("indexed", count, 400)
    assert lines(capsys) == [
        "Ingesting help: read …",
        "Ingesting help: indexed 1 of 400",
        "Ingesting help: indexed 100 of 400",
        "Ingesting help: indexed 200 of 400",
        "Ingesting help: indexed 300 of 400",
        "Ingesting help: indexed 400 of 400",
    ]


def test_little_work_ends_with_its_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Ingesting help") as show:
        show("indexed", 1, 1)
    assert lines(capsys) == ["Ingesting help: indexed 1 of 1"]


def test_no_work_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Ingesting help"):
        pass
    assert lines(capsys) == []


def test_json_is_one_document_in_plain_letters(capsys: pytest.CaptureFixture[str]) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    print_json({"title": "Größe ändern", "at": moment})
    printed = capsys.readouterr().out
    assert "Größe" in printed
    assert json.loads(printed) == {"title": "Größe ändern", "at": "2026-01-02 00:00:00+00:00"}
