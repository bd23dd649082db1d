"""What ends a process of the image with one sentence instead of a traceback."""

EXIT_USAGE = 64
"""The command is not one of the image's (`EX_USAGE` of sysexits.h)."""

EXIT_TEMPORARY = 75
"""What it waited for did not come about in time; a later start may succeed (`EX_TEMPFAIL` of sysexits.h)."""

EXIT_CONFIGURATION = 78
"""The environment lacks something or holds something unusable (`EX_CONFIG` of sysexits.h)."""


class RefusalError(Exception):
    """Something the person who deploys has to change. Its text says what.

    Args:
        message: One sentence for each thing to change, a line each.
        exit_code: What the process exits with; `EXIT_CONFIGURATION` when left out.
    """

    def __init__(self, message: str, exit_code: int = EXIT_CONFIGURATION) -> None:
        super().__init__(message)
        self.exit_code = exit_code
