"""Fields of actions: their values as people, scripts and templates give them.

A template that renders nothing leaves an empty text, so an empty value of an optional field is the
same as none. What isn't understood is refused with a translated error.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import cached_property
import math
from typing import Any, Final, override

from music_assistant_models.enums import MediaType
import probatio

from homeassistant.components.media_player import MediaType as HassMediaType
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType

from ..const import DOMAIN, LOGGER
from ..server.errors import build_validation_error
from ..server.sanitize import sanitize_text

# Limit of numbers that have no natural one; the server's database has none above.
MAX_NUMBER: Final = 2**31 - 1
MAX_SLEEP_TIMER: Final = timedelta(days=1)
# Media types that media can have; the others are of streams that players play.
MEDIA_TYPES: Final = tuple(
    media_type
    for media_type in MediaType
    if media_type
    not in (
        MediaType.ANNOUNCEMENT,
        MediaType.FLOW_STREAM,
        MediaType.PLUGIN_SOURCE,
        MediaType.AUDIO_SOURCE,
        MediaType.UNKNOWN,
    )
)
# Fields that select what an action changes: without a value it would change something else.
_SELECTING_FIELDS: Final = frozenset(
    (*(str(field) for field in cv.ENTITY_SERVICE_FIELDS), "entity", "media_id", "source_player")
)


class UnexpectedValue(probatio.Invalid):
    """Error for a value that isn't one of those that are possible."""

    def __init__(self, value: object, possible: Iterable[object]) -> None:
        """Initialize the error."""
        super().__init__("unexpected value")
        self.value = value
        self.possible = ", ".join(str(value) for value in possible)


class UnknownFieldError(ServiceValidationError, probatio.Invalid):
    """Error for a field that an action doesn't have.

    Cards try the fields of other versions again and again. Home Assistant answers them an `Invalid`
    without logging it, unlike a `ServiceValidationError`.
    """


class DeferredSchema:
    """Build a schema when it validates for the first time; most actions are never called.

    Home Assistant lets plain schemas do so themselves, but not those that are combined.
    """

    def __init__(self, *validators: Any) -> None:
        """Initialize with validators that are used one after the other."""
        self.validators = validators

    @cached_property
    def _schema(self) -> probatio.Schema:
        return probatio.Schema(probatio.All(*self.validators))

    def __call__(self, value: Any) -> Any:
        """Validate a value."""
        return self._schema(value)


class ActionSchema(probatio.Schema):
    """Validate the fields of an action, without empty ones, and raise translated errors."""

    def __init__(
        self,
        schema: Any,
        fields: VolDictType,
        extra: int = probatio.PREVENT_EXTRA,
        *,
        one_of: Collection[str] = (),
    ) -> None:
        """Initialize the schema.

        `fields` are those that the action describes, and `one_of` some of them of which a call
        needs one.
        """
        super().__init__(schema, extra=extra)
        self._names = [str(field) for field in fields]
        self._optional = {
            str(field)
            for field in fields
            if isinstance(field, probatio.Optional)
            and (str(field) in one_of or str(field) not in _SELECTING_FIELDS)
        }

    @override
    def __call__(self, data: Any, **kwargs: Any) -> Any:
        """Validate the data of a call; raises ServiceValidationError."""
        given = {
            name: value
            for name, value in data.items()
            if name not in self._optional or not _is_empty(value)
        }
        try:
            return super().__call__(given, **kwargs)
        except probatio.Invalid as err:
            LOGGER.debug("Invalid fields of an action: %s", err)
            raise self._build_error(err, data) from err

    def _build_error(
        self, err: probatio.Invalid, data: Mapping[str, Any]
    ) -> ServiceValidationError:
        """Return the translated error for the first field that isn't valid."""
        err = err.errors[0] if isinstance(err, probatio.MultipleInvalid) else err
        if not err.path:  # Home Assistant's check of the target has no path
            return build_validation_error("no_targets")
        field = sanitize_text(err.path[0])
        if isinstance(err, UnexpectedValue):
            value = sanitize_text(err.value)
            return build_validation_error(
                "field_not_possible", field=field, value=value, choices=err.possible
            )
        if isinstance(err, probatio.ExtraKeysInvalid):
            choices = ", ".join(self._names) or ATTR_ENTITY_ID
            return UnknownFieldError(
                translation_domain=DOMAIN,
                translation_key="field_unknown",
                translation_placeholders={"field": field, "choices": choices},
            )
        if err.path[0] not in data:
            return build_validation_error("field_missing", field=field)
        return build_validation_error("field_invalid", field=field)


def _is_empty(value: object) -> bool:
    """Return whether a value of a field is none, an empty text, or consists of such."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list | tuple | set):
        return all(_is_empty(item) for item in value)
    return value is None or value == {}


# Validators of fields


def build_choice_validator[E: str](options: Iterable[E]) -> Callable[[object], E]:
    """Return a validator of one of several words, in upper or lower case.

    YAML reads the words on and off as booleans.
    """
    choices = list(options)
    by_word = {str(option).casefold(): option for option in choices}

    def validate(value: object) -> E:
        word = {True: "on", False: "off"}[value] if isinstance(value, bool) else value
        try:
            return by_word[str(word).strip().casefold()]
        except KeyError:
            raise UnexpectedValue(value, choices) from None

    return validate


def build_list_validator(
    validator: Callable[[Any], Any], *list_validators: Callable[[Any], Any]
) -> probatio.All[Any]:
    """Return a validator of a list without its empty values, which also accepts a single value."""
    return probatio.All(probatio.EnsureList(), _remove_empty, [validator], *list_validators)


def build_choices_validator[E: str](options: Iterable[E]) -> probatio.All[Any]:
    """Return a validator of a list of words, which also accepts a single one."""
    return build_list_validator(build_choice_validator(options))


def _remove_empty(values: list[object]) -> list[object]:
    """Return a list without its empty values."""
    return [value for value in values if not _is_empty(value)]


_validate_known_media_type: Final = build_choice_validator(MEDIA_TYPES)


def validate_media_type(value: object) -> MediaType | None:
    """Validate the media type of named media; None for Home Assistant's type of any music."""
    is_any = isinstance(value, str) and value.strip().casefold() == HassMediaType.MUSIC
    return None if is_any else _validate_known_media_type(value)


validate_media_ids: Final = build_list_validator(cv.string, probatio.Length(min=1))


def validate_boolean(value: object) -> bool:
    """Validate a boolean or a word for it."""
    try:
        return cv.boolean(value)
    except probatio.Invalid:
        raise UnexpectedValue(value, ("true", "false")) from None


def build_number_validator(minimum: int, maximum: int) -> Callable[[object], int]:
    """Return a validator of a whole number, also as text."""

    def validate(value: object) -> int:
        number = _parse_number(value)
        if not number.is_integer() or not minimum <= number <= maximum:
            raise UnexpectedValue(value, (f"{minimum}–{maximum}",))
        return int(number)

    return validate


def build_lenient_number_validator[D: int | None](
    minimum: int, maximum: int, default: D
) -> Callable[[object], int | D]:
    """Return a validator of a number as the built-in integration takes it, which has no range.

    One below the range is the default, as if none were given, and one above it the maximum. Of a
    fraction the whole number counts, but one below 1 is taken for a share and refused.
    """

    def validate(value: object) -> int | D:
        number = _parse_number(value)
        if math.isnan(number) or 0 < number < 1:
            raise UnexpectedValue(value, (f"{minimum}–{maximum}",))
        return default if number < minimum else int(min(number, maximum))

    return validate


def _parse_number(value: object) -> float:
    """Return a number that may be a text; NaN for anything else, booleans among them."""
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def validate_sleep_timer(value: object) -> timedelta:
    """Validate how long a sleep timer runs."""
    duration = _parse_duration(value)
    if duration is None or not timedelta(seconds=1) <= duration <= MAX_SLEEP_TIMER:
        raise UnexpectedValue(value, (f"0:00:01–{MAX_SLEEP_TIMER // timedelta(hours=1)}:00:00",))
    return duration


def validate_stop_after(value: object) -> timedelta | None:
    """Validate when playback stops; None for zero, as an untouched form or template has it."""
    return None if _parse_duration(value) == timedelta() else validate_sleep_timer(value)


def _parse_duration(value: object) -> timedelta | None:
    """Return a duration; None if the value isn't one."""
    try:
        duration: timedelta = cv.time_period(value)
    except probatio.Invalid, OverflowError:
        return None
    return duration


# Validators of fields together


def build_any_validator(*fields: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a validator that requires one of several fields."""

    def validate(data: dict[str, Any]) -> dict[str, Any]:
        if not data.keys() & set(fields):
            raise build_validation_error("fields_missing", choices=", ".join(fields))
        return data

    return validate


def build_together_validator(*fields: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a validator that requires all of several fields or none."""

    def validate(data: dict[str, Any]) -> dict[str, Any]:
        missing = [field for field in fields if field not in data]
        if missing and len(missing) < len(fields):
            raise build_validation_error("fields_missing", choices=", ".join(missing))
        return data

    return validate


def build_single_validator(*fields: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a validator that refuses several fields together."""

    def validate(data: dict[str, Any]) -> dict[str, Any]:
        if len(given := [field for field in fields if field in data]) > 1:
            raise build_validation_error("fields_exclusive", choices=", ".join(given))
        return data

    return validate
