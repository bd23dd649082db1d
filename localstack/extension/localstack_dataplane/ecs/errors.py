"""How ECS refuses a request.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
"""


class EcsError(ValueError):
    """An error of the ECS API.

    Args:
        code: Such as `ClusterNotFoundException`.
        message: In the words of ECS.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def invalid(message: str) -> EcsError:
    """A parameter is wrong."""
    return EcsError("InvalidParameterException", message)


def client_error(message: str) -> EcsError:
    """What was asked for does not exist or does not go together."""
    return EcsError("ClientException", message)


def refuse(problem: str) -> None:
    """Raise an InvalidParameterException unless the problem is empty."""
    if problem:
        raise invalid(problem)
