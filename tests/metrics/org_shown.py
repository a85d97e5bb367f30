"""Who is in each row of an answer at a threshold, a second time: the rules of decisions/0013 in words, by sets of members.

Those directly in a tree who are too few count one level up; small teams of a kind become `other`; a team that is another but
for a few people is shown as that one.
"""

from __future__ import annotations

from datetime import date, timedelta

from metrics.org_world import Org
from metrics.test_weeks_and_groups_are_right import Expected
from metrics.world import Row

Sets = dict[str, frozenset[str]]
ORDER = ("department", "location", "title", "group")


class Rows:
    """The rows of one window and population. Members are known by their ids; only eligible ones count for sizes."""

    def __init__(self, truth: Expected, org: Org, first: date, population: str, k: int, weeks: int = 4) -> None:
        self.org, self.first, self.k, self.weeks = org, first, k, weeks
        last = first + timedelta(days=7 * weeks - 1)
        people = [p for p in truth.slow.people if org.population(p.seat) == population]
        self.seats: dict[str, Row] = {p.seat["member_id"]: p.seat for p in people}
        enough = 10 if weeks == 4 else 3
        self.eligible = frozenset(p.seat["member_id"] for p in people if p.workdays(first, last) >= enough)
        self.above = self._stable()
        self.home = self._homes()
        self.trees: Sets = {
            tree: frozenset(who for who, home in self.home.items() if tree in self.chain(home)) for tree in self.above
        }
        self.kinds: dict[str, Sets] = {}
        for kind in ORDER:
            self.kinds[kind] = self._kind(kind)

    def size(self, people: frozenset[str]) -> int:
        return len(people & self.eligible)

    def chain(self, tree: str) -> list[str]:
        found = [tree] if tree in self.above else []
        while found and self.above[found[-1]]:
            found.append(self.above[found[-1]])
        return found

    def of_team(self, team: str) -> frozenset[str]:
        kind = team.partition(":")[0]
        return self.trees.get(team, frozenset()) if kind == "tree" else self.kinds[kind].get(team, frozenset())

    def of_row(self, by: str, key: str) -> frozenset[str]:
        if by != "tree":
            return self.kinds[by].get(key, frozenset())
        roots = [tree for tree, above in self.above.items() if not above]
        whole = roots[0] if len(roots) == 1 else ""
        if key == "none":
            return frozenset(who for who, home in self.home.items() if not home)
        if key == "direct":
            return frozenset(who for who, home in self.home.items() if home == whole)
        return self.trees.get(key, frozenset())

    def _stable(self) -> dict[str, str]:
        found: dict[str, str] = {}
        level = [("", tree) for tree in self.org.below("", self.first, self.weeks)]
        while level:
            found |= {tree: above for above, tree in level}
            level = [
                (tree, below)
                for _, tree in level
                for below in self.org.below(tree, self.first, self.weeks)
                if below not in found
            ]
        return found

    def _homes(self) -> dict[str, str]:
        direct = {}
        for who, seat in self.seats.items():
            mine = [tree for tree in self.org.through(seat, self.first, self.weeks) if tree in self.above]
            direct[who] = max(mine, key=lambda tree: len(self.chain(tree)), default="")
        home = dict(direct)
        for tree in sorted(self.above, key=lambda one: (-len(self.chain(one)), one)):
            here = frozenset(who for who, at in home.items() if at == tree)
            if self.size(here) < self.k:
                home |= dict.fromkeys(here, self.above[tree])
        outside = frozenset(who for who, at in home.items() if not at)
        if 0 < self.size(outside) < self.k:
            parts = {
                tree: frozenset(who for who, at in home.items() if at == tree) for tree in set(home.values()) - {""}
            }
            if parts:
                home |= dict.fromkeys(min((self.size(part), tree, part) for tree, part in parts.items())[2], "")
        return home

    def _kind(self, kind: str) -> Sets:
        found: dict[str, set[str]] = {}
        for who, seat in self.seats.items():
            for team in self.org.row(seat, kind, self.first, self.weeks):
                found.setdefault(team, set()).add(who)
        sets = {team: frozenset(people) for team, people in found.items()}
        small = {team for team, people in sets.items() if 0 < self.size(people) < self.k}
        if kind != "group" and small:
            for _, team in sorted((self.size(people), team) for team, people in sets.items() if team not in small):
                if sum(self.size(sets[one]) for one in small) >= self.k or not self.size(sets[team]):
                    break
                small.add(team)
            sets["other"] = frozenset().union(*(sets[team] for team in small))
        sets = {team: people for team, people in sets.items() if team not in small}
        return {team: self._alike(kind, team, people) for team, people in sets.items()}

    def _alike(self, kind: str, team: str, people: frozenset[str]) -> frozenset[str]:
        for other in ("tree", *ORDER[: ORDER.index(kind)]):
            near = []
            for name, theirs in (self._in_trees() if other == "tree" else self.kinds[other]).items():
                apart = self.size(people - theirs), self.size(theirs - people)
                if self.size(people & theirs) and max(apart) < self.k and any(apart):
                    near.append((sum(apart), name, theirs))
            if near:
                best = min(near)
                # What is put together and near something else is withheld; the row of nobody's team is one for all kinds.
                return best[2] if best[1] == team or {team, best[1]}.isdisjoint({"none", "other"}) else frozenset()
        return people

    def _in_trees(self) -> Sets:
        homes = set(self.home.values())
        here = {home: frozenset(who for who, at in self.home.items() if at == home) for home in homes}
        return self.trees | {f"{home}/direct" if home else "none": people for home, people in here.items()}
