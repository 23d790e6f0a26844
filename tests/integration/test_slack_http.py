"""Footnote in Slack, by signed HTTP, and what the command says when something is missing."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.errors import SlackError
from bot.serving import Service, open_service
from ingest.errors import FootnoteError, SettingsError
from tests.fakes.serving import HOST
from tests.fakes.slack_server import ALICE, SUPPORT, SlackServer
from tests.integration.command import FOOTNOTE
from tests.integration.desk import (
    DELIVERY,
    answer_to,
    command_environment,
    replies,
    serving,
    settings_for,
    vote,
    whisper_to,
)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(ack_seconds=1) as running:
        yield running


def by_http(url: str, slack: SlackServer, **more: Any) -> Any:
    secret = {"SLACK_APP_TOKEN": None, "SLACK_SIGNING_SECRET": slack.signing_secret}
    return settings_for(url, slack, **{**secret, **more})


@pytest.fixture
async def desk(sample_url: str, slack: SlackServer) -> AsyncIterator[Service]:
    async with serving(by_http(sample_url, slack), slack) as service:
        yield service


async def test_a_signed_mention_is_answered_and_voted_on(desk: Service, slack: SlackServer) -> None:
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    await slack.redeliver(asked)
    await vote(slack, answer, "up", ALICE)
    await whisper_to(slack, ALICE)
    assert replies(slack) == [answer]


async def test_a_bad_or_old_signature_is_refused(desk: Service, slack: SlackServer) -> None:
    await slack.mention(SUPPORT, ALICE, DELIVERY)
    payload = slack.deliveries[0].payload | {"event_id": "Ev0FORGED"}
    url = slack.request_url or ""
    assert (await slack.post_event(url, payload, bad_signature=True)).status == 401
    assert (await slack.post_event(url, payload, timestamp=1_000_000)).status == 401
    rows = await desk.app.database.rows("open_questions")
    assert len(rows) <= 1


async def test_slack_may_check_the_address(desk: Service, slack: SlackServer) -> None:
    challenge = {"type": "url_verification", "challenge": "c0ffee", "token": "t"}
    answer = await slack.post_event(slack.request_url or "", challenge)
    assert (answer.status, answer.payload) == (200, {"challenge": "c0ffee"})


async def test_healthz_says_whether_the_database_is_reachable(desk: Service) -> None:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{desk.port}") as client:
        well = await client.get("/healthz")
        assert (well.status_code, well.json()) == (200, {"database": "reachable"})
        await desk.app.database.pool.close()
        ill = await client.get("/healthz")
        assert (ill.status_code, ill.json()) == (503, {"database": "unreachable"})


async def test_socket_mode_has_a_healthz_too_and_no_events(
    sample_url: str, slack: SlackServer
) -> None:
    async with (
        serving(settings_for(sample_url, slack), slack) as service,
        httpx.AsyncClient(base_url=f"http://{HOST}:{service.port}") as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.post("/slack/events")).status_code == 404


async def test_a_port_in_use_is_said(sample_url: str, slack: SlackServer) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match="Name another PORT"):
            async with open_service(by_http(sample_url, slack, PORT=port)):
                pass
        # By Socket Mode one can do without.
        async with serving(settings_for(sample_url, slack, PORT=port), slack) as service:
            assert service.port is None


# The command


async def run(command: str, environment: Mapping[str, str]) -> tuple[int | None, str]:
    """Run `footnote COMMAND` to its end; its exit code and what it said on standard error."""
    process = await asyncio.create_subprocess_exec(
        *(FOOTNOTE, command),
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SLACK_BOT_TOKEN": None}, "Not set: SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": None}, "SLACK_APP_TOKEN (xapp-…, for Socket Mode) or SLACK_SIGNING"),
        ({"SLACK_BOT_TOKEN": "xoxb-x"}, "(invalid_auth).\nSLACK_BOT_TOKEN is not one"),
        ({"SLACK_APP_TOKEN": "xapp-x"}, "(invalid_auth).\nSLACK_APP_TOKEN is not one"),
        ({"SLACK_BOT_TOKEN": "xapp-1-fake-app-token"}, "is a token of another kind"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api"}, "Slack does not answer: "),
    ],
)
async def test_a_missing_or_bad_token_is_said_in_two_lines(
    sample_url: str, slack: SlackServer, changes: dict[str, str | None], said: str
) -> None:
    with pytest.raises(FootnoteError, match=re.escape(said)) as caught:
        async with open_service(settings_for(sample_url, slack, **changes)):
            pass
    assert len(str(caught.value).splitlines()) <= 2


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_the_command_says_so_without_a_traceback(
    sample_url: str, slack: SlackServer, command: str
) -> None:
    changes = {"SLACK_BOT_TOKEN": "xoxb-wrong"}
    code, printed = await run(command, command_environment(sample_url, slack) | changes)
    assert code == 1
    assert printed.startswith("footnote: Slack refused (invalid_auth).\nSLACK_BOT_TOKEN is not")
    assert len(printed.splitlines()) == 2


async def test_a_socket_that_cannot_be_connected_to_is_said(
    sample_url: str, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.socket_mode.CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(slack.socket, "new_ticket", lambda: "refused")
    with pytest.raises(SlackError, match="Slack's socket cannot be connected to"):
        async with open_service(settings_for(sample_url, slack)):
            pass


async def test_a_schedule_that_is_none_is_said(
    sample_url: str, slack: SlackServer, tmp_path: Path
) -> None:
    (tmp_path / "footnote.toml").write_text(
        '[sources.help]\nfolder = "."\nschedule = "every night"\n', encoding="utf-8"
    )
    code, printed = await run("worker", command_environment(sample_url, slack))
    assert code == 1
    assert "sources.help.schedule: 'every night' is not a cron schedule" in printed


async def test_a_termination_request_ends_it_tidily(sample_url: str, slack: SlackServer) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", FOOTNOTE, "serve"),
        env={**os.environ, **command_environment(sample_url, slack)},
        stderr=asyncio.subprocess.PIPE,
    )
    await slack.socket.wait_for_connections(1, timeout=60)
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    await answer_to(slack, asked)
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    lines = said.decode().splitlines()
    assert process.returncode == 0, lines
    assert lines[-1].endswith("INFO footnote.serving: stopped")
    assert not [line for line in lines if "WARNING" in line or "Warning" in line or "ERROR" in line]
    assert DELIVERY not in said.decode()
