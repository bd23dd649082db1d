"""What is logged of EventBridge."""

import logging

import pytest

from localstack_dataplane.event_logging import leave_out_events_without_rules


def test_events_that_no_rule_waits_for_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    leave_out_events_without_rules()
    logger = logging.getLogger("localstack.services.events.provider")
    with caplog.at_level(logging.INFO):
        logger.info('{"InfoMessage": "No rules attached to event_bus: default"}')
        logger.info("a rule was made")
    assert caplog.messages == ["a rule was made"]
