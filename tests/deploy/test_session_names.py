"""The documentation names sessions that are there."""

from sessions import PAGES, calls, sessions


def test_every_session_the_documentation_names_is_there() -> None:
    found = list(calls(PAGES))

    assert len(found) > 20
    assert [
        f"{call.path.name}: {name}"
        for call in found
        for name in call.sessions
        if name.strip('`.:*"') not in sessions()
    ] == []


def test_every_tag_the_documentation_names_is_there() -> None:
    tags = {tag for call in calls(PAGES) for tag in call.tags}

    assert tags <= set().union(*sessions().values())
