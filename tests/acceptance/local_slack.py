"""Drive local-slack, an independent local Slack, as the people of a workspace would.

The server is a prebuilt binary with Web API, Socket Mode, signed events and a web page. Its
workspace is a configuration file and its messages live in memory. People act through its HTTP
interface `/_control`, and through `/ui`, the websocket of its page, which sends the whole state
first and then every change. Screenshots are of the real page, by headless Chromium.
"""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright

Found = TypeVar("Found")
State = dict[str, Any]
Message = dict[str, Any]
View = dict[str, Any]

TEAM_ID = "T0FOOTNOTE"
APP_ID = "A0FOOTNOTE"
BOT_USER_ID = "U0FOOTNOTE"
BOT_TOKEN = "xoxb-local-footnote"
APP_TOKEN = "xapp-local-footnote"
SIGNING_SECRET = "local-signing-secret"

# Handle → full name: two support agents and, by convention, a team lead.
USERS = {"alice": "Alice Ahrens", "bob": "Bob Brandt", "lena": "Lena Lindqvist"}

# Channel → whether the app is a member; where it is not, it hears nothing.
CHANNELS = {"support": True, "general": True, "random": False}

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class LocalSlackError(Exception):
    """local-slack did not start, or refused what a test asked of it."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message went: the channel's id and the message's timestamp."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What submitting a modal led to: the app's errors by block, and the views still open."""

    errors: dict[str, str]
    views: tuple[View, ...]


def find_binary() -> Path | None:
    """Return the local-slack program: LOCAL_SLACK_BIN, else an npm install in the checkout."""
    checkout = Path(__file__).resolve().parents[2]
    inside = Path("node_modules/local-slack-linux-x64/bin/local-slack")
    candidates = [checkout / inside, checkout / ".tools" / inside]
    if named := os.environ.get("LOCAL_SLACK_BIN"):
        candidates = [Path(named).absolute()]
    return next((path for path in candidates if path.is_file()), None)


def find_chromium() -> Path | None:
    """Return the browser that takes the screenshots."""
    found = map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    return next((Path(path) for path in found if path), None)


def require_binary() -> Path:
    """Return the program; without it or Chromium skip the test, or fail it where CI demands."""
    binary = find_binary()
    if binary and find_chromium():
        return binary
    missing = "Chromium" if binary else "local-slack (npm: local-slack-linux-x64@0.1.8)"
    if os.environ.get("FOOTNOTE_REQUIRE_LOCAL_SLACK") == "1":
        pytest.fail(f"{missing} is missing, and FOOTNOTE_REQUIRE_LOCAL_SLACK=1 asks for it")
    pytest.skip(f"{missing} is not installed")


@dataclass(frozen=True, slots=True)
class LocalSlack:
    """A running local Slack with three people, three channels and one installed app.

    People and channels are named by their handle (`USERS`, `CHANNELS`) or by their id.
    Whatever waits raises TimeoutError after `within` seconds.
    """

    origin: str
    http: aiohttp.ClientSession = field(repr=False)
    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET
    bot_user_id: str = BOT_USER_ID
    team_id: str = TEAM_ID

    @classmethod
    @asynccontextmanager
    async def start(
        cls, binary: Path, folder: Path, *, request_url: str | None = None
    ) -> AsyncIterator[Self]:
        """Run the program on a free port with `folder` for its files, until the block ends.

        The app is in Socket Mode, unless `request_url` (http://…/slack/events) is given: then
        events and interactions are signed POSTs to it. Raises LocalSlackError.
        """
        await asyncio.to_thread(_write_workspace, folder, request_url)
        process = await asyncio.create_subprocess_exec(
            *(binary, "--config", "workspace.json", "--files-dir", "files"),
            *("--port", "0", "--base-host", "127.0.0.1"),
            cwd=folder,  # of any other folder it would read a stray .env
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            origin = await _announced_origin(process)
            timeout = aiohttp.ClientTimeout(total=60)
            async with aiohttp.ClientSession(origin, timeout=timeout) as http:
                yield cls(origin, http)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()

    @property
    def base_url(self) -> str:
        """The Web API, for slack_sdk's `base_url` (SLACK_API_URL)."""
        return f"{self.origin}/api/"

    def channel(self, name: str) -> str:
        """Return the id of a channel. Raises LocalSlackError."""
        return _id_of("C", name, CHANNELS)

    def user(self, name: str) -> str:
        """Return the id of a person. Raises LocalSlackError."""
        return _id_of("U", name, USERS)

    async def post_as(
        self, user: str, channel: str, text: str, thread_ts: str | None = None
    ) -> Posted:
        """Post as a person; returns once the app acknowledged the events.

        It gets a `message` event and then, if the text holds <@BOT>, an `app_mention`. What is
        posted while the app is not connected is lost to it: see `wait_for_app`.
        """
        return await self._post(self.channel(channel), user, text, thread_ts)

    async def direct_message(self, user: str, text: str, thread_ts: str | None = None) -> Posted:
        """Write to the app; `Posted.channel` is the direct conversation (D…)."""
        return await self._post(self.user(user), user, text, thread_ts)

    async def _post(self, channel: str, user: str, text: str, thread_ts: str | None) -> Posted:
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        body = {"channel": channel, "user": self.user(user), "text": text, **thread}
        message = (await self._control("message", body))["message"]
        return Posted(message["channel"], message["ts"])

    async def command(self, user: str, channel: str, command: str, text: str = "") -> None:
        """Run a slash command; an answer in its acknowledgement becomes a message."""
        body = {"channel": self.channel(channel), "user": self.user(user)}
        await self._control("command", {**body, "command": command, "text": text})

    async def messages(self, channel: str) -> list[Message]:
        """Return everything in a channel, replies and ephemeral messages too, oldest first."""
        return _messages(await self._state(), self.channel(channel))

    async def replies(self, channel: str, ts: str) -> list[Message]:
        """Return a thread's messages without its root, oldest first."""
        return [m for m in await self.messages(channel) if m.get("thread_ts") == ts]

    async def calls(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of each call of a Web API method, among the last 1,000 events."""
        log = (await self._state())["log"]
        return [e["detail"] for e in log if e["kind"] == "web_api" and e["summary"] == method]

    async def wait_for_app(self, within: float = 30) -> None:
        """Wait until the app has a Socket Mode connection."""
        await self._once(lambda state: state["apps"][0]["connected"], within)

    async def wait_for_message(
        self, channel: str, wanted: Callable[[Message], bool], within: float = 30
    ) -> Message:
        """Wait for a message that is as wanted (and was perhaps edited into it)."""
        place = self.channel(channel)
        return await self._once(lambda s: next(filter(wanted, _messages(s, place)), None), within)

    async def wait_for_reply(self, channel: str, ts: str, within: float = 30) -> Message:
        """Wait for the app's first message in a thread."""
        return await self.wait_for_message(
            channel, lambda m: m.get("thread_ts") == ts and "bot_id" in m, within
        )

    async def click(
        self, user: str, channel: str, ts: str, action_id: str, value: str | None = None
    ) -> None:
        """Use a control under a message; returns once the app acknowledged it.

        `value` picks one of two feedback buttons, or a menu's option. Raises LocalSlackError.
        """
        message = next((m for m in await self.messages(channel) if m["ts"] == ts), {})
        action = _action(message.get("blocks") or [], action_id, value)
        body = {"channel": self.channel(channel), "user": self.user(user)}
        await self._control("interact", {**body, "messageTs": ts, "action": action})

    async def open_home(self, user: str, within: float = 30) -> View:
        """Open the app's Home tab as a person, and return what the app publishes for it."""
        shown = (await self._state())["homeViews"]
        before = shown.get(self.user(user), {}).get(APP_ID, {}).get("id")
        await self._control("open-home", {"user": self.user(user)})

        def published(state: State) -> View | None:
            view: View = state["homeViews"].get(self.user(user), {}).get(APP_ID, {})
            return view if view.get("id", before) != before else None

        return await self._once(published, within)

    async def act_in_home(self, user: str, action_id: str, value: str) -> None:
        """Use a control of the Home tab; for a menu `value` is an option's."""
        view = (await self._state())["homeViews"][self.user(user)][APP_ID]
        action = _action(view["blocks"], action_id, value)
        request = {"t": "block_action", "user": self.user(user), "appId": APP_ID, "action": action}
        async with self.http.ws_connect("/ui", max_msg_size=0) as page:
            await page.send_json({**request, "channel": "", "messageTs": ""})
            while True:
                frame = await page.receive_json()
                if frame["t"] == "log" and _is_answer(frame["entry"]):
                    return

    async def modal(self, within: float = 30) -> View:
        """Wait until a modal is open, and return the topmost."""
        return await self._once(lambda state: next(reversed(state["modalStack"]), None), within)

    async def submit(
        self, user: str, values: Mapping[str, str | list[str]], within: float = 30
    ) -> Outcome:
        """Submit the topmost modal with a text or option (several for checkboxes) by block id.

        An input that is not named keeps its initial value, as in Slack. Open modals belong to
        the workspace, not to a person. Raises LocalSlackError.
        """
        view = await self.modal(within)
        request = {"t": "view_submit", "user": self.user(user), "values": _inputs(view, values)}
        async with asyncio.timeout(within), self.http.ws_connect("/ui", max_msg_size=0) as page:
            await page.send_json(request)
            answered = False
            while True:
                frame = await page.receive_json()
                # Before it answers, an app may update views of its own accord.
                answered = answered or (frame["t"] == "log" and _is_answer(frame["entry"]))
                if answered and frame["t"] in {"view", "view_errors"}:
                    stack = (await self._state())["modalStack"]
                    return Outcome(frame.get("errors", {}), tuple(stack))

    async def close_modals(self, user: str) -> None:
        """Close every open modal, as the ✕ of the topmost does."""
        async with self.http.ws_connect("/ui", max_msg_size=0) as page:
            await page.send_json({"t": "view_close", "user": self.user(user)})
            await self._once(lambda state: not state["modalStack"], within=15)

    async def screenshot(
        self,
        path: Path,
        channel: str,
        thread_ts: str | None = None,
        width: int = 1280,
        height: int = 800,
    ) -> None:
        """Save a PNG of a channel, with a thread beside it; an open modal lies over both."""
        address = f"{self.origin}/archives/{self.channel(channel)}"
        async with _browser_page(width, height) as page:
            await page.goto(f"{address}?thread_ts={thread_ts}" if thread_ts else address)
            shown = ".thread-pane .msg" if thread_ts else ".msg"
            await page.locator(shown).first.wait_for()
            # As it opens, the thread is too narrow for an answer with its sources.
            await page.add_style_tag(content=".thread-pane { width: 45% !important }")
            await page.screenshot(path=path)

    async def screenshot_of_home(
        self, path: Path, user: str, width: int = 1280, height: int = 900
    ) -> None:
        """Save a PNG of the Home tab as a person sees it."""
        async with _browser_page(width, height) as page:
            await page.goto(self.origin)
            await page.get_by_role("combobox").first.select_option(self.user(user))
            await page.get_by_text("🏠").first.click()
            await page.locator(".bk-section").first.wait_for()
            await page.screenshot(path=path)

    async def _state(self) -> State:
        """Read the workspace as the page gets it: messages, open modals, apps, traffic log."""
        async with self.http.ws_connect("/ui", max_msg_size=0) as page:
            return dict((await page.receive_json())["state"])

    async def _once(self, look: Callable[[State], Found | None], within: float) -> Found:
        """Look at the workspace after every change until there is something to see."""
        async with asyncio.timeout(within), self.http.ws_connect("/ui", max_msg_size=0) as page:
            while not (found := look(await self._state())):
                await page.receive()
            return found

    async def _control(self, verb: str, body: Mapping[str, Any]) -> dict[str, Any]:
        async with self.http.post(f"/_control/{verb}", json=body) as response:
            answer: dict[str, Any] = await response.json()
        if not answer.get("ok"):
            raise LocalSlackError(f"{verb}: {answer.get('error', answer)}")
        return answer


def _write_workspace(folder: Path, request_url: str | None) -> None:
    """Write the configuration; raises OSError."""
    app = {
        "appId": APP_ID,
        "botUserId": BOT_USER_ID,
        "botName": "footnote",
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SIGNING_SECRET,
        "mode": "events" if request_url else "socket",
        "requestUrl": request_url or "",
    }
    users = [
        {"id": _id_of("U", name, USERS), "name": name, "real_name": full, "tz": "Etc/UTC"}
        for name, full in USERS.items()
    ]
    people = [user["id"] for user in users]
    channels = [
        {
            "id": _id_of("C", name, CHANNELS),
            "name": name,
            "members": [*people, BOT_USER_ID] if with_app else people,
        }
        for name, with_app in CHANNELS.items()
    ]
    workspace = {"name": "Support desk", "domain": "support-desk", "teamId": TEAM_ID}
    config = {"workspace": workspace, "app": app, "users": users, "channels": channels}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workspace.json").write_text(json.dumps(config), encoding="utf-8")


def _id_of(kind: str, name: str, known: Mapping[str, object]) -> str:
    if name in known:
        return f"{kind}0{name.upper()}"
    if name[:1] in {"C", "D", "U"} and name.isupper():
        return name
    raise LocalSlackError(f"{name!r} is none of {', '.join(known)}")


async def _announced_origin(process: asyncio.subprocess.Process) -> str:
    """Read the banner, which names the port the system chose and is all that is ever printed."""
    printed = b""
    assert process.stdout
    async with asyncio.timeout(30):
        while line := await process.stdout.readline():
            if b"Web UI:" in line:
                return line.split()[-1].decode()
            printed += line
    raise LocalSlackError(f"local-slack stopped at once: {printed.decode().strip()}")


def _messages(state: State, channel: str) -> list[Message]:
    return list(state["messages"].get(channel, []))


def _is_answer(entry: Mapping[str, Any]) -> bool:
    """Tell whether the app answered an interaction: over the socket, or over HTTP."""
    return entry["direction"] == "from_bot" and entry["kind"] in {"ack", "interactive"}


def _action(blocks: list[dict[str, Any]], action_id: str, value: str | None) -> dict[str, Any]:
    """Build what Slack reports of a control's use."""
    for place, block in enumerate(blocks):
        inner = (block.get("accessory", {}), block.get("element", {}))
        for control in (*block.get("elements", ()), *inner):
            if control.get("action_id") == action_id:
                block_id = block.get("block_id", f"b{place}")
                return {"block_id": block_id, "action_id": action_id, **_choice(control, value)}
    raise LocalSlackError(f"The message has no control with the action_id {action_id!r}")


def _choice(control: dict[str, Any], value: str | None) -> dict[str, Any]:
    kind = control["type"]
    if "options" in control:
        return {"type": kind, "selected_option": _with_value(control["options"], value)}
    if kind == "feedback_buttons":
        control = _with_value((control["positive_button"], control["negative_button"]), value)
    if kind == "plain_text_input":
        return {"type": kind, "value": value}
    return {"type": kind, "value": control.get("value"), "text": control.get("text")}


def _inputs(view: View, values: Mapping[str, str | list[str]]) -> dict[str, dict[str, Any]]:
    """Fill a modal's inputs as Slack reports them: by block id, then by action id."""
    inputs = {b.get("block_id"): b["element"] for b in view["blocks"] if b["type"] == "input"}
    if None in inputs or not all("action_id" in element for element in inputs.values()):
        raise LocalSlackError("local-slack makes up no block_id or action_id: set them")
    if unknown := values.keys() - inputs.keys():
        raise LocalSlackError(f"The modal has no input with the block_id {', '.join(unknown)}")
    return {
        block_id: {element["action_id"]: _entered(element, values.get(block_id))}
        for block_id, element in inputs.items()
    }


def _entered(element: dict[str, Any], value: str | list[str] | None) -> dict[str, Any]:
    kind = element["type"]
    if kind == "checkboxes":
        chosen = element.get("initial_options", [])
        if value is not None:
            chosen = [_with_value(element["options"], each) for each in value]
        return {"type": kind, "selected_options": chosen}
    if "options" in element:
        option = element.get("initial_option")
        if value is not None:
            option = _with_value(element["options"], value)
        return {"type": kind, "selected_option": option}
    if kind == "conversations_select":
        return {"type": kind, "selected_conversation": value}
    return {"type": kind, "value": element.get("initial_value") if value is None else value}


def _with_value(options: Iterable[dict[str, Any]], value: object) -> dict[str, Any]:
    for option in options:
        if option["value"] == value:
            return option
    raise LocalSlackError(f"There is no option of the value {value!r}")


@asynccontextmanager
async def _browser_page(width: int, height: int) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_FLAGS
        )
        yield await browser.new_page(viewport={"width": width, "height": height})
        await browser.close()
