"""What is shown as a repair: told once, and taken back by itself."""

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
from ..helpers.texts import text
from ..server.acting_user import lacking
from ..server.errors import CERTIFICATE_PROBLEMS, VERSION_PROBLEMS, ServerProblem
from ..server.sanitize import quoted
from ..server.status import Problem
from ..share_links.errors import ResolverProblem

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
TOKEN_ENDS: Final = (TOKEN_EXPIRES, TOKEN_NOT_RENEWED)
# A provider of the server's that wants a new sign-in there.
SIGN_IN: Final = "provider_sign_in"
# What can be mended with a click (`repairs.py`).
FIXABLE: Final = CERTIFICATE_PROBLEMS | {MOVED, *TOKEN_ENDS}


def issue_id_of(key: str, entry: ConfigEntry, *about: str) -> str:
    """Return the id of a repair of an entry, or of something that belongs to it."""
    return "_".join((key, *about, entry.entry_id))


def _show(
    hass: HomeAssistant,
    entry: ConfigEntry,
    key: str,
    placeholders: Mapping[str, str],
    *about: str,
    **for_its_flow: str,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id_of(key, entry, *about),
        data={"entry_id": entry.entry_id, **for_its_flow},
        is_fixable=key in FIXABLE,
        severity=ir.IssueSeverity.ERROR if key in REPAIRS else ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"server": entry.title, **placeholders},
    )


def _take_back(hass: HomeAssistant, entry: ConfigEntry, key: str, *about: str) -> None:
    ir.async_delete_issue(hass, DOMAIN, issue_id_of(key, entry, *about))


def _shown(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[ir.IssueEntry]:
    """Yield all repairs of an entry, also while they are taken back; their ids end with its own."""
    for issue in list(ir.async_get(hass).issues.values()):
        if issue.domain == DOMAIN and issue.issue_id.endswith(entry.entry_id):
            yield issue


@callback
def async_show_problem(
    hass: HomeAssistant, entry: ConfigEntry, problem: ServerProblem | None
) -> None:
    """Show what a problem asks for, and take back what no longer holds."""
    if problem is None:
        _take_back(hass, entry, MOVED)
    elif problem.key == "redirected":
        async_offer_address(hass, entry, problem.placeholders["error"])
    for key in REPAIRS:
        if problem and problem.key == key:
            _show(hass, entry, key, problem.placeholders)
        else:
            _take_back(hass, entry, key)


@callback
def async_offer_address(hass: HomeAssistant, entry: ConfigEntry, url: str) -> None:
    """Offer the address at which a server was found, in place of one that doesn't answer."""
    _show(hass, entry, MOVED, {"old": entry.data[CONF_URL], "new": url}, url=url)


@callback
def async_show_token(
    hass: HomeAssistant, entry: ConfigEntry, expires: datetime | None, failed: bool
) -> None:
    """Tell of the end of a token, and that the attempt to renew it failed; or take that back."""
    holds = TOKEN_NOT_RENEWED if failed else TOKEN_EXPIRES
    for key in TOKEN_ENDS:
        if expires and key == holds:
            _show(hass, entry, key, {"date": dt_util.as_local(expires).date().isoformat()})
        else:
            _take_back(hass, entry, key)


@callback
def async_show_rights(hass: HomeAssistant, entry: ConfigEntry, user: User | None) -> None:
    """Tell what won't work for want of a right, before somebody needs it."""
    if user and (missing := lacking(user)):
        lines = "\n".join(f"- {text(hass, f'right_{key}', key)}" for key in missing)
        _show(hass, entry, LIMITED_RIGHTS, {"username": quoted(user.username), "missing": lines})
    else:
        _take_back(hass, entry, LIMITED_RIGHTS)


@callback
def async_show_sign_ins(
    hass: HomeAssistant, entry: ConfigEntry, problems: Iterable[Problem]
) -> None:
    """Show which providers want a new sign-in on the server, and take back which don't."""
    wanted = {
        issue_id_of(SIGN_IN, entry, problem.instance_id): problem
        for problem in problems
        if problem.sign_in
    }
    for issue in _shown(hass, entry):
        if issue.translation_key == SIGN_IN and issue.issue_id not in wanted:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
    for problem in wanted.values():
        _show(hass, entry, SIGN_IN, {"provider": quoted(problem.name)}, problem.instance_id)


@callback
def async_show_refusal(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, problem: ResolverProblem
) -> None:
    """Show that an account beside the server no longer opens anything."""
    placeholders = {"account": subentry.title, "error": quoted(problem.error)}
    _show(hass, entry, ACCOUNT_REFUSED, placeholders, subentry.subentry_id)


@callback
def async_forget_refusal(hass: HomeAssistant, entry: ConfigEntry, subentry_id: str) -> None:
    """Take back that an account is refused: it isn't, it was changed, or it is gone."""
    _take_back(hass, entry, ACCOUNT_REFUSED, subentry_id)


@callback
def async_remove_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back whatever is shown of an entry."""
    for issue in _shown(hass, entry):
        ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
