"""The pictures of README and docs/: `python -m tests.gallery.pictures` makes them all, from the company of the gallery."""

from __future__ import annotations

import tempfile
from base64 import b64decode, b64encode
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.served import CHROMIUM, ROOT
from tests.gallery import pages, shots, states

FOLDER = ROOT / "docs" / "pictures"
MOST = 150_000
PICTURES = {
    "overview": ("overview", 1440, 1180),
    "teams": ("teams", 1440, 820),
    "integrations": ("integrations", 1440, 1180),
    "connect": ("connect", 1440, 900),
    "seats": ("seats", 1440, 900),
    "my-data": ("my-data-of-an-employee", 1440, 900),
}
"""File (without .webp) → page of the gallery, and the window it is seen through."""

_SMALLER = """async ([png, quality]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + png;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', quality).split(',')[1];
}"""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="uptake-pictures-") as home,
        shots.standing(states.AS_USUAL, Path(home)) as at,
        sync_playwright() as started,
    ):
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in PICTURES:
            (FOLDER / f"{name}.webp").write_bytes(_picture(browser, at, name))
            print(f"docs/pictures/{name}.webp: {(FOLDER / f'{name}.webp').stat().st_size / 1000:.0f} kB")


def _picture(browser: Browser, at: shots.Standing, name: str) -> bytes:
    page_name, width, height = PICTURES[name]
    page = pages.PAGES[page_name]
    tab = shots.context(browser, at, page.who or "ada").new_page()
    tab.set_viewport_size({"width": width, "height": height})
    odd = shots.arrive(tab, page, at.served.address, states.AS_USUAL)
    if odd:
        raise RuntimeError(f"{name}: {odd}")
    png = tab.screenshot(animations="disabled")
    tab.close()
    return _small(browser.new_page(), png)


def _small(tab: Page, png: bytes) -> bytes:
    """The same as WebP, as good as it may be within its size."""
    for quality in (0.9, 0.8, 0.65, 0.5):
        found = b64decode(tab.evaluate(_SMALLER, [b64encode(png).decode(), quality]))
        if len(found) <= MOST:
            break
    tab.close()
    return found


if __name__ == "__main__":
    main()
