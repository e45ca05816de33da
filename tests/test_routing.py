"""Routing of changes to the players that depend on them."""

from collections.abc import Iterable, Mapping
import random

import pytest

from custom_components.music_assistant.players.routing import Routing


def create_routing(table: Mapping[str, Iterable[str]]) -> Routing:
    """Return a routing of players and what each depends on."""
    routing = Routing()
    for player_id, built_from in table.items():
        routing.set(player_id, tuple(built_from))
    return routing


@pytest.mark.parametrize(
    ("table", "changed", "expected"),
    [
        ({}, "a", set()),
        ({"a": "a"}, "a", {"a"}),
        ({"a": "a"}, "b", set()),
        ({"a": "a", "b": "ba"}, "a", {"a", "b"}),
        ({"a": "a", "b": "ba"}, "b", {"b"}),
        ({"a": "aq", "b": "bq", "c": "c"}, "q", {"a", "b"}),
    ],
)
def test_affected_players(table: dict[str, str], changed: str, expected: set[str]) -> None:
    """A change affects the players that depend on it, and no others."""
    assert set(create_routing(table).get_dependents(changed)) == expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("ab", {"a": {"a"}, "b": {"a", "b"}, "c": set()}),  # as before
        ("ac", {"a": {"a"}, "b": {"b"}, "c": {"a"}}),  # another leader
        ("a", {"a": {"a"}, "b": {"b"}, "c": set()}),  # alone
        ("", {"a": set(), "b": {"b"}, "c": set()}),  # gone
    ],
)
def test_changed_dependencies(new: str, expected: dict[str, set[str]]) -> None:
    """A former dependency no longer affects a player."""
    routing = create_routing({"a": "ab", "b": "b"})
    routing.set("a", tuple(new))
    assert {key: set(routing.get_dependents(key)) for key in "abc"} == expected
    assert set(routing.get_player_ids()) == ({"a", "b"} if new else {"b"})


def test_remove_unknown_player() -> None:
    """Removing an unknown player is no error."""
    routing = create_routing({"a": "a"})
    routing.set("b", ())
    assert set(routing.get_player_ids()) == {"a"}


@pytest.mark.parametrize("seed", range(20))
def test_random_changes(seed: int) -> None:
    """After random changes the affected players are those of a simple model."""
    dice = random.Random(seed)
    ids = [f"p{number}" for number in range(6)]
    routing, model = Routing(), dict[str, tuple[str, ...]]()
    for _ in range(300):
        player_id = dice.choice(ids)
        built_from = tuple(dice.choices(ids, k=dice.randint(0, 3)))  # one may be named twice
        routing.set(player_id, built_from)
        model[player_id] = built_from
        changed = dice.choice(ids)
        assert set(routing.get_dependents(changed)) == {
            each for each, sources in model.items() if changed in sources
        }
        assert set(routing.get_player_ids()) == {each for each, sources in model.items() if sources}


def test_removed_players_are_forgotten() -> None:
    """Removed players leave no data."""
    routing = create_routing({f"p{number}": (f"p{number}", "leader") for number in range(50)})
    for player_id in list(routing.get_player_ids()):
        routing.set(player_id, ())
    assert vars(routing) == vars(Routing())
