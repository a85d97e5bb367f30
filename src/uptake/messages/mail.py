"""Sends a mail, by Django's SMTP backend. What is certain and what is not are kept apart: nothing goes twice silently."""

from __future__ import annotations

import smtplib
from email.mime.image import MIMEImage
from email.utils import formataddr, make_msgid
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from uptake.config import Mail
from uptake.domain.problems import Problem
from uptake.messages.shape import Message, Sent

_TIMEOUT = 20
_NAME = "uptake"


def send(by: Mail, to: str, message: Message) -> Sent:
    """Give one mail to the mail server. Raises Problem where the password's file cannot be read."""
    line = _line(by)
    try:
        line.open()
    except (OSError, smtplib.SMTPException) as error:
        return _not_reached(by, error)
    try:
        line.send_messages([built(by, to, message)])
        return Sent("sent", "The mail server took it.")
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        return Sent("refused", f"The mail server takes no mail for this address ({', '.join(map(str, codes))}).")
    except smtplib.SMTPResponseException as error:
        return Sent("refused", f"The mail server refused it ({error.smtp_code}).")
    except (smtplib.SMTPException, OSError):
        return Sent("unsure", "The line to the mail server broke before it answered: it may have arrived.")
    finally:
        line.close()


def built(by: Mail, to: str, message: Message) -> EmailMultiAlternatives:
    """The mail as it leaves: text, the same as HTML, the picture within it."""
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=message.text,
        from_email=formataddr((_NAME, by.sender)),
        to=[to],
        headers=_headers(by, message),
    )
    mail.mixed_subtype = "related"
    mail.attach_alternative(message.html, "text/html")
    if message.picture:
        picture = MIMEImage(message.picture, "png")
        picture.add_header("Content-ID", "<chart>")
        picture.add_header("Content-Disposition", "inline", filename="chart.png")
        mail.attach(picture)
    return mail


def _headers(by: Mail, message: Message) -> dict[str, str]:
    ours = {
        "Message-ID": make_msgid(domain=by.sender.rpartition("@")[2]),
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }
    if message.unsubscribe:
        # RFC 8058: whoever shows the mail may offer to end them by one POST to that address.
        ours |= {"List-Unsubscribe": f"<{message.unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return ours


def one_line(text: str) -> str:
    """A header's text: no line can be put in after it, and it stays short."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:180]


def _line(by: Mail) -> Any:
    return EmailBackend(
        host=by.host,
        port=by.port,
        username=by.user,
        password=_password(by),
        use_tls=by.security == "starttls",
        use_ssl=by.security == "tls",
        timeout=_TIMEOUT,
        fail_silently=False,
    )


def _password(by: Mail) -> str:
    if by.password_file is None:
        return ""
    try:
        return by.password_file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise Problem(
            "The file with the mail server's password cannot be read. Nothing was sent.",
            "Check UPTAKE_SMTP_PASSWORD_FILE, its owner and its mode.",
        ) from None


def _not_reached(by: Mail, error: Exception) -> Sent:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Sent("refused", f"The mail server refused the sign-in ({error.smtp_code}).")
    if isinstance(error, smtplib.SMTPResponseException):
        return Sent("refused", f"The mail server refused the line ({error.smtp_code}).")
    if type(error).__name__ == "gaierror":
        return Sent("not_reached", f"The host {by.host} is not known: its name cannot be found from here.")
    if "certificate" in str(error).lower():
        return Sent("not_reached", f"The certificate of {by.host} is not one that this machine trusts.")
    return Sent("not_reached", f"The mail server {by.host} cannot be reached from here.")
