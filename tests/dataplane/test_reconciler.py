"""The loop around the controllers, with a Docker of our own."""

import logging
import threading
from typing import Any

from localstack_dataplane.reconciler import Reconciler


class Docker:
    def __init__(self):
        self.changed = threading.Event()
        self.ended = threading.Event()

    def events(self):
        self.changed.wait(10)
        yield "container"
        self.ended.wait(10)


class Counting:
    def __init__(self, name, failures=0):
        self.name, self.passes, self.failures = name, 0, failures
        self.reached = {1: threading.Event(), 2: threading.Event()}

    def reconcile(self):
        self.passes += 1
        if self.passes in self.reached:
            self.reached[self.passes].set()
        if self.passes <= self.failures:
            raise RuntimeError("no luck")


def run(*controllers, interval, until):
    docker: Any = Docker()
    reconciler = Reconciler(docker, list(controllers), interval)
    reconciler.start()
    try:
        until(docker)
    finally:
        docker.ended.set()
        docker.changed.set()
        reconciler.stop()


def test_every_controller_gets_its_passes():
    first, second = Counting("a"), Counting("b")
    run(
        first, second, interval=0.01, until=lambda _: first.reached[2].wait(10) and second.reached[2].wait(10)
    )
    assert first.passes >= 2
    assert second.passes >= 2


def test_a_change_in_docker_starts_a_pass_at_once():
    controller = Counting("a")

    def until(docker):
        controller.reached[1].wait(10)
        docker.changed.set()
        assert controller.reached[2].wait(10)

    run(controller, interval=60, until=until)


def test_a_change_wakes_those_that_it_concerns():
    docker: Any = Docker()
    first, second = Counting("a"), Counting("b")
    reconciler = Reconciler(docker, [first, second], 60, concerned={"container": ("b",)})
    reconciler.start()
    first.reached[1].wait(10)
    second.reached[1].wait(10)
    docker.changed.set()
    assert second.reached[2].wait(10)
    docker.ended.set()
    assert first.passes == 1
    reconciler.stop()


def test_a_pass_that_fails_is_told_and_tried_again(caplog):
    controller = Counting("a", failures=1)
    with caplog.at_level(logging.ERROR):
        run(controller, interval=0.01, until=lambda _: controller.reached[2].wait(10))
    assert "no luck" in caplog.text
    assert controller.passes >= 2


def test_a_broken_stream_of_events_does_not_end_the_watch(caplog):
    class Breaking(Docker):
        broken = False

        def events(self):
            if not self.broken:
                self.broken = True
                raise ValueError("half a message")
            yield from super().events()

    docker: Any = Breaking()
    controller = Counting("a")
    reconciler = Reconciler(docker, [controller], 0.01)
    with caplog.at_level(logging.WARNING):
        reconciler.start()
        docker.changed.set()
        assert controller.reached[2].wait(10)
        for _ in range(100):
            if docker.broken and "half a message" in caplog.text:
                break
            threading.Event().wait(0.05)
        docker.ended.set()
        reconciler.stop()
    assert "half a message" in caplog.text
