"""What LocalStack's EventBridge logs."""

import logging

_LOGGER = "localstack.services.events.provider"


def leave_out_events_without_rules() -> None:
    """Do not log each event that no rule waits for: ECS sends several for every task that starts or stops."""
    logging.getLogger(_LOGGER).addFilter(_is_worth_a_line)


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    return "No rules attached to event_bus" not in record.getMessage()
