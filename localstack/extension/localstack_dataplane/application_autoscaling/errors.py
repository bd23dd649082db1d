"""Errors of the Application Auto Scaling API.

https://docs.aws.amazon.com/autoscaling/application/APIReference/CommonErrors.html
"""

from localstack_dataplane.application_autoscaling.model import Key


class ApiError(Exception):
    """What the API answers instead.

    Attributes:
        code: Such as ValidationException.
        message: For people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def invalid(message: str) -> ApiError:
    """A ValidationException."""
    return ApiError("ValidationException", message)


def not_found(what: str, key: Key, more: str = "") -> ApiError:
    """An ObjectNotFoundException, in the words of the API."""
    namespace, resource, dimension = key
    return ApiError(
        "ObjectNotFoundException",
        f"{what} for service namespace: {namespace}, resource ID: {resource}, "
        f"scalable dimension: {dimension}{more}",
    )
