"""By command: what moved, who somebody was, and that nothing can be accepted which is not held back."""

from __future__ import annotations

from house import House


def test_what_moved_and_who_somebody_was(connected: House) -> None:
    assert connected.ask("revisions") == {"revisions": []}
    somebody = next(member for member in connected.members() if member["status"] == "active")
    (chapter,) = connected.ask("member", somebody["email"])["history"]
    assert (chapter["member_id"], chapter["status"]) == (somebody["member_id"], "active")


def test_nothing_is_accepted_unnamed_or_unheld(connected: House) -> None:
    unnamed = connected.run("release")
    unheld = connected.run("release", "--all-days", "--roster")
    assert unnamed.returncode != 0
    assert "--all-days or --roster" in unnamed.stderr
    assert unheld.returncode != 0
    assert "Nothing is held back" in unheld.stderr
