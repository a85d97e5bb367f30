"""Names that attack pages, by the field they stand in. Each holds `hostile-<field>`, so that one can see it was shown."""

from __future__ import annotations

NAMES = {
    "connection": '"><img src=x data-pwned onerror="pwn(1)">hostile-connection',
    "member": "<script>pwn(2)</script>hostile-member",
    "person": "</title><svg onload=pwn(3)><g data-pwned>hostile-person\u202egnp",
    "department": "' onmouseover=pwn(4) autofocus onfocus=pwn(4) data-pwned='hostile-department\"><b data-pwned>",
    "location": "javascript:pwn(5)//hostile-location",
    "title": "{{ 7|add:42 }}{% now 'Y' %}hostile-title",
    "group": "<iframe srcdoc='<script>parent.pwn(6)</script>' data-pwned></iframe>hostile-group",
    "employee": '=HYPERLINK("http://x")hostile-employee',
}
AGENT = "Mozilla/5.0 <img src=x onerror=pwn(7) data-pwned> Chrome hostile-agent"
