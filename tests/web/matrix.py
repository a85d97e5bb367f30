"""Who may open which route, written out a second time: what the tests hold against the product's own table.

A new route needs a row here: its method, an address, and who may: `public`, or initials of the roles (Company, HR and IT
Admin, Manager, Employee, Auditor).
"""

from __future__ import annotations

from uptake.domain.access import Role

ROUTES: dict[str, tuple[str, str, str]] = {
    "overview": ("GET", "/", "CHI"),
    "reach": ("GET", "/reach/", "CHIM"),
    "growth": ("GET", "/growth/", "CHI"),
    "habit": ("GET", "/habit/", "CHIM"),
    "retention": ("GET", "/retention/", "CHI"),
    "figure": ("GET", "/figures/headlines/", "CHI"),
    "figure_csv": ("GET", "/figures/headlines.csv", "CHI"),
    "figure_svg": ("GET", "/figures/surfaces.svg", "CHI"),
    "figure_png": ("GET", "/figures/surfaces.png", "CHI"),
    "teams": ("GET", "/teams/", "CHIM"),
    "team": ("GET", "/teams/one/", "CHIM"),
    "surfaces": ("GET", "/surfaces/", "CHI"),
    "claude_code": ("GET", "/claude-code/", "CHI"),
    "onboarding": ("GET", "/onboarding/", "CHI"),
    "seats": ("GET", "/seats/", "CHI"),
    "seats_list": ("GET", "/seats/list/", "CHI"),
    "seats_csv": ("POST", "/seats/list.csv", "CHI"),
    "seats_renewal": ("GET", "/seats/renewal.csv", "CHI"),
    "seats_ask": ("POST", "/seats/ask/", "CHI"),
    "seats_asked": ("GET", "/seats/asked/999999/", "CHI"),
    "saved_views": ("GET", "/views/", "CHIM"),
    "saved_view_save": ("POST", "/views/save/", "CHIM"),
    "saved_view": ("GET", "/views/999999/", "CHIM"),
    "saved_view_rename": ("POST", "/views/999999/rename/", "CHIM"),
    "saved_view_share": ("POST", "/views/999999/share/", "CHIM"),
    "saved_view_delete": ("POST", "/views/999999/delete/", "CHIM"),
    "integrations": ("GET", "/integrations/", "CHIA"),
    "connect": ("GET", "/integrations/connect/", "CHI"),
    "check_key": ("POST", "/integrations/check-key/admin/", "CHI"),
    "hand_over": ("GET", "/integrations/hand-over/", "CHI"),
    "hand_over_withdraw": ("POST", "/integrations/hand-over/nothing/withdraw/", "CHI"),
    "handed": ("GET", "/hand-over/not-a-real-token/", "public"),
    "integration_progress": ("GET", "/integrations/{id}/progress/", "CHIA"),
    "integration_troubles": ("GET", "/integrations/{id}/troubles/", "CHIA"),
    "integration_keys": ("GET", "/integrations/{id}/keys/", "CHI"),
    "integration_sync": ("POST", "/integrations/{id}/sync/", "CHI"),
    "integration_release": ("POST", "/integrations/{id}/release/", "CHI"),
    "integration_disconnect": ("GET", "/integrations/{id}/disconnect/", "CHI"),
    "people": ("GET", "/people/", "CHI"),
    "people_matches": ("GET", "/people/matches/", "CHI"),
    "people_teams": ("GET", "/people/teams/", "CHI"),
    "people_upload": ("POST", "/people/upload/", "CH"),
    "people_import": ("GET", "/people/import/not-a-real-token/", "CH"),
    "people_progress": ("GET", "/people/import/not-a-real-token/progress/", "CH"),
    "people_order": ("POST", "/people/order/", "CH"),
    "people_csv": ("POST", "/people/directory.csv", "CH"),
    "people_fifteen_five": ("GET", "/people/fifteen-five/", "CHI"),
    "people_scim": ("GET", "/people/scim/", "CHI"),
    "people_scim_token": ("POST", "/people/scim/tokens/", "CHI"),
    "people_scim_revoke": ("POST", "/people/scim/tokens/1/revoke/", "CHI"),
    "people_scim_role": ("POST", "/people/scim/role/", "C"),
    "people_groups": ("POST", "/people/claude-groups/", "CHI"),
    "people_read": ("POST", "/people/sources/read/", "CHI"),
    "people_accept": ("POST", "/people/sources/accept/", "CH"),
    "people_disconnect": ("POST", "/people/sources/disconnect/", "CHI"),
    "people_say": ("POST", "/people/matches/say/", "CH"),
    "people_mark": ("POST", "/people/matches/mark/", "CH"),
    "people_take_back": ("POST", "/people/matches/take-back/", "CH"),
    "mine": ("GET", "/my-data/", "CHIMEA"),
    "mine_download": ("POST", "/my-data/download/", "CHIMEA"),
    "person": ("GET", "/people/person/nobody/", "CHM"),
    "person_erase": ("GET", "/people/erase/", "CH"),
    "person_readmit": ("POST", "/people/readmit/", "CH"),
    "policy": ("GET", "/policy/", "CHIMEA"),
    "policy_set": ("POST", "/policy/set/", "C"),
    "policy_confirm": ("POST", "/policy/confirm/", "C"),
    "audit": ("GET", "/audit/", "CA"),
    "audit_verify": ("POST", "/audit/verify/", "CA"),
    "audit_export": ("POST", "/audit/export/", "CA"),
    "what_we_read": ("GET", "/what-we-read/", "CHIMEA"),
    "help": ("GET", "/help/", "CHIMEA"),
    "style": ("GET", "/style/", "C"),
    "account": ("GET", "/account/", "CHIMEA"),
    "confirm": ("GET", "/account/confirm/", "CHIMEA"),
    "password": ("POST", "/account/password/", "CHIMEA"),
    "session_end": ("POST", "/account/sessions/end/", "CHIMEA"),
    "token_create": ("POST", "/account/tokens/", "CHIMA"),
    "token_revoke": ("POST", "/account/tokens/1/revoke/", "CHIMEA"),
    "second_factor_app": ("GET", "/account/second-factor/app/", "CHIMEA"),
    "second_factor_passkey": ("GET", "/account/second-factor/passkey/", "CHIMEA"),
    "second_factor_remove": ("POST", "/account/second-factor/remove/", "CHIMEA"),
    "second_factor_codes": ("POST", "/account/second-factor/codes/", "CHIMEA"),
    "accounts": ("GET", "/accounts/", "C"),
    "account_new": ("GET", "/accounts/new/", "C"),
    "account_one": ("GET", "/accounts/1/", "C"),
    "account_link": ("POST", "/accounts/999999/link/", "C"),
    "account_role": ("POST", "/accounts/999999/role/", "C"),
    "account_deactivate": ("POST", "/accounts/999999/deactivate/", "C"),
    "account_activate": ("POST", "/accounts/999999/activate/", "C"),
    "account_end_sessions": ("POST", "/accounts/999999/end-sessions/", "C"),
    "account_forget_factors": ("POST", "/accounts/999999/forget-factors/", "C"),
    "account_forget_password": ("POST", "/accounts/999999/forget-password/", "C"),
    "identity_link": ("POST", "/account/identities/nobody/link/", "CHIMEA"),
    "identity_unlink": ("POST", "/account/identities/1/unlink/", "CHIMEA"),
    "identity_expect": ("POST", "/account/identities/expect/", "C"),
    "confirm_by": ("POST", "/account/confirm/nobody/", "CHIMEA"),
    "single_sign_on": ("POST", "/single-sign-on/nobody/", "public"),
    "single_sign_on_callback": ("GET", "/single-sign-on/nobody/callback/", "public"),
    "single_sign_on_acs": ("POST", "/single-sign-on/nobody/acs/", "public"),
    "single_sign_on_finish": ("GET", "/single-sign-on/nobody/finish/", "public"),
    "account_login": ("GET", "/accounts/login/", "public"),
    "account_logout": ("GET", "/accounts/logout/", "public"),
    "account_inactive": ("GET", "/accounts/inactive/", "public"),
    "mfa_authenticate": ("GET", "/accounts/second-factor/", "public"),
    "mfa_login_webauthn": ("GET", "/accounts/passkey/", "public"),
    "sign_in_link": ("GET", "/sign-in/not-a-real-token/", "public"),
    "livez": ("GET", "/livez", "public"),
    "readyz": ("GET", "/readyz", "public"),
    "metrics": ("GET", "/metrics", "public"),
}

DECIDED_BELOW = dict.fromkeys(("figure", "figure_csv", "figure_svg", "figure_png"), "teams.view")
"""Routes whose gate lets more roles pass, by this action: of whom a figure may be, `answer()` decides."""

API: dict[str, tuple[str, str]] = {
    "/api/v1/status": ("/api/v1/status", "CHIA"),
    "/api/v1/metrics": ("/api/v1/metrics", "CHIMEA"),
    "/api/v1/measures": ("/api/v1/measures", "CHIMEA"),
    "/api/v1/teams": ("/api/v1/teams", "CHIM"),
    "/api/v1/answer": ("/api/v1/answer?metric=members", "CHI"),  # of everybody; of a manager's own tree, see tests/api
    "/api/v1/explain": ("/api/v1/explain?metric=members", "CHI"),
    "/api/v1/answer/file": ("/api/v1/answer/file?metric=members", "CHI"),
    "/api/v1/connections": ("/api/v1/connections", "CHIA"),
    "/api/v1/connections/{connection}": ("/api/v1/connections/000000000000", "CHIA"),
    "/api/v1/members": ("/api/v1/members", "CH"),
    "/api/v1/people": ("/api/v1/people", "CH"),
    "/api/v1/exports": ("/api/v1/exports", "CHIM"),
    "/api/v1/exports/{export}": ("/api/v1/exports/000000000000000000000000", "CHIM"),
    "/api/v1/exports/{export}/file": ("/api/v1/exports/000000000000000000000000/file", "CHIM"),
}
"""Operations of the REST API: the address to ask, and whose tokens may. What is of nobody is absent for those who may."""

API_CHANGES = {("/api/v1/exports", "POST"), ("/api/v1/exports/{export}", "DELETE")}
"""What the API takes besides GET."""

SCIM: dict[str, tuple[str, ...]] = {
    "users": ("Users", "Users/somebody"),
    "users-search": ("Users/.search",),
    "groups": ("Groups", "Groups/something"),
    "groups-search": ("Groups/.search",),
    "service-provider-config": ("ServiceProviderConfig",),
    "resource-types": ("ResourceTypes", "ResourceTypes/User"),
    "schemas": ("Schemas", "Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
    "me": ("Me",),
    "bulk": ("Bulk",),
    "search": (".search",),
    "nothing": ("", "Nothing"),
}
"""Routes of SCIM, below /scim/v2/: nobody's role opens them, only a token made for them."""

INITIALS = dict(zip("CHIMEA", Role, strict=True))


def roles(who: str) -> set[Role]:
    """The roles behind the initials; all of them for `public`."""
    return set(Role) if who == "public" else {INITIALS[initial] for initial in who}
