"""An installation of its own for each test that needs one, as the pages' tests have it."""

from tests.web.conftest import home, now, signed_in

__all__ = ["home", "now", "signed_in"]
