"""A headless Chromium that a module's tests share, and axe-core to look at pages with."""

import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from tests.acceptance.local_slack import CHROMIUM_FLAGS, find_chromium

AXE = Path("node_modules/axe-core/axe.min.js")
PATIENCE = 30  # seconds


def _missing(what: str) -> None:
    if os.environ.get("FOOTNOTE_REQUIRE_LOCAL_SLACK") == "1":
        pytest.fail(f"{what} is missing, and FOOTNOTE_REQUIRE_LOCAL_SLACK=1 asks for it")
    pytest.skip(f"{what} is not installed")


@contextmanager
def chromium() -> Iterator[str]:
    """A browser's address for `page_of`; without Chromium the test is skipped, or fails in CI."""
    program = find_chromium()
    if program is None:
        _missing("Chromium")
    with tempfile.TemporaryDirectory() as folder:
        flags = (*CHROMIUM_FLAGS, "--remote-debugging-port=0", f"--user-data-dir={folder}")
        process = subprocess.Popen(
            [str(program), *flags, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield _address(Path(folder) / "DevToolsActivePort")
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _address(file: Path) -> str:
    """The port is written when the browser listens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if len(lines) > 1:
            return f"http://127.0.0.1:{lines[0]}"
        time.sleep(0.05)
    raise TimeoutError("Chromium did not start")


@asynccontextmanager
async def page_of(browser: str, **options: Any) -> AsyncIterator[Page]:
    """A page with cookies of its own; `options` are those of a Playwright context."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(browser)
        context = await connected.new_context(**options)
        context.set_default_timeout(PATIENCE * 1000)
        yield await context.new_page()
        await context.close()
        await connected.close()


def axe() -> str:
    """The text of axe-core; without it the test is skipped, or fails in CI."""
    checkout = Path(__file__).resolve().parents[2]
    for place in (checkout / ".tools", checkout):
        if (place / AXE).is_file():
            return (place / AXE).read_text(encoding="utf-8")
    _missing("axe-core (npm: axe-core@4.14.1)")
    raise AssertionError


async def violations(page: Page) -> list[str]:
    """What axe-core finds serious or worse, by rule, with the first element each."""
    # By the debugger, which the page's own policy does not bind.
    await page.evaluate(axe())
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} {each['nodes'][0]['failureSummary'][:200]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
