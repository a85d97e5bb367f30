"""Who signs in, by what: accounts, API tokens, sign-in links. Django finds them through models.py."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from uptake.domain.access import Role, Viewer


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, role: str = Role.EMPLOYEE.value) -> Account:
        account = self.model(email=email.strip().lower(), role=role)
        account.set_password(password)
        account.save()
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """Somebody who signs in to uptake. Not a member (Claude's roster) and not a person (the directory)."""

    email = models.EmailField(unique=True)
    role = models.CharField(max_length=32, choices=[(role.value, role.label) for role in Role])
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]
    objects = AccountManager()
    seen_as: tuple[Role, str] | None = None  # of one request: the role, and the tree, it is looked at as

    def __str__(self) -> str:
        return self.email

    @property
    def viewer(self) -> Viewer:
        own = Viewer(name=self.email, role=Role(self.role), account_id=self.pk)
        return own.looking_as(*self.seen_as) if self.seen_as else own


class WebSession(AbstractBaseSession):
    """Somebody signed in with a browser: under the hash of the cookie's value, see sessions.py."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)  # null: not signed in, or not yet
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    agent = models.CharField(max_length=60, blank=True)  # such as "Firefox on Linux"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from uptake.records.sessions import SessionStore

        return SessionStore


class ApiToken(models.Model):
    """A bearer token for /api/v1: only its hash is kept. Its rights are its scopes, within its owner's present role."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    name = models.CharField(max_length=80, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)  # actions of the permission table it is for
    last_four = models.CharField(max_length=4)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class SignInLink(models.Model):
    """A link that signs an account in once. Only its hash is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
