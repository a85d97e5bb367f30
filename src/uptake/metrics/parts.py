"""Families of sums: a total and the parts it is made of, kept together so that no subtraction gives a withheld one.

A part is the smallest sum ever released: one a day and connection. The SQL that adds a day up stands beside the list.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Columns added up over people for one day.

    A sum is null only where all its columns are. A share has `rejected` too: then `columns` are the accepted ones, the
    base is accepted + rejected, and both must be reported.
    """

    id: str
    columns: tuple[str, ...]
    rejected: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return self.columns if self.rejected is None else (*self.columns, self.rejected)


@dataclass(frozen=True, slots=True)
class Family:
    """A total and its parts. Parts in `hidden` belong to the total and are no metric of their own."""

    id: str
    parts: tuple[Part, ...]
    hidden: frozenset[str] = frozenset()

    def bit(self, part: str) -> int:
        """The part's bit in a person's mask of contributions on a day."""
        return 1 << [known.id for known in self.parts].index(part)


def _single(column: str) -> Family:
    return Family(column, (Part(column, (column,)),))


def _tool(name: str) -> Part:
    return Part(name, (f"code_{name}_accepted",), rejected=f"code_{name}_rejected")


FAMILIES: tuple[Family, ...] = (
    Family(
        "messages",
        (
            Part("chat", ("chat_messages", "unified_chat_messages")),
            Part("cowork", ("cowork_messages", "unified_cowork_messages")),
            # Together: neither is a metric of its own, so their sum may be released where each alone could not.
            Part(
                "office_design",
                (
                    "office_excel_messages",
                    "office_outlook_messages",
                    "office_powerpoint_messages",
                    "office_word_messages",
                    "design_messages",
                ),
            ),
        ),
        hidden=frozenset({"office_design"}),
    ),
    _single("code_sessions"),
    _single("code_lines_added"),
    _single("code_lines_removed"),
    _single("code_commits"),
    _single("code_pull_requests"),
    Family("acceptance", (_tool("edit"), _tool("multi_edit"), _tool("write"), _tool("notebook_edit"))),
)

FAMILY: dict[str, Family] = {family.id: family for family in FAMILIES}
PARTS: tuple[Part, ...] = tuple(part for family in FAMILIES for part in family.parts)


def contributions_sql(source: str) -> str:
    """SELECT of rows with a day_no: per part `<id>_amount` and `<id>_base`, null where the person's was not reported."""
    columns = ", ".join(
        f"{amount} AS {part.id}_amount, {base} AS {part.id}_base"
        for part in PARTS
        for amount, base in [_share_sql(part) if part.rejected else (_sum_sql(part.columns),) * 2]
    )
    return f"SELECT day_no, {columns} FROM {source}"  # noqa: S608


def sums_sql(source: str) -> str:
    """(day_no, [rows, then amount and base of every part in the order of PARTS]). `source` has contributions."""
    columns = ", ".join(f"CAST(sum({part.id}_amount) AS BIGINT), CAST(sum({part.id}_base) AS BIGINT)" for part in PARTS)
    return f"SELECT day_no, [count(*), {columns}] FROM {source} GROUP BY day_no"  # noqa: S608


def masks_sql(source: str) -> str:
    """(day_no, family, mask, people): how many people contributed to exactly these parts of the family."""
    return " UNION ALL ".join(_masks_sql(family, source) for family in FAMILIES)


def _masks_sql(family: Family, source: str) -> str:
    mask = " + ".join(f"CASE WHEN {part.id}_base > 0 THEN {family.bit(part.id)} ELSE 0 END" for part in family.parts)
    masked = f"SELECT day_no, {mask} AS mask FROM {source}"  # noqa: S608
    return f"SELECT day_no, '{family.id}', mask, count(*) FROM ({masked}) WHERE mask > 0 GROUP BY day_no, mask"  # noqa: S608


def _sum_sql(columns: tuple[str, ...]) -> str:
    nothing = " AND ".join(f"{column} IS NULL" for column in columns)
    return f"CASE WHEN {nothing} THEN NULL ELSE {' + '.join(map(_zero_if_null, columns))} END"


def _share_sql(part: Part) -> tuple[str, str]:
    (accepted,) = part.columns
    reported = f"{accepted} IS NOT NULL AND {part.rejected} IS NOT NULL"
    decisions = f"CAST({accepted} AS BIGINT) + CAST({part.rejected} AS BIGINT)"
    return f"CASE WHEN {reported} THEN {accepted} END", f"CASE WHEN {reported} THEN {decisions} END"


def _zero_if_null(column: str) -> str:
    return f"coalesce(CAST({column} AS BIGINT), 0)"
