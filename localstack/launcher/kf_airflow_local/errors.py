"""What goes wrong, told to people."""


class LauncherError(Exception):
    """Something that stops the launcher; its text is one sentence that says what to do about it."""
