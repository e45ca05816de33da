"""Repair issues of a config entry."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from music_assistant_models.auth import User

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..helpers.texts import get_text
from ..server.acting_user import get_missing_rights
from ..server.errors import CERTIFICATE_PROBLEMS, VERSION_PROBLEMS, ServerProblem
from ..server.sanitize import sanitize_text
from ..server.status import ProviderProblem
from ..share_links.errors import ResolverError

# Server problems that are shown as an issue while they last.
SERVER_ISSUES: Final = CERTIFICATE_PROBLEMS | VERSION_PROBLEMS | {"other_server"}
# The server was found at another address; deleted when the connection is back.
ISSUE_SERVER_MOVED: Final = "server_moved"
# The user that we sign in as lacks rights.
ISSUE_LIMITED_RIGHTS: Final = "limited_rights"
# The credentials of a MusicAPI account are refused.
ISSUE_ACCOUNT_REFUSED: Final = "account_refused"
# A token that we can't renew expires, and the renewal of one that we created failed.
ISSUE_TOKEN_EXPIRES: Final = "token_expires"
ISSUE_TOKEN_NOT_RENEWED: Final = "token_not_renewed"
TOKEN_ISSUES: Final = (ISSUE_TOKEN_EXPIRES, ISSUE_TOKEN_NOT_RENEWED)
# A provider on the server needs a new sign-in.
ISSUE_PROVIDER_SIGN_IN: Final = "provider_sign_in"
# Issues that have a repair flow (`repairs.py`).
FIXABLE_ISSUES: Final = CERTIFICATE_PROBLEMS | {ISSUE_SERVER_MOVED, *TOKEN_ISSUES}


def build_issue_id(key: str, entry: ConfigEntry, *suffixes: str) -> str:
    """Build the id of an issue; the suffixes name the part of the entry that it is about."""
    return "_".join((key, *suffixes, entry.entry_id))


def _create_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    key: str,
    placeholders: Mapping[str, str],
    *suffixes: str,
    **flow_data: str,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        build_issue_id(key, entry, *suffixes),
        data={"entry_id": entry.entry_id, **flow_data},
        is_fixable=key in FIXABLE_ISSUES,
        severity=ir.IssueSeverity.ERROR if key in SERVER_ISSUES else ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"server": entry.title, **placeholders},
    )


def _delete_issue(hass: HomeAssistant, entry: ConfigEntry, key: str, *suffixes: str) -> None:
    ir.async_delete_issue(hass, DOMAIN, build_issue_id(key, entry, *suffixes))


def _get_issues(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[ir.IssueEntry]:
    """Yield all issues of an entry; they may be deleted meanwhile."""
    for issue in list(ir.async_get(hass).issues.values()):
        # see build_issue_id
        if issue.domain == DOMAIN and issue.issue_id.endswith(entry.entry_id):
            yield issue


@callback
def async_update_connection_issues(
    hass: HomeAssistant, entry: ConfigEntry, problem: ServerProblem | None
) -> None:
    """Create the issue of the current problem, and delete those of earlier ones."""
    if problem is None:
        _delete_issue(hass, entry, ISSUE_SERVER_MOVED)
    elif problem.key == "redirected":
        async_create_address_issue(hass, entry, problem.placeholders["error"])
    for key in SERVER_ISSUES:
        if problem and problem.key == key:
            _create_issue(hass, entry, key, problem.placeholders)
        else:
            _delete_issue(hass, entry, key)


@callback
def async_create_address_issue(hass: HomeAssistant, entry: ConfigEntry, url: str) -> None:
    """Create an issue that offers the URL at which the server was found."""
    _create_issue(
        hass, entry, ISSUE_SERVER_MOVED, {"old": entry.data[CONF_URL], "new": url}, url=url
    )


@callback
def async_update_token_issues(
    hass: HomeAssistant, entry: ConfigEntry, expires: datetime | None, failed: bool
) -> None:
    """Create the issue of a token's expiry or failed renewal; without `expires` delete both."""
    active_key = ISSUE_TOKEN_NOT_RENEWED if failed else ISSUE_TOKEN_EXPIRES
    for key in TOKEN_ISSUES:
        if expires and key == active_key:
            _create_issue(hass, entry, key, {"date": dt_util.as_local(expires).date().isoformat()})
        else:
            _delete_issue(hass, entry, key)


@callback
def async_update_rights_issue(hass: HomeAssistant, entry: ConfigEntry, user: User | None) -> None:
    """Create or delete the issue that lists the missing rights of a user."""
    if user and (missing := get_missing_rights(user)):
        lines = "\n".join(f"- {get_text(hass, f'right_{key}', key)}" for key in missing)
        _create_issue(
            hass,
            entry,
            ISSUE_LIMITED_RIGHTS,
            {"username": sanitize_text(user.username), "missing": lines},
        )
    else:
        _delete_issue(hass, entry, ISSUE_LIMITED_RIGHTS)


@callback
def async_update_sign_in_issues(
    hass: HomeAssistant, entry: ConfigEntry, problems: Iterable[ProviderProblem]
) -> None:
    """Create the issues of providers that need a sign-in, and delete all others."""
    active = {
        build_issue_id(ISSUE_PROVIDER_SIGN_IN, entry, problem.instance_id): problem
        for problem in problems
        if problem.sign_in
    }
    for issue in _get_issues(hass, entry):
        if issue.translation_key == ISSUE_PROVIDER_SIGN_IN and issue.issue_id not in active:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
    for problem in active.values():
        _create_issue(
            hass,
            entry,
            ISSUE_PROVIDER_SIGN_IN,
            {"provider": sanitize_text(problem.name)},
            problem.instance_id,
        )


@callback
def async_create_account_issue(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, problem: ResolverError
) -> None:
    """Create the issue of a MusicAPI account whose credentials are refused."""
    placeholders = {"account": subentry.title, "error": sanitize_text(problem.error)}
    _create_issue(hass, entry, ISSUE_ACCOUNT_REFUSED, placeholders, subentry.subentry_id)


@callback
def async_delete_account_issue(hass: HomeAssistant, entry: ConfigEntry, subentry_id: str) -> None:
    """Delete the issue of a MusicAPI account."""
    _delete_issue(hass, entry, ISSUE_ACCOUNT_REFUSED, subentry_id)


@callback
def async_remove_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove all issues of an entry."""
    for issue in _get_issues(hass, entry):
        ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
