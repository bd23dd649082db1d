"""Which events a pattern of EventBridge is about, where the event has arrays of objects.

LocalStack takes each field of a pattern from any element of an array. EventBridge takes those that belong
together from one element: that a container is called `migrate`, and that it ended with 1.
https://github.com/aws/event-ruler#array-consistency
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
Matches = Callable[[Document, Document], bool]
Path = tuple[str, ...]


def array_consistent(matches: Matches) -> Matches:
    """Returns a matcher for which the fields of an element of an array belong together.

    Args:
        matches: Says whether an event without arrays of objects is what a pattern is about.
    """

    def matches_consistently(pattern: Document, event: Document) -> bool:
        path = next(_arrays(pattern, event), None)
        if path is None:
            return matches(pattern, event)
        return any(matches_consistently(pattern, _with(event, path, element)) for element in _at(event, path))

    return matches_consistently


def match_as_eventbridge() -> None:
    """Make LocalStack match arrays of objects as EventBridge does."""
    from localstack.services.events.event_rule_engine import EventRuleEngine

    flat = EventRuleEngine.evaluate_pattern_on_event

    def evaluate(engine: Any, compiled_event_pattern: Any, event: Any) -> bool:
        try:
            document = json.loads(event) if isinstance(event, str) else event
        except ValueError:
            document = None
        if not isinstance(document, dict) or not isinstance(compiled_event_pattern, dict):
            return bool(flat(engine, compiled_event_pattern, event))
        matcher = array_consistent(lambda pattern, body: bool(flat(engine, pattern, body)))
        return matcher(compiled_event_pattern, document)

    EventRuleEngine.evaluate_pattern_on_event = evaluate


def _arrays(pattern: Document, event: Document, before: Path = ()) -> Iterator[Path]:
    """Where the pattern asks for fields of what is an array of objects in the event."""
    for name, wanted in pattern.items():
        found = event.get(name)
        if not isinstance(wanted, Mapping):
            continue
        if isinstance(found, list) and any(isinstance(element, Mapping) for element in found):
            yield (*before, name)
        elif isinstance(found, Mapping):
            yield from _arrays(wanted, found, (*before, name))


def _at(event: Document, path: Path) -> list[Any]:
    found: Any = event
    for name in path:
        found = found[name]
    return list(found)


def _with(event: Document, path: Path, element: Any) -> Document:
    name, *rest = path
    return {**event, name: _with(event[name], tuple(rest), element) if rest else element}
