"""Sentences for Assist: what they mean, and that they leave Home Assistant's own alone."""

from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path
import random
import re
from typing import Any, Final

from hassil.expression import (
    Alternative,
    Expression,
    ListReference,
    Permutation,
    RuleReference,
    Sequence,
    TextChunk,
)
from hassil.intents import (
    Intents,
    RangeSlotList,
    SlotList,
    TextSlotList,
    TextSlotValue,
    WildcardSlotList,
)
from hassil.recognize import RecognizeResult, recognize_best
from hassil.util import merge_dict
from home_assistant_intents import get_intents, get_languages
import pytest

from custom_components.music_assistant.assist.intents import (
    INTENT_PREFIX,
    INTENTS,
    MusicAssistantIntentHandler,
)
from custom_components.music_assistant.const import SENTENCE_LANGUAGES
from custom_components.music_assistant.entry.sentences import SAME_SENTENCES
from homeassistant.components.conversation.const import METADATA_CUSTOM_SENTENCE
from homeassistant.util.language import matches
from homeassistant.util.yaml import load_yaml_dict

from .assist_sentences import HOME_ASSISTANTS, PLAYER, ROOMS, SENTENCES
from .test_docs import find_names, iterate_rows, read_page

INTEGRATION: Final = Path(__file__).parent.parent / "custom_components" / "music_assistant"
FOLDER: Final = INTEGRATION / "sentences"
TRANSLATIONS: Final = INTEGRATION / "translations"
# Sentences of each of Home Assistant's templates that are tried.
SAMPLES: Final = 2
# What is between the quotation marks of any language.
QUOTED: Final = re.compile(
    r"(?:[“„”\"]|«\s?|»(?=[^«]*«)|「)([^“”„\"«»「」]+?)(?:[”“\"]|\s?[»«]|」)"
)
# Languages of texts that Assist has under another name.
SCRIPTS: Final = {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
WORDS: Final = ("Undertow Disco", "Pasta", "Wien")


def get_source(language: str) -> str:
    """Return the language whose sentences a language has."""
    return SAME_SENTENCES.get(language, language)


def get_names(*rooms: str) -> list[tuple[str, str]]:
    """Return the name and the aliases of rooms, each with the name."""
    names = [room.split("|") for room in rooms]
    return [(alias, aliases[0]) for aliases in names for alias in aliases]


@cache
def load(language: str) -> dict[str, Any]:
    """Return our sentences of a language, marked as the conversation agent does it."""
    loaded: dict[str, Any] = load_yaml_dict(str(FOLDER / f"{get_source(language)}.yaml"))
    for intent in loaded["intents"].values():
        for data in intent["data"]:
            data["metadata"] = {METADATA_CUSTOM_SENTENCE: True}
    return loaded


@cache
def get_slot_lists(language: str) -> dict[str, SlotList]:
    """Return the names of areas, of a floor and of a player, as the conversation agent does it."""
    *areas, floor = ROOMS[get_source(language)]
    context = {"domain": "media_player"}
    return {
        "area": TextSlotList.from_tuples(get_names(*areas), name="area"),
        "floor": TextSlotList.from_tuples(get_names(floor), name="floor"),
        "name": TextSlotList.from_tuples([(PLAYER, PLAYER, context)], name="name"),
    }


def recognize(language: str, intents: Intents, text: str) -> RecognizeResult | None:
    """Recognize a sentence, spoken in the kitchen, as the conversation agent does it."""
    kitchen = ROOMS[get_source(language)][0].partition("|")[0]
    return recognize_best(
        text,
        intents,
        slot_lists=get_slot_lists(language),
        intent_context={"area": {"value": kitchen, "text": kitchen}},
        language=language,
        best_metadata_key=METADATA_CUSTOM_SENTENCE,
        best_slot_name="name",
    )


def get_slots(result: RecognizeResult) -> dict[str, Any]:
    """Return the values of a result's slots."""
    return {
        name: entity.value.strip() if isinstance(entity.value, str) else entity.value
        for name, entity in result.entities.items()
    }


def test_languages() -> None:
    """Each language has its sentences, and each intent has some in each language."""
    sources = set(map(get_source, SENTENCE_LANGUAGES))
    assert {path.stem for path in FOLDER.iterdir()} == sources == set(SENTENCES)
    assert set(SENTENCE_LANGUAGES) <= set(get_languages())
    translated = [path.stem for path in TRANSLATIONS.iterdir()]
    assert all(matches(language, SENTENCE_LANGUAGES) for language in translated)
    names = {description.name for description in INTENTS}
    for language in sources:
        loaded = load(language)
        assert loaded["language"] == language
        assert set(loaded["intents"]) == {f"{INTENT_PREFIX}{name}" for name in names}
        assert {name for _, name, _ in SENTENCES[language]} == names
        own = {*loaded["lists"], *loaded["expansion_rules"]}
        assert all(name.startswith("music_assistant_") for name in own)


def test_slots() -> None:
    """The sentences fill only slots that the intents have, with values that they take."""
    schemas = {description.name: description for description in INTENTS}
    for language in SENTENCE_LANGUAGES:
        for name, loaded in load(language)["intents"].items():
            description = schemas[name.removeprefix(INTENT_PREFIX)]
            for data in loaded["data"]:
                assert set(data.get("slots", {})) <= {str(slot) for slot in description.slots}


@pytest.mark.parametrize("language", SENTENCE_LANGUAGES)
def test_sentences(language: str) -> None:
    """With Home Assistant's own sentences beside them, each means what the table says."""
    merged = dict(get_intents(language) or {})
    merge_dict(merged, load(language))
    intents = Intents.from_dict(merged)
    for text, name, slots in SENTENCES[get_source(language)]:
        result = recognize(language, intents, text)
        assert result, text
        assert result.intent.name == f"{INTENT_PREFIX}{name}", text
        assert get_slots(result).items() >= slots.items(), text
    for text, intent in HOME_ASSISTANTS.get(language, ()):
        result = recognize(language, intents, text)
        assert result, text
        assert result.intent.name == intent, text


@pytest.mark.parametrize("path", TRANSLATIONS.iterdir(), ids=lambda path: path.stem)
def test_examples_in_the_options(path: Path) -> None:
    """The sentences that the options name as examples are understood in each language."""
    steps = json.loads(path.read_text())["options"]["step"]
    menu = steps["init"]["menu_option_descriptions"]["sentences"]
    examples = QUOTED.findall(f"{steps['sentences']['description']} {menu}")
    assert len(examples) == 3
    language = SCRIPTS.get(path.stem, path.stem)
    intents = Intents.from_dict(load(language))
    assert all(recognize(language, intents, example) for example in examples), examples


@pytest.mark.parametrize("language", SENTENCE_LANGUAGES)
def test_home_assistants_sentences_are_left(language: str) -> None:
    """No sentence of Home Assistant's templates is one of ours, which would take it."""
    own = get_intents(language) or {}
    theirs = Intents.from_dict(own)
    ours = Intents.from_dict({**load(language), "skip_words": own.get("skip_words", [])})
    sampler = Sampler(theirs, language)
    taken = [
        (text, result.intent.name)
        for text in sampler.sample_all()
        if (result := recognize(language, ours, text))
    ]
    assert taken == []


class Sampler:
    """Make sentences of templates by chance, the same in each run."""

    def __init__(self, intents: Intents, language: str) -> None:
        """Start with the intents of a language."""
        self.intents = intents
        self.lists = {**intents.slot_lists, **get_slot_lists(language)}
        self.random = random.Random(language)

    def sample_all(self) -> Iterator[str]:
        """Yield sentences of all templates."""
        for intent in self.intents.intents.values():
            for data in intent.data:
                for sentence in data.sentences:
                    for _ in range(SAMPLES):
                        lists = {**self.lists, **data.slot_lists}
                        yield " ".join(self.sample(sentence.expression, lists).split())

    def sample(self, expression: Expression, lists: dict[str, SlotList]) -> str:
        """Return a sentence of an expression."""
        match expression:
            case TextChunk():
                return expression.original_text
            case Alternative():
                return self.sample(self.random.choice(expression.items), lists)
            case Permutation():
                items = self.random.sample(expression.items, len(expression.items))
                return " ".join(self.sample(item, lists) for item in items)
            case Sequence():
                return "".join(self.sample(item, lists) for item in expression.items)
            case RuleReference():
                rule = self.intents.expansion_rules[expression.rule_name]
                return self.sample(rule.expression, lists)
            case ListReference():
                return self.sample_list(lists[expression.list_name], lists)
        raise TypeError(expression)

    def sample_list(self, slot_list: SlotList, lists: dict[str, SlotList]) -> str:
        """Return a value of a list."""
        match slot_list:
            case WildcardSlotList():
                return self.random.choice(WORDS)
            case RangeSlotList():
                return str(slot_list.start)
            case TextSlotList():
                value: TextSlotValue = self.random.choice(slot_list.values)
                return self.sample(value.text_in, lists)
        raise TypeError(slot_list)


def test_sentences_are_documented() -> None:
    """The documentation has a sentence of each intent in each language."""
    sections = dict(re.findall(r"^## (.+)\n\n((?:- .+\n)+)", read_page("sentences"), re.MULTILINE))
    assert sections == {
        name: "".join(f'- "{get_first(language, intent.name)}"\n' for intent in INTENTS)
        for language, name in SENTENCE_LANGUAGES.items()
        if language not in SAME_SENTENCES
    }


def get_first(language: str, intent: str) -> str:
    """Return the first sentence of an intent in the table."""
    return next(text for text, name, _ in SENTENCES[language] if name == intent)


def test_intents_are_documented() -> None:
    """The documentation lists the intents with their slots, without those of the player meant."""
    rows = {
        cells[0].strip("`"): set(find_names(cells[1]))
        for cells in iterate_rows("voice", "| intent | other slots |")
    }
    targets = {"name", "area", "floor", "preferred_area_id", "preferred_floor_id"}
    assert rows == {
        f"{INTENT_PREFIX}{each.name}": {
            str(slot) for slot in MusicAssistantIntentHandler(each).slot_schema
        }
        - targets
        for each in INTENTS
    }
