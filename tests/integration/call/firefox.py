"""A real Firefox for asyncio tests, driven by WebDriver BiDi, which it speaks by itself."""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from tests.integration.call.waiting import until, until_async
from tests.journeys.rig.net import Net, end

FIREFOX_VARIABLE = "TELECONSOLE_TEST_FIREFOX"
STARTED_WITHIN_S, ANSWERED_WITHIN_S = 60.0, 30.0
OFF = (
    "app.normandy.enabled",
    "browser.safebrowsing.malware.enabled",
    "browser.safebrowsing.phishing.enabled",
    "browser.shell.checkDefaultBrowser",
    "datareporting.policy.dataSubmissionEnabled",
    "extensions.getAddons.cache.enabled",
    "extensions.update.enabled",
    "media.gmp-manager.updateEnabled",
    "network.captive-portal-service.enabled",
    "network.connectivity-service.enabled",
    "network.prefetch-next",
    "toolkit.telemetry.unified",
)
"""With these the browser speaks to nobody but the page's own gateway."""
PREFERENCES: dict[str, bool | int | str] = {
    **dict.fromkeys(OFF, False),
    "app.update.disabledForTesting": True,
    "browser.startup.page": 0,
    "media.autoplay.default": 0,
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "network.dns.disablePrefetch": True,
    "network.http.speculative-parallel-limit": 0,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.server": "",
}
PRESS = """(words) => {
  const shown = [...document.querySelectorAll("button")].filter((each) => each.checkVisibility() && !each.disabled);
  const found = shown.find((each) => each.textContent.trim() === words);
  found?.click();
  return Boolean(found);
}"""


class PageError(AssertionError):
    """A script in the page threw, or the browser refused a command."""


class Firefox:
    """A running browser; `noted`: lines of level error in the consoles of all pages."""

    def __init__(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        self.noted: list[str] = []
        self._wire = wire
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def read(self) -> None:
        """Take what the browser says until it goes."""
        async for message in self._wire:
            told = json.loads(message.data)
            waiting = self._waiting.pop(told.get("id", 0), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(told)
            elif told.get("method") == "log.entryAdded" and told["params"]["level"] == "error":
                self.noted.append(str(told["params"]["text"]))

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of a command."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._wire.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            told = await answer
        if told["type"] == "error":
            raise PageError(f"{method}: {told['error']}: {told['message']}")
        return dict(told["result"])

    async def new_page(self) -> "FirefoxPage":
        """Return an empty tab with cookies and storage of its own."""
        context = await self.ask("browser.createUserContext")
        made = await self.ask("browsingContext.create", type="tab", userContext=context["userContext"])
        return FirefoxPage(self, made["context"])


class FirefoxPage:
    """A tab."""

    def __init__(self, browser: Firefox, context: str) -> None:
        self._browser = browser
        self._context = context

    async def before_scripts(self, function: str) -> None:
        """Run a function of JavaScript in every page of this tab before the page's own scripts."""
        await self._browser.ask("script.addPreloadScript", functionDeclaration=function, contexts=[self._context])

    async def goto(self, address: str) -> None:
        """Load a page to its end."""
        await self._browser.ask("browsingContext.navigate", context=self._context, url=address, wait="complete")

    async def reload(self) -> None:
        """Load the same page again."""
        await self._browser.ask("browsingContext.reload", context=self._context, wait="complete")

    async def close(self) -> None:
        """Close the tab."""
        await self._browser.ask("browsingContext.close", context=self._context)

    async def evaluate(self, function: str, *arguments: Any) -> Any:
        """Return what a function of JavaScript returns or fulfils; it and the arguments as far as JSON carries them.

        Raises:
            PageError: it threw.
        """
        answer = await self._browser.ask(
            "script.callFunction",
            functionDeclaration=f"async (given) => JSON.stringify(await ({function})(...JSON.parse(given)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise PageError(f"{answer['exceptionDetails']['text']} in {function}")
        return json.loads(answer["result"]["value"])

    async def until(self, function: str, *arguments: Any, what: str, within_s: float = 15.0) -> Any:
        """Return the first true answer of a function of JavaScript."""
        try:
            return await until_async(lambda: self.evaluate(function, *arguments), what, within_s=within_s)
        except AssertionError as error:
            shown = await self.evaluate("() => document.body.innerText")
            error.add_note(f"The page shows: {shown}\nIt noted: {self._browser.noted}")
            raise

    async def press(self, words: str) -> None:
        """Press the button with these words as soon as it can be pressed."""
        await self.until(PRESS, words, what=f"the button {words!r}")


@asynccontextmanager
async def firefox_in(net: Net, folder: Path) -> AsyncIterator[Firefox]:
    """A browser inside a network, ended with the block; this thread may be in another one."""
    profile, log = folder / "profile", folder / "firefox.log"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    program = os.environ.get(FIREFOX_VARIABLE) or shutil.which("firefox-esr") or shutil.which("firefox")
    assert program, f"No Firefox: run packaging/linux/system-packages.sh test, or set {FIREFOX_VARIABLE}."
    flags = ("--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile)
    env = {**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    with log.open("wb") as written:
        process = net.popen([program, *flags], env=env, stdout=written, stderr=written)
    try:
        port = await until(lambda: _port(profile), f"Firefox listens ({log})", within_s=STARTED_WITHIN_S)
        connector = aiohttp.TCPConnector(socket_factory=lambda address: _socket_in(net, address[0]))
        async with (
            aiohttp.ClientSession(connector=connector) as http,
            http.ws_connect(f"ws://127.0.0.1:{port}/session", max_msg_size=0) as wire,
        ):
            browser = Firefox(wire)
            reading = asyncio.get_running_loop().create_task(browser.read())
            await browser.ask("session.new", capabilities={})
            await browser.ask("session.subscribe", events=["log.entryAdded"])
            yield browser
            await browser.ask("browser.close")
            await reading
    finally:
        await asyncio.to_thread(end, process)


def _port(profile: Path) -> int:
    """Return where Firefox listens, as it says in its profile; 0 before it does."""
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        return int(json.loads((profile / "WebDriverBiDiServer.json").read_text())["ws_port"])
    return 0


def _socket_in(net: Net, family: int) -> socket.socket:
    """Return a socket of that network: it stays where it was made."""
    if net.holds_this_thread():
        return socket.socket(family, socket.SOCK_STREAM)
    net.enter()
    try:
        return socket.socket(family, socket.SOCK_STREAM)
    finally:
        net.leave()
