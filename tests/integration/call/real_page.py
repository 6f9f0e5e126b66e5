"""The real patient's page in a real Chromium, from the link to the call."""

from playwright.async_api import Browser, Page, expect
from playwright.async_api import Error as PlaywrightError
from tests.journeys.rig import counter

KEEP_PEERS = """
  window.peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      window.peers.push(this);
    }
  };
"""
"""Lets a test look at the page's connections."""


async def open_waiting_room(browser: Browser, link: str, script: str = "") -> Page:
    """Go from the link to the waiting room; `script` runs before those of the page."""
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    if script:
        await page.add_init_script(script)
    noted: list[str] = []
    page.on("console", lambda line: noted.append(line.text))
    page.on("pageerror", lambda error: noted.append(str(error)))
    page.on("requestfailed", lambda request: noted.append(f"{request.url}: {request.failure}"))
    await page.goto(link)
    start = page.get_by_role("button", name="Start")
    try:
        await start.click()
    except PlaywrightError as error:
        error.add_note(f"The page shows: {await page.inner_text('body')}\nIt noted: {noted}")
        raise
    await page.get_by_role("button", name="Yes, it works").click()
    await page.get_by_role("button", name="I agree").click()
    await expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    return page


async def numbers_in(page: Page, wanted: int) -> list[int]:
    """Read different numbers in the remote picture until there are so many."""
    read = f"""async (wanted) => {{
      const counter = {counter.javascript()};
      const seen = new Set();
      const deadline = performance.now() + 15000;
      while (seen.size < wanted && performance.now() < deadline) {{
        const video = document.querySelector("video.remote");
        if (video && video.readyState >= 2) {{
          const number = counter.read(video);
          if (number !== null) seen.add(number);
        }}
        await new Promise((next) => setTimeout(next, 30));
      }}
      return [...seen];
    }}"""
    return [int(number) for number in await page.evaluate(read, wanted)]
