"""Reports to a channel: what happened at night."""

import re
from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import mrkdwn
from bot.slack.client import refusals

LONGEST = 2_900  # characters of a section; Slack allows 3,000
LONGEST_LINE = 600
MORE = "… and more: `footnote ingest runs`"
_COMMAND = re.compile(r"\bfootnote (?:ingest|embeddings|answers|voice) [^`]+$")


async def post_report(
    client: AsyncWebClient, channel: str, source: str, lines: Sequence[str]
) -> None:
    """Post the lines of a run's report. Raises SlackError or Retryable when Slack refuses."""
    await post_lines(client, channel, f"Ingest of {source}", lines)


async def post_lines(
    client: AsyncWebClient, channel: str, title: str, lines: Sequence[str]
) -> None:
    """Post lines below a title, to a channel or a person. Raises as post_report."""
    head = mrkdwn.escaped(mrkdwn.shortened(title, LONGEST_LINE))
    shown: list[str] = []
    for line in lines:
        safe = _shown(line)
        if sum(len(each) + 1 for each in (head, *shown, safe, MORE)) > LONGEST:
            shown.append(MORE)
            break
        shown.append(safe)
    text = "\n".join([f"*{head}*", *shown])
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    with refusals():
        await client.chat_postMessage(
            channel=channel, text=f"{head}: {shown[0]}", blocks=[section], unfurl_links=False
        )


def _shown(line: str) -> str:
    """A line, as an item of a list where it is indented; a command to type as code."""
    bullet = "• " if line.startswith(" ") else ""
    safe = mrkdwn.escaped(mrkdwn.shortened(line, LONGEST_LINE))
    return bullet + _COMMAND.sub(r"`\g<0>`", safe)
