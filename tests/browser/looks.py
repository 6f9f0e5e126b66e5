"""Looks at a step as a person with a screen reader, a small phone or large type would: axe, overflow, focus."""

import os
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS = os.environ.get("TELECONSOLE_SCREENSHOTS", "")
"""A folder for pictures of every step, for people who design; empty: none."""


async def look(page: Page, name: str) -> None:
    """Fail if axe finds something, if the page is wider than the screen, or has not one heading.

    Args:
        page: showing the step.
        name: of the picture.
    """
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    results = await Axe().run(page, options={"runOnly": TAGS})
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    too_wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{name} is {too_wide} px too wide"
    assert await page.evaluate("document.querySelectorAll('h1').length") == 1


async def tab_stops(page: Page) -> list[str]:
    """Return the names of what the Tab key reaches from the heading on, in order."""
    names: list[str] = []
    while True:
        await page.keyboard.press("Tab")
        name = await page.evaluate(
            """() => {
              const at = document.activeElement;
              if (!at || at === document.body) return "";
              const label = at.labels?.[0]?.textContent;
              return at.getAttribute("aria-label") ?? label ?? at.textContent;
            }"""
        )
        if not name or name in names:
            return names
        names.append(name)
