"""What a release does, in an order in which nothing is seen before all of it is there.

The commit is made without a branch, the image is pushed, and only then are tag and branch moved, together.
What fails before leaves an image at most, which a second run uses.
"""

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.image_publication import ImagePublication
from kf_airflow_deploy.release_checks import Plan
from kf_airflow_deploy.release_record import Record

RECORD = "release.json"


def begun(plan: Plan, publication: ImagePublication) -> Record | None:
    """Return the release of that version that was begun and can be gone on with, or None.

    Raises:
        DeployError: When the registry has the version's image, and it is not this release's.
    """
    record = Record.read(publication.folder / RECORD)
    found = publication.registry.digest(plan.version)
    usable = record is not None and record.parent == plan.parent and publication.repository.has(record.commit)
    if found is not None and not (usable and record and record.digest == found):
        raise DeployError(
            f"{publication.registry.address} has {plan.version} already, as {found}, "
            "and not from this commit: take a higher version, or remove that image if nothing runs it."
        )
    return record if usable else None


def carry_out(plan: Plan, publication: ImagePublication, record: Record | None) -> str:
    """Carry a release out, and return the reference of its image.

    Args:
        plan: What it changes.
        publication: How its image gets to the registry.
        record: The release that was begun, from `begun`.

    Raises:
        DeployError: When a step fails, with what is there by then.
    """
    repository, say = publication.repository, publication.say
    path = publication.folder / RECORD
    if record is None:
        record = Record(plan.parent, repository.commit_with(plan.files, f"Release {plan.version}"))
        record.write(path)
    else:
        say(f"going on with the release of {plan.version} that was begun")
    try:
        if record.digest:
            image = publication.pull(record.digest)
        else:
            image = publication.build(record.commit, plan.version)
            record = Record(record.parent, record.commit, publication.push(image, plan.version))
            record.write(path)
        publication.describe(image, commit=record.commit, tag=plan.version, digest=record.digest)
        reference = publication.reference(plan.version, record.digest)
        say(f"tagging {plan.version}" + (f", to {plan.remote}" if plan.remote else ""))
        repository.publish(
            record.commit,
            branch=plan.branch,
            tag=plan.version,
            message=f"Release {plan.version}\n\n{reference}",
            remote=plan.remote,
        )
    except DeployError as error:
        left = "its image is in the registry, and " if record.digest else ""
        raise DeployError(
            f"{error}\n{plan.version} is not released: {left}neither commit nor tag is there. "
            "The same command goes on from here."
        ) from error
    try:
        repository.follow(record.commit)
    except DeployError as error:
        say(f"{plan.version} is released, and {plan.branch} here is not there yet ({error}): git pull")
    return reference
