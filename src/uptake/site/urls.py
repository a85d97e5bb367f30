"""Every route. Each has a row in web/policies.py; without one the process does not start."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, path

from uptake.api.urls import api
from uptake.web import (
    account_desk,
    accounts,
    auditing,
    dashboards,
    confirming,
    directory_sources,
    figure_views,
    handover,
    health,
    integrations,
    matches,
    mine,
    own,
    passkeys,
    people,
    reading,
    reviews,
    second_factor,
    visibility,
)
from uptake.web.policies import require_policies

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboards.page, {"name": "overview"}, name="overview"),
    path("surfaces/", dashboards.page, {"name": "surfaces"}, name="surfaces"),
    path("claude-code/", dashboards.page, {"name": "claude_code"}, name="claude_code"),
    path("onboarding/", dashboards.page, {"name": "onboarding"}, name="onboarding"),
    path("figures/<slug:name>/", figure_views.figure, name="figure"),
    path("figures/<slug:name>.csv", figure_views.figure_csv, name="figure_csv"),
    path("figures/<slug:name>.svg", figure_views.figure_svg, name="figure_svg"),
    path("figures/<slug:name>.png", figure_views.figure_png, name="figure_png"),
    path("integrations/", integrations.page, name="integrations"),
    path("integrations/connect/", integrations.connect, name="connect"),
    path("integrations/check-key/<slug:slot>/", integrations.check_key, name="check_key"),
    path("integrations/hand-over/", handover.page, name="hand_over"),
    path("integrations/hand-over/<slug:link>/withdraw/", handover.withdraw, name="hand_over_withdraw"),
    path("hand-over/<str:token>/", handover.handed, name="handed"),
    path("integrations/<slug:connection>/troubles/", integrations.troubles, name="integration_troubles"),
    path("integrations/<slug:connection>/progress/", integrations.progress, name="integration_progress"),
    path("integrations/<slug:connection>/keys/", integrations.keys, name="integration_keys"),
    path("integrations/<slug:connection>/sync/", integrations.sync, name="integration_sync"),
    path("integrations/<slug:connection>/release/", reviews.release, name="integration_release"),
    path("integrations/<slug:connection>/disconnect/", integrations.disconnect, name="integration_disconnect"),
    path("people/", people.page, name="people"),
    path("people/teams/", people.teams, name="people_teams"),
    path("people/upload/", people.upload, name="people_upload"),
    path("people/import/<slug:token>/", people.bring, name="people_import"),
    path("people/import/<slug:token>/progress/", people.progress, name="people_progress"),
    path("people/order/", people.order, name="people_order"),
    path("people/directory.csv", people.download, name="people_csv"),
    path("people/matches/", matches.page, name="people_matches"),
    path("people/matches/say/", matches.say, name="people_say"),
    path("people/matches/mark/", matches.mark, name="people_mark"),
    path("people/matches/take-back/", matches.take_back, name="people_take_back"),
    path("my-data/", mine.page, name="mine"),
    path("my-data/download/", mine.download, name="mine_download"),
    path("people/person/<slug:person>/", mine.person, name="person"),
    path("people/erase/", mine.erase, name="person_erase"),
    path("policy/", visibility.page, name="policy"),
    path("policy/set/", visibility.change, name="policy_set"),
    path("policy/confirm/", visibility.confirm, name="policy_confirm"),
    path("audit/", auditing.page, name="audit"),
    path("audit/verify/", auditing.verify, name="audit_verify"),
    path("audit/export/", auditing.export, name="audit_export"),
    path("people/fifteen-five/", directory_sources.connect, name="people_fifteen_five"),
    path("people/claude-groups/", directory_sources.groups, name="people_groups"),
    path("people/sources/read/", directory_sources.read, name="people_read"),
    path("people/sources/accept/", directory_sources.accept, name="people_accept"),
    path("people/sources/disconnect/", directory_sources.disconnect, name="people_disconnect"),
    path("what-we-read/", reading.page, name="what_we_read"),
    # Of allauth only these: accounts are made and changed by administrators.
    path("account/", own.page, name="account"),
    path("account/confirm/", confirming.page, name="confirm"),
    path("account/password/", own.password, name="password"),
    path("account/sessions/end/", own.end_session, name="session_end"),
    path("account/tokens/", own.make_token, name="token_create"),
    path("account/tokens/<int:token>/revoke/", own.revoke_token, name="token_revoke"),
    path("account/second-factor/app/", second_factor.app, name="second_factor_app"),
    path("account/second-factor/passkey/", second_factor.passkey, name="second_factor_passkey"),
    path("account/second-factor/remove/", second_factor.remove, name="second_factor_remove"),
    path("account/second-factor/codes/", second_factor.codes, name="second_factor_codes"),
    path("accounts/", account_desk.page, name="accounts"),
    path("accounts/new/", account_desk.new, name="account_new"),
    path("accounts/<int:account>/", account_desk.one, name="account_one"),
    path("accounts/<int:account>/link/", account_desk.link, name="account_link"),
    path("accounts/<int:account>/role/", account_desk.role, name="account_role"),
    path("accounts/<int:account>/deactivate/", account_desk.deactivate, name="account_deactivate"),
    path("accounts/<int:account>/activate/", account_desk.activate, name="account_activate"),
    path("accounts/<int:account>/end-sessions/", account_desk.end_sessions, name="account_end_sessions"),
    path("accounts/<int:account>/forget-factors/", account_desk.forget_factors, name="account_forget_factors"),
    path("accounts/<int:account>/forget-password/", account_desk.forget_password, name="account_forget_password"),
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/second-factor/", second_factor.AtSignIn.as_view(), name="mfa_authenticate"),
    path("accounts/passkey/", passkeys.SignIn.as_view(), name="mfa_login_webauthn"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("sign-in/<str:token>/", accounts.sign_in_link, name="sign_in_link"),
    path("api/v1/", api.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

handler400 = "uptake.web.problems.bad_request"
handler403 = "uptake.web.problems.forbidden"
handler404 = "uptake.web.problems.not_found"
handler429 = "uptake.web.problems.too_many"
handler500 = "uptake.web.problems.server_error"

require_policies(urlpatterns)
