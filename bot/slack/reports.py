"""Reports to a channel: what happened at night."""

from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import mrkdwn
from bot.slack.client import refusals

LONGEST = 2_900  # characters of a section; Slack allows 3,000


async def post_report(
    client: AsyncWebClient, channel: str, source: str, lines: Sequence[str]
) -> None:
    """Post the lines of a run's report. Raises SlackError or Retryable when Slack refuses."""
    head = mrkdwn.escaped(f"Help centre {source}")
    shown: list[str] = []
    for line in lines:
        safe = mrkdwn.escaped(line.strip())
        if sum(len(each) + 1 for each in (head, *shown, safe)) > LONGEST:
            shown.append("… and more: `footnote ingest runs`")
            break
        shown.append(safe)
    text = "\n".join([f"*{head}*", *shown])
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    with refusals():
        await client.chat_postMessage(
            channel=channel, text=f"{head}: {shown[0]}", blocks=[section], unfurl_links=False
        )
