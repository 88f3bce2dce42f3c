"""Who uses the sandbox: users with their tokens, permissions and groups, as SkyPortal has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SITEWIDE = 2
OWN_GROUP, OTHER_GROUP = 3, 4
FULL_USER = ("Annotate", "Comment", "Upload data", "Classify")
# Constants, since they open nothing but this machine's sandbox; docs and tests use them.
USER_TOKEN = "5c0be000-0000-4000-8000-0000000000aa"
ADMIN_TOKEN = "5c0be000-0000-4000-8000-0000000000bb"
READER_TOKEN = "5c0be000-0000-4000-8000-0000000000cc"
KOWALSKI_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoic2NvcGUifQ.sandbox"
KOWALSKI_LOGIN = ("scope", "sandbox")
# True: a single-user group, of which SkyPortal makes one for every user.
GROUPS: Mapping[int, tuple[str, bool]] = {
    1: ("provisioned-admin", True),
    SITEWIDE: ("Sitewide Group", False),
    OWN_GROUP: ("scope-a", False),
    OTHER_GROUP: ("scope-b", False),
    5: ("scope-user", True),
    6: ("scope-reader", True),
}


@dataclass(frozen=True)
class User:
    """A user; an administrator passes every check and sees all groups."""

    user_id: int
    name: str
    token: str = field(repr=False)
    groups: tuple[int, ...]
    own_group: int
    permissions: tuple[str, ...] = ()
    is_admin: bool = False

    def has_permission(self, permission: str) -> bool:
        """Return whether the user has a permission (ACL)."""
        return self.is_admin or permission in self.permissions

    @property
    def accessible(self) -> frozenset[int]:
        """Return the ids of the groups that the user can use."""
        return frozenset(GROUPS) if self.is_admin else frozenset(self.groups)


USERS = (
    User(1, "provisioned-admin", ADMIN_TOKEN, (1, 2, 3, 4), 1, is_admin=True),
    User(2, "scope-user", USER_TOKEN, (2, 3, 5), 5, FULL_USER),
    User(3, "scope-reader", READER_TOKEN, (2, 3, 6), 6),
)


def described(group_id: int, timestamp: str) -> dict[str, Any]:
    """Return a group as SkyPortal describes it."""
    name, is_single = GROUPS[group_id]
    return {
        "name": name,
        "nickname": None,
        "description": None,
        "private": False,
        "auto_accept_requests": False,
        "single_user_group": is_single,
        "id": group_id,
        "modified": timestamp,
        "created_at": timestamp,
    }
