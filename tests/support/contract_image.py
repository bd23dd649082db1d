"""The image of the contract suite, built as the images of the local system are."""

from project import ROOT

from kf_airflow_local import engine, images
from kf_airflow_local.build_context import BuildContext

RECIPE = images.Recipe("kf-airflow-contract", context="tests/extension/image")


def built_image() -> str:
    """Builds the image, unless it is there, and returns its reference."""
    client = engine.client()
    context = BuildContext(ROOT / RECIPE.context, RECIPE.dockerfile)
    digest = context.digest({})
    image = images.find(client, RECIPE, digest)
    if image is None:
        images.prepare(client, print)
        image = images.build(client, RECIPE, context, digest, print)
    return f"{RECIPE.name}:{images.short_id(image)}"
