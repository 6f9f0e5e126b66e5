"""The real patient's page in a real Chromium, from the link to the call."""

from playwright.async_api import Browser, Page, expect
from tests.journeys.rig import counter


async def open_waiting_room(browser: Browser, link: str) -> Page:
    """Go from the link to the waiting room."""
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Start").click()
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
