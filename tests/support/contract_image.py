"""The images of the contract suite, built as the images of the local system are."""

from project import ROOT

from kf_airflow_local import engine, images
from kf_airflow_local.build_context import BuildContext

CONTRACT = images.Recipe("kf-airflow-contract", context="tests/extension/image")
API_SERVICE = images.Recipe("dataservice", "tests/examples/api_service/Dockerfile")


def built_image(recipe: images.Recipe = CONTRACT) -> str:
    """Builds an image, unless it is there, and returns its reference."""
    client = engine.client()
    context = BuildContext(ROOT / recipe.context, recipe.dockerfile)
    digest = context.digest({})
    image = images.find(client, recipe, digest)
    if image is None:
        images.prepare(client, print)
        image = images.build(client, recipe, context, digest, print)
    return f"{recipe.name}:{images.short_id(image)}"
