"""The documentation names sessions that are there."""

import argparse

from sessions import PAGES, calls, deploy_commands, sessions

from kf_airflow_deploy import command_line


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


def test_every_option_the_documentation_gives_a_command_is_there() -> None:
    checked = 0
    for call in calls(PAGES):
        for name in set(call.sessions) & deploy_commands():
            known = options(name)
            given = [word.strip("[]") for word in call.arguments if word.strip("[]").startswith("--")]
            checked += len(given)
            assert set(given) <= known, f"{call.path.name}: {call.words}"
    assert checked > 5


def options(command: str) -> set[str]:
    parser = command_line.parser()
    (commands,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    found: argparse.ArgumentParser = commands.choices[command]
    return {option for action in found._actions for option in action.option_strings}
