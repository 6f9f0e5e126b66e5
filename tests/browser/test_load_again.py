"""A part of the page that does not come: the page loads again by itself, and not for ever."""

import pytest
from playwright.async_api import BrowserContext, Route, expect
from tests.browser.conftest import Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_load_again_after_a_network_change(context: BrowserContext, origin: str, watch: Watch) -> None:
    page = await context.new_page()
    asked: list[str] = []

    async def change_once(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort("connectionaborted") if len(asked) == 1 else route.continue_())

    await page.route("**/pages/i18n.js", change_once)
    await page.goto(f"{origin}/v#visit-token")
    await expect(page.get_by_role("button", name="Start")).to_be_visible()
    assert len(asked) == 2
    assert await page.evaluate("sessionStorage.getItem('teleconsole.loads')") is None
    watch.faults.clear()  # the browser's own line about the part that did not come


async def test_load_again_ends_when_a_part_never_comes(context: BrowserContext, origin: str, watch: Watch) -> None:
    page = await context.new_page()
    loads: list[str] = []

    async def never(route: Route) -> None:
        loads.append(route.request.url)
        await route.abort("failed")

    await page.route("**/pages/i18n.js", never)
    await page.add_init_script("sessionStorage.setItem('teleconsole.loads', '4')")
    await page.goto(f"{origin}/v#visit-token")
    await page.add_init_script("sessionStorage.setItem('teleconsole.loads', '5')")
    await page.wait_for_event("load")
    await page.wait_for_timeout(100)
    assert len(loads) == 2
    watch.faults.clear()
