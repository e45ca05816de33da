"""A certificate that isn't trusted: what it is, and what a person makes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Final

import probatio

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)

from ..const import CONF_TRUST, SCHEMA_SIGN_IN
from ..entry.endpoint import async_site, with_site
from ..server.discovery import async_certificate
from ..server.endpoint import Site
from ..server.errors import CertificateProblem, ServerProblem
from ..server.tls import (
    AUTHORITY,
    CERTIFICATE,
    Certificate,
    Trust,
    async_trust,
    read_authority,
    trust_certificate,
)
from .base import NOTHING, Entered, Steps, last_said

# What may be chosen beside the kinds of trust: nothing but what Home Assistant trusts, or to
# leave it.
HOME_ASSISTANT: Final = "home_assistant"
BACK: Final = "back"
AUTHORITY_SCHEMA = probatio.Schema(
    {probatio.Required(AUTHORITY): TextSelector(TextSelectorConfig(multiline=True))}
)

type Step = Callable[[], Awaitable[ConfigFlowResult]]


@dataclass(frozen=True)
class Question:
    """A certificate that a person decides about: where, which, and where it goes on from there."""

    site: Site
    certificate: Certificate
    problem: CertificateProblem | None
    resume: Step = field(repr=False)  # it may hold what was entered, a password too
    back: Step = field(repr=False)
    options: tuple[str, ...]


class TrustSteps(Steps):
    """Let a person decide about a certificate, then go on where it stood in the way."""

    _question: Question

    async def _take(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: Entered | None,
        go_on: Callable[[Entered], Awaitable[ConfigFlowResult]],
    ) -> ConfigFlowResult:
        """Show a form and go on with what is entered, or show what is wrong with it."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                return await go_on(user_input)
            except ServerProblem as err:
                problem = err
        return await self._form(step_id, schema, user_input, problem)

    async def _form(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: Entered | None,
        problem: ServerProblem | None,
    ) -> ConfigFlowResult:
        """Show a form; but a certificate that what was entered led to, comes first."""
        if user_input is not None and isinstance(problem, CertificateProblem):
            resume = partial(getattr(self, f"async_step_{step_id}"), user_input)
            back = partial(self._form, step_id, schema, user_input, None)
            try:
                return await self._ask(self._at(problem.url), problem, resume, back)
            except ServerProblem as err:  # it has gone meanwhile
                problem = err
        return self._show(step_id, schema, user_input, problem)

    async def _ask(
        self,
        site: Site,
        problem: CertificateProblem | None,
        resume: Step,
        back: Step,
        *more: str,
    ) -> ConfigFlowResult:
        """Show the certificate at a site, and let a person choose. Raises ServerProblem."""
        shown = (problem and problem.shown) or await async_certificate(site)
        if shown is None:
            raise ServerProblem("no_certificate", url=str(site))
        options = (BACK, CERTIFICATE, AUTHORITY, *more)  # a browser chooses the first one
        self._question = Question(site, shown, problem, resume, back, options)
        return await self.async_step_trust()

    async def async_step_trust(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what a certificate is and what is wrong with it, and take what a person chooses."""
        question = self._question
        if user_input is None:
            return self._show_certificate(question)
        choice = user_input[CONF_TRUST]
        if choice == BACK:
            return await question.back()
        if choice == AUTHORITY:
            return await self.async_step_authority()
        pinned = question.certificate.fingerprint
        return await self._go_on(trust_certificate(pinned) if choice == CERTIFICATE else None)

    def _show_certificate(self, question: Question) -> ConfigFlowResult:
        problem = question.problem
        config = SelectSelectorConfig(options=list(question.options), translation_key=CONF_TRUST)
        return self.async_show_form(
            step_id="trust",
            data_schema=probatio.Schema({probatio.Required(CONF_TRUST): SelectSelector(config)}),
            errors={"base": problem.fault} if problem else {},
            description_placeholders={
                "url": str(question.site),
                **asdict(question.certificate),
                **(problem.placeholders if problem else {}),
            },
        )

    async def _go_on(self, trust: Trust | None) -> ConfigFlowResult:
        self._site = replace(self._site, trust=trust)
        return await self._question.resume()

    async def async_step_authority(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take the certificate of an authority, pasted or as a path."""

        async def go_on(entered: Entered) -> ConfigFlowResult:
            return await self._go_on(await self._authority(entered[AUTHORITY]))

        return await self._take("authority", AUTHORITY_SCHEMA, user_input, go_on)

    async def _authority(self, text: str) -> Trust | None:
        """Return trust in an authority that is proved to be the server's. Raises ServerProblem."""
        try:
            path = self.hass.config.path
            pem = await self.hass.async_add_executor_job(read_authority, text, path)
            trust = await async_trust(self.hass, {AUTHORITY: pem})
        except (OSError, ValueError) as err:
            raise ServerProblem("invalid_authority", error=str(err)) from err
        try:
            async with replace(self._question.site, trust=trust).get("info"):
                return trust
        except CertificateProblem as problem:
            raise ServerProblem("not_of_authority", **problem.placeholders) from problem

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Decide about the certificate of a server that is set up."""
        problem: CertificateProblem | None = None
        try:
            try:
                await self._find([self._site.url], self._get_reconfigure_entry().unique_id)
            except CertificateProblem as err:
                problem = err
            site = self._at(problem.url) if problem else self._site
            back = self.async_step_reconfigure
            return await self._ask(site, problem, self._save_trust, back, HOME_ASSISTANT)
        except ServerProblem as err:
            return self._show("certificate", NOTHING, None, err)

    async def _save_trust(self) -> ConfigFlowResult:
        """Keep a choice that is proved to work; else ask again."""
        entry = self._get_reconfigure_entry()
        try:
            await self._find([self._site.url], entry.unique_id)
        except ServerProblem:
            return await self.async_step_certificate()
        return self.async_update_reload_and_abort(entry, data=with_site(entry.data, self._site))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose what of a server that is set up is to be another."""
        entry = self._get_reconfigure_entry()
        self._title = entry.title
        self._site = await async_site(self.hass, entry)
        self._end_if_left()
        said = last_said(entry)
        has_users = said is None or said.schema_version >= SCHEMA_SIGN_IN
        options = ["new_address", "certificate", *(["new_sign_in"] if has_users else [])]
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=options,
            description_placeholders={"name": self._title, "url": str(self._site)},
        )
