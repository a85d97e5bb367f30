"""The picture in the README: `python -m tests.screenshot LINK FILE` signs in by a demo's link and shoots Overview."""

from __future__ import annotations

import sys

from playwright.sync_api import sync_playwright

WIDTHS = {"wide": (1440, 1000), "phone": (390, 844)}


def main(link: str, path: str) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=path, full_page=True)
        for name, (width, height) in WIDTHS.items():
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                for room in ("", "integrations/"):
                    page.goto(link.partition("/sign-in/")[0] + "/" + room)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(
                        path=path.replace(".png", f"-{name}-{scheme}-{room.strip('/') or 'overview'}.png"),
                        full_page=True,
                    )
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
