"""What goes wrong, told to people."""


class DeployError(Exception):
    """Something that stops a command; its text is one sentence that says what to do about it.

    Args:
        message: That sentence.
        code: The exit code that goes with it. 2, bad input, if left out.
    """

    def __init__(self, message: str, *, code: int = 2) -> None:
        super().__init__(message)
        self.code = code
