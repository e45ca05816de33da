"""Config flow steps for a certificate that isn't trusted."""

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
from ..entry.endpoint import async_get_endpoint, merge_endpoint
from ..server.discovery import async_fetch_certificate
from ..server.endpoint import ServerEndpoint
from ..server.errors import CertificateProblem, ServerProblem
from ..server.tls import (
    CERTIFICATE_AUTHORITY,
    PINNED_CERTIFICATE,
    CertificateInfo,
    CertificatePolicy,
    async_load_certificate_policy,
    get_pinning_policy,
    read_authority_certificates,
)
from .base import EMPTY_SCHEMA, BaseSteps, UserInput, get_server_info

# Options besides the certificate policies: Home Assistant's default verification, and to cancel.
OPTION_HOME_ASSISTANT: Final = "home_assistant"
OPTION_BACK: Final = "back"
AUTHORITY_SCHEMA = probatio.Schema(
    {probatio.Required(CERTIFICATE_AUTHORITY): TextSelector(TextSelectorConfig(multiline=True))}
)

type StepHandler = Callable[[], Awaitable[ConfigFlowResult]]


@dataclass(frozen=True)
class CertificateDecision:
    """Represent a certificate that the user decides about, and the steps that follow."""

    endpoint: ServerEndpoint
    certificate: CertificateInfo
    problem: CertificateProblem | None
    continue_flow: StepHandler = field(repr=False)  # may hold user input with a password
    go_back: StepHandler = field(repr=False)
    options: tuple[str, ...]


class CertificateSteps(BaseSteps):
    """Handle certificates that aren't trusted, then continue the interrupted step."""

    _decision: CertificateDecision

    async def _handle_form(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: UserInput | None,
        handle_input: Callable[[UserInput], Awaitable[ConfigFlowResult]],
    ) -> ConfigFlowResult:
        """Show a form and handle its input; on a problem show the form again."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                return await handle_input(user_input)
            except ServerProblem as err:
                problem = err
        return await self._show_form_or_certificate(step_id, schema, user_input, problem)

    async def _show_form_or_certificate(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: UserInput | None,
        problem: ServerProblem | None,
    ) -> ConfigFlowResult:
        """Show a form, or the untrusted certificate that its input led to."""
        if user_input is not None and isinstance(problem, CertificateProblem):
            continue_flow = partial(getattr(self, f"async_step_{step_id}"), user_input)
            go_back = partial(self._show_form_or_certificate, step_id, schema, user_input, None)
            try:
                return await self._show_certificate(
                    self._get_endpoint(problem.url), problem, continue_flow, go_back
                )
            except ServerProblem as err:  # the server no longer shows its certificate
                problem = err
        return self._show_form(step_id, schema, user_input, problem)

    async def _show_certificate(
        self,
        endpoint: ServerEndpoint,
        problem: CertificateProblem | None,
        continue_flow: StepHandler,
        go_back: StepHandler,
        *more_options: str,
    ) -> ConfigFlowResult:
        """Show the certificate of an endpoint and how it can be trusted. Raises ServerProblem."""
        certificate = (problem and problem.new_certificate) or await async_fetch_certificate(
            endpoint
        )
        if certificate is None:
            raise ServerProblem("no_certificate", url=str(endpoint))
        # the frontend preselects the first option
        options = (OPTION_BACK, PINNED_CERTIFICATE, CERTIFICATE_AUTHORITY, *more_options)
        self._decision = CertificateDecision(
            endpoint, certificate, problem, continue_flow, go_back, options
        )
        return await self.async_step_trust()

    async def async_step_trust(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Handle the user's decision about a certificate."""
        decision = self._decision
        if user_input is None:
            return self._show_certificate_form(decision)
        choice = user_input[CONF_TRUST]
        if choice == OPTION_BACK:
            return await decision.go_back()
        if choice == CERTIFICATE_AUTHORITY:
            return await self.async_step_authority()
        fingerprint = decision.certificate.fingerprint
        return await self._resume_with_policy(
            get_pinning_policy(fingerprint) if choice == PINNED_CERTIFICATE else None
        )

    def _show_certificate_form(self, decision: CertificateDecision) -> ConfigFlowResult:
        problem = decision.problem
        config = SelectSelectorConfig(options=list(decision.options), translation_key=CONF_TRUST)
        return self.async_show_form(
            step_id="trust",
            data_schema=probatio.Schema({probatio.Required(CONF_TRUST): SelectSelector(config)}),
            errors={"base": problem.fault} if problem else {},
            description_placeholders={
                "url": str(decision.endpoint),
                **asdict(decision.certificate),
                **(problem.placeholders if problem else {}),
            },
        )

    async def _resume_with_policy(self, policy: CertificatePolicy | None) -> ConfigFlowResult:
        self._server_endpoint = replace(self._server_endpoint, certificate_policy=policy)
        return await self._decision.continue_flow()

    async def async_step_authority(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Handle a certificate authority, pasted as PEM or given as a path."""

        async def handle_input(entered: UserInput) -> ConfigFlowResult:
            return await self._resume_with_policy(
                await self._verify_authority(entered[CERTIFICATE_AUTHORITY])
            )

        return await self._handle_form("authority", AUTHORITY_SCHEMA, user_input, handle_input)

    async def _verify_authority(self, text: str) -> CertificatePolicy | None:
        """Return the policy of an authority that the server's certificate is verified with.

        Raises ServerProblem.
        """
        try:
            path = self.hass.config.path
            pem = await self.hass.async_add_executor_job(read_authority_certificates, text, path)
            policy = await async_load_certificate_policy(self.hass, {CERTIFICATE_AUTHORITY: pem})
        except (OSError, ValueError) as err:
            raise ServerProblem("invalid_authority", error=str(err)) from err
        try:
            async with replace(self._decision.endpoint, certificate_policy=policy).get("info"):
                return policy
        except CertificateProblem as problem:
            raise ServerProblem("not_of_authority", **problem.placeholders) from problem

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the certificate of a server that is set up."""
        problem: CertificateProblem | None = None
        try:
            try:
                await self._find_server(
                    [self._server_endpoint.url], self._get_reconfigure_entry().unique_id
                )
            except CertificateProblem as err:
                problem = err
            endpoint = self._get_endpoint(problem.url) if problem else self._server_endpoint
            go_back = self.async_step_reconfigure
            return await self._show_certificate(
                endpoint, problem, self._save_certificate_policy, go_back, OPTION_HOME_ASSISTANT
            )
        except ServerProblem as err:
            return self._show_form("certificate", EMPTY_SCHEMA, None, err)

    async def _save_certificate_policy(self) -> ConfigFlowResult:
        """Save the certificate policy if the server can be reached with it, else ask again."""
        entry = self._get_reconfigure_entry()
        try:
            await self._find_server([self._server_endpoint.url], entry.unique_id)
        except ServerProblem:
            return await self.async_step_certificate()
        return self.async_update_reload_and_abort(
            entry, data=merge_endpoint(entry.data, self._server_endpoint)
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what can be reconfigured."""
        entry = self._get_reconfigure_entry()
        self._title = entry.title
        self._server_endpoint = await async_get_endpoint(self.hass, entry)
        self._schedule_abort()
        server_info = get_server_info(entry)
        has_users = server_info is None or server_info.schema_version >= SCHEMA_SIGN_IN
        options = ["new_address", "certificate", *(["new_sign_in"] if has_users else [])]
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=options,
            description_placeholders={"name": self._title, "url": str(self._server_endpoint)},
        )
