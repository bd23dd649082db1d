"""The three images of the local system, built when what they are made of has changed."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.errors import APIError, DockerException
from docker.models.images import Image

from kf_airflow_local import base_image, host
from kf_airflow_local.build_context import CA_BUNDLE_PATH, BuildContext, ca_bundle
from kf_airflow_local.errors import LauncherError

INPUTS_LABEL = "kf-airflow.inputs"
NEEDED_GIBIBYTES = 4.0
"""The three images and their build stages, measured with a margin."""


@dataclass(frozen=True)
class Recipe:
    """One image and what it is built from.

    Args:
        name: Name of the image, without a tag.
        dockerfile: Path of its Dockerfile, relative to the context.
        context: Path of its build context, relative to the root of the repository.
    """

    name: str
    dockerfile: str = "Dockerfile"
    context: str = "."


AIRFLOW = Recipe("kf-airflow")
LOCALSTACK = Recipe("kf-airflow-localstack", "localstack/Dockerfile")
BACKING = Recipe("kf-airflow-backing", context="localstack/backing")
RECIPES = (BACKING, LOCALSTACK, AIRFLOW)


@dataclass
class Images:
    """The images, by name, as references that change with the content: ``kf-airflow:0123456789ab``."""

    references: dict[str, str] = field(default_factory=dict)
    built: list[str] = field(default_factory=list)

    def __getitem__(self, recipe: Recipe) -> str:
        """Return the reference of a recipe's image."""
        return self.references[recipe.name]


def ensure(
    client: docker.DockerClient,
    root: Path,
    say: Callable[[str], None],
    *,
    dags: Mapping[str, bytes] | None = None,
) -> Images:
    """Make sure that every image is there and made from what is in the working tree.

    Args:
        client: The engine.
        root: Root of the repository.
        say: Told what happens.
        dags: DAGs that the Airflow image has besides the repository's, by path. None if left out.

    Returns:
        The images, and which of them had to be built.

    Raises:
        LauncherError: When one cannot be built.
    """
    images = Images()
    for recipe in RECIPES:
        added = (dags or {}) if recipe is AIRFLOW else {}
        context = BuildContext(root / recipe.context, recipe.dockerfile, added)
        digest = context.digest({})
        image = find(client, recipe, digest)
        if image is None:
            if not images.built:
                prepare(client, say)
            say(f"building {recipe.name}")
            image = build(client, recipe, context, digest, say)
            images.built.append(recipe.name)
        images.references[recipe.name] = f"{recipe.name}:{short_id(image)}"
    return images


def prepare(client: docker.DockerClient, say: Callable[[str], None]) -> None:
    """Make sure that there is room to build, and something to build on."""
    host.require_free_space(Path(client.info()["DockerRootDir"]), NEEDED_GIBIBYTES, "Building the images")
    base_image.ensure(client, say)


def find(client: docker.DockerClient, recipe: Recipe, digest: str) -> Image | None:
    """Return the image that was built from inputs with that hash, or None."""
    found = client.images.list(name=recipe.name, filters={"label": f"{INPUTS_LABEL}={digest}"})
    return found[0] if found else None


def short_id(image: Image) -> str:
    """Return the first 12 characters of an image's id."""
    return str(image.id).removeprefix("sha256:")[:12]


def build(
    client: docker.DockerClient,
    recipe: Recipe,
    context: BuildContext,
    digest: str,
    say: Callable[[str], None],
    *,
    labels: Mapping[str, str] | None = None,
) -> Image:
    """Build one image and tag it by its id.

    Args:
        client: The engine.
        recipe: The image.
        context: What it is built from.
        digest: The hash of that, by which it is found again.
        say: Told what happens.
        labels: Further labels. None if left out.

    Raises:
        LauncherError: When a step fails, with the end of what it printed.
    """
    bundle = ca_bundle(os.environ)
    extra = {CA_BUNDLE_PATH: bundle} if bundle else {}
    said: list[str] = []
    identifier = ""
    try:
        events = client.api.build(
            fileobj=context.archive(extra),
            custom_context=True,
            dockerfile=recipe.dockerfile,
            labels={**(labels or {}), INPUTS_LABEL: digest},
            buildargs={"CA_BUNDLE_PATH": CA_BUNDLE_PATH} if bundle else {},
            # Where registries are reached by way of a proxy on this host, a network of its own has no way to
            # it.
            network_mode="host",
            rm=True,
            forcerm=True,
            decode=True,
        )
        for event in events:
            text = str(event.get("stream", "")).strip()
            said += text.splitlines()
            if re.match(r"Step \d+/\d+ :", text):
                say(f"{recipe.name}: {text.splitlines()[0][:120]}")
            identifier = event.get("aux", {}).get("ID", identifier)
            if "error" in event:
                end = "\n".join(said[-20:])
                raise LauncherError(f"{recipe.name} could not be built: {event['error']}\n{end}")
        image = client.images.get(identifier)
        image.tag(recipe.name, tag=short_id(image))
        keep_stages(client, recipe, stage_ends(said))
    except DockerException as error:
        raise LauncherError(f"{recipe.name} could not be built: {error}") from error
    return image


def stage_ends(said: list[str]) -> list[str]:
    """Return the ids of the images that the stages before the last one ended with.

    Args:
        said: What the engine said while it built, line by line.
    """
    ends, last = [], ""
    for line in said:
        if re.match(r"Step \d+/\d+ : FROM ", line) and last:
            ends.append(last)
        if found := re.fullmatch(r"-+> ([0-9a-f]{12,64})", line):
            last = found.group(1)
    return list(dict.fromkeys(ends))


def keep_stages(client: docker.DockerClient, recipe: Recipe, ends: list[str]) -> None:
    """Name the ends of build stages: they are the cache of the next build, and can be found and removed.

    Those of the build before go, unless another image is built on them: nobody would ever find them again.
    """
    repository = f"{recipe.name}-stage"
    before = client.images.list(name=repository)
    for number, identifier in enumerate(ends):
        client.images.get(identifier).tag(repository, tag=str(number))
    for image in before:
        image.reload()
        if not image.tags:
            _remove(client, str(image.id))


def prune(client: docker.DockerClient, *, keep_newest: bool) -> list[str]:
    """Remove images of ours that are out of date.

    Args:
        client: The engine.
        keep_newest: Keep the newest of each and its build stages, as a cache for the next ``up``; else all of
            them go, and a base image that was made here.

    Returns:
        The references that were removed. An image in use stays.
    """
    references = []
    for recipe in RECIPES:
        found = client.images.list(name=recipe.name, filters={"label": INPUTS_LABEL})
        found.sort(key=lambda image: str(image.attrs["Created"]), reverse=True)
        stages = client.images.list(name=f"{recipe.name}-stage")
        outdated = found[1:] if keep_newest else [*found, *stages]
        references += [reference for image in outdated for reference in image.tags]
    if not keep_newest:
        # Images that are built on it inherit its label, so the name has to be the same too.
        made = client.images.list(name=base_image.BASE_IMAGE, filters={"label": base_image.MADE_LABEL})
        references += [reference for image in made for reference in image.tags]
    return [reference for reference in references if _remove(client, reference)]


def _remove(client: docker.DockerClient, reference: str) -> bool:
    """Remove an image; returns whether it is gone: what something still uses stays."""
    try:
        client.images.remove(reference)
    except APIError:
        return False
    return True
