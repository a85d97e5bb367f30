"""Which column of somebody's file holds what: guessed from the header, correctable by a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uptake.domain.problems import Refused


@dataclass(frozen=True, slots=True)
class Field:
    """Something a directory says of a person: our word, how it is shown, and headers that mean it."""

    name: str
    label: str
    headers: tuple[str, ...]


FIELDS = (
    Field("employee_id", "Employee id", ("employee id", "employee number", "employee no", "emp id", "personnel number",
          "worker id", "staff id", "person number", "personalnummer", "mitarbeiternummer", "matricule", "id")),
    Field("name", "Name", ("name", "full name", "display name", "preferred name", "employee name", "worker",
          "employee", "vollständiger name", "nom complet")),
    Field("first_name", "First name", ("first name", "given name", "forename", "preferred first name", "vorname",
          "prénom", "nombre")),
    Field("last_name", "Last name", ("last name", "family name", "surname", "nachname", "nom", "nom de famille",
          "apellido", "apellidos")),
    Field("email", "E-mail", ("email", "e mail", "work email", "email address", "primary email", "business email",
          "company email", "email work", "mail", "user principal name", "upn", "e mail adresse", "courriel",
          "correo electrónico")),
    Field("other_emails", "Other e-mails", ("other emails", "other e mails", "aliases", "email aliases",
          "secondary email", "alternate email", "personal email", "weitere e mails")),
    Field("manager", "Manager", ("manager", "manager email", "manager e mail", "manager id", "manager employee id",
          "reports to", "reports to email", "supervisor", "supervisor email", "line manager", "reviewer",
          "reviewer email", "manager name", "vorgesetzter", "vorgesetzte", "responsable", "supervisor id")),
    Field("department", "Department", ("department", "department name", "dept", "team", "division", "org unit",
          "organizational unit", "business unit", "cost center name", "abteilung", "bereich", "département", "service",
          "departamento")),
    Field("location", "Location", ("location", "office", "office location", "site", "work location", "city", "standort",
          "ort", "lieu", "bureau", "ubicación")),
    Field("title", "Job title", ("job title", "title", "position", "role", "job", "business title", "position title",
          "stellenbezeichnung", "funktion", "poste", "cargo", "puesto")),
    Field("groups", "Groups", ("groups", "group", "teams", "tags", "gruppen", "groupes")),
    Field("population", "Kind of person", ("employment type", "employee type", "worker type", "contract type", "type",
          "population", "kind of person", "beschäftigungsart", "type de contrat")),
    Field("started_on", "Start", ("start date", "start", "hire date", "date hired", "joined", "joining date", "started on",
          "date of hire", "original hire date", "eintrittsdatum", "eintritt", "date d entrée", "fecha de ingreso")),
    Field("ended_on", "End", ("end date", "end", "termination date", "last day", "last day of work", "leave date",
          "ended on", "left on", "austrittsdatum", "austritt", "date de sortie", "fecha de baja")),
    Field("on_leave", "On leave", ("on leave", "leave status", "absence", "absent", "on leave of absence", "abwesend",
          "en congé")),
    Field("claude_id", "Claude member id", ("claude id", "claude member id", "member id", "claude user id")),
)  # fmt: skip
LABELS = {field.name: field.label for field in FIELDS}


def guess(header: Sequence[str]) -> dict[str, int]:
    """Field to the number of its column, from 0, each column at most once.

    Earlier headers of a field's list are believed first.
    """
    normal = [_normal(text) for text in header]
    found: dict[str, int] = {}
    taken: set[int] = set()
    for field in FIELDS:
        for word in field.headers:
            at = next((n for n, text in enumerate(normal) if text == _normal(word) and n not in taken), None)
            if at is not None:
                found[field.name] = at
                taken.add(at)
                break
    return found


def chosen(header: Sequence[str], guessed: Mapping[str, int], corrections: Mapping[str, str]) -> dict[str, int]:
    """The guess with a person's corrections: field to header, an empty header for “not in this file”. Raises Refused."""
    result = dict(guessed)
    for name, wanted in corrections.items():
        if name not in LABELS:
            raise Refused(f"There is no field {name!r}.", "Fields: " + ", ".join(LABELS) + ".")
        result.pop(name, None)
        if wanted:
            result[name] = _column(header, name, wanted)
    require_usable(result)
    return result


def _column(header: Sequence[str], name: str, wanted: str) -> int:
    at = next((n for n, text in enumerate(header) if text == wanted or _normal(text) == _normal(wanted)), None)
    if at is None:
        raise Refused(
            f"There is no column {wanted!r} for {LABELS[name]}. Nothing was changed.",
            "Columns of this file: " + ", ".join(text for text in header if text) + ".",
        )
    return at


def require_usable(mapping: Mapping[str, int]) -> None:
    """A person must be told apart from others. Raises Refused."""
    if not {"email", "employee_id"} & mapping.keys():
        raise Refused(
            "No column holds an e-mail address or an employee id, so people cannot be told apart. Nothing was changed.",
            'Say which column is which: on the page by choosing, in the command by `--column email="Header"`.',
        )


def _normal(text: str) -> str:
    text = unicodedata.normalize("NFC", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).casefold()
    return re.sub(r"\be mail", "email", " ".join(re.sub(r"[\W_]+", " ", text).split()))
