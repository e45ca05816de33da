"""What is shown as a repair: told once, and taken back by itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from music_assistant_models.auth import User

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .links.errors import ResolverProblem
from .server.errors import CERTIFICATE_PROBLEMS, VERSION_PROBLEMS, ServerProblem
from .server.overview import Problem
from .server.users import lacking
from .texts import text

# Problems that are shown until they are gone; each has its text under `issues`.
REPAIRS: Final = CERTIFICATE_PROBLEMS | VERSION_PROBLEMS | {"other_server"}
# The offer of another address; it goes when the connection is back.
MOVED: Final = "server_moved"
# What our user may not do; ours to tell once, and anyone's to ignore.
LIMITED_RIGHTS: Final = "limited_rights"
# An account of MusicAPI that no longer opens anything.
ACCOUNT_REFUSED: Final = "account_refused"
# The end of a token that we were given, and of one of ours that can't be renewed.
TOKEN_EXPIRES: Final = "token_expires"
TOKEN_NOT_RENEWED: Final = "token_not_renewed"
# A provider of the server's that wants a new sign-in there.
SIGN_IN: Final = "provider_sign_in"
TOKEN_ENDS: Final = (TOKEN_EXPIRES, TOKEN_NOT_RENEWED)


def issue_id_of(key: str, entry: ConfigEntry) -> str:
    """Return the id of an entry's repair issue."""
    return f"{key}_{entry.entry_id}"


@callback
def async_show_problem(
    hass: HomeAssistant, entry: ConfigEntry, problem: ServerProblem | None
) -> None:
    """Show what a problem asks for, and take back what no longer holds."""
    if problem is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id_of(MOVED, entry))
    for key in REPAIRS:
        if problem is None or problem.key != key:
            ir.async_delete_issue(hass, DOMAIN, issue_id_of(key, entry))
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id_of(key, entry),
            data={"entry_id": entry.entry_id},
            is_fixable=key in CERTIFICATE_PROBLEMS,
            severity=ir.IssueSeverity.ERROR,
            translation_key=key,
            translation_placeholders={"server": entry.title, **problem.placeholders},
        )


@callback
def async_offer_address(hass: HomeAssistant, entry: ConfigEntry, url: str) -> None:
    """Offer the address at which a server was found, in place of one that doesn't answer."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id_of(MOVED, entry),
        data={"entry_id": entry.entry_id, CONF_URL: url},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=MOVED,
        translation_placeholders={
            "server": entry.title,
            "old": entry.data[CONF_URL],
            "new": url,
        },
    )


@callback
def async_show_token(
    hass: HomeAssistant, entry: ConfigEntry, expires: datetime | None, failed: bool
) -> None:
    """Tell of the end of a token, and that the attempt to renew it failed; or take that back."""
    shown = TOKEN_NOT_RENEWED if failed else TOKEN_EXPIRES
    for key in TOKEN_ENDS:
        if expires is None or key != shown:
            ir.async_delete_issue(hass, DOMAIN, issue_id_of(key, entry))
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id_of(key, entry),
            data={"entry_id": entry.entry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={
                "server": entry.title,
                "date": dt_util.as_local(expires).date().isoformat(),
            },
        )


@callback
def async_show_rights(hass: HomeAssistant, entry: ConfigEntry, user: User | None) -> None:
    """Tell what won't work for want of a right, before somebody needs it."""
    missing = lacking(user) if user else []
    if user is None or not missing:
        ir.async_delete_issue(hass, DOMAIN, issue_id_of(LIMITED_RIGHTS, entry))
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id_of(LIMITED_RIGHTS, entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=LIMITED_RIGHTS,
        translation_placeholders={
            "server": entry.title,
            "username": user.username,
            "missing": "\n".join(f"- {text(hass, f'right_{key}', key)}" for key in missing),
        },
    )


@callback
def async_show_sign_ins(
    hass: HomeAssistant, entry: ConfigEntry, problems: Iterable[Problem]
) -> None:
    """Show which providers want a new sign-in on the server, and take back which don't."""
    wanted = {
        issue_id_of(f"{SIGN_IN}_{problem.instance_id}", entry): problem
        for problem in problems
        if problem.sign_in
    }
    for issue in list(ir.async_get(hass).issues.values()):
        mine = issue.domain == DOMAIN and issue.issue_id.endswith(entry.entry_id)
        if mine and issue.translation_key == SIGN_IN and issue.issue_id not in wanted:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
    for issue_id, problem in wanted.items():
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=SIGN_IN,
            translation_placeholders={"server": entry.title, "provider": problem.name},
        )


@callback
def async_show_refusal(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, problem: ResolverProblem
) -> None:
    """Show that an account beside the server no longer opens anything."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _refusal_id(entry, subentry.subentry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ACCOUNT_REFUSED,
        translation_placeholders={
            "account": subentry.title,
            "server": entry.title,
            "error": problem.error,
        },
    )


@callback
def async_forget_refusal(hass: HomeAssistant, entry: ConfigEntry, subentry_id: str) -> None:
    """Take back that an account is refused: it isn't, it was changed, or it is gone."""
    ir.async_delete_issue(hass, DOMAIN, _refusal_id(entry, subentry_id))


def _refusal_id(entry: ConfigEntry, subentry_id: str) -> str:
    return issue_id_of(f"{ACCOUNT_REFUSED}_{subentry_id}", entry)


@callback
def async_remove_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back whatever is shown of an entry; all their ids end with its own."""
    for issue in list(ir.async_get(hass).issues.values()):
        if issue.domain == DOMAIN and issue.issue_id.endswith(entry.entry_id):
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
