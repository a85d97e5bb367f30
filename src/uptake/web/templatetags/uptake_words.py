"""words.py for templates: dates, durations with the exact time as title, numbers."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from uptake.web import words

register = template.Library()

register.filter("day", words.day)
register.filter("day_and_year", words.day_and_year)
register.filter("weekday", words.weekday)
register.filter("number", words.number)
register.filter("plural", words.plural)
register.filter("money", words.money)
register.filter("people", words.people)
register.filter("percent", words.percent)


@register.filter
def unbroken(sentence: str) -> str:
    """A sentence in which no percent sign begins a line."""
    return sentence.replace(" %", "\N{NO-BREAK SPACE}%")


@register.simple_tag
def ago(value: datetime, now: datetime) -> SafeString:
    """How long ago in words; the exact time with its zone as title."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), words.moment(value), words.ago(value, now)
    )


@register.simple_tag
def clock(value: datetime, now: datetime) -> SafeString:
    """The time of day, with its day where that is not today."""
    shown = f"{value:%H:%M} UTC" if value.date() == now.date() else words.moment(value)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), words.moment(value), shown)
