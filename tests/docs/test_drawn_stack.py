"""What is drawn is what is deployed."""

from kf_airflow.components import RECIPIENTS
from kf_airflow_site.diagrams import DIAGRAMS, containers, parts, traffic
from kf_airflow_site.drawn_stack import DrawnStack, Way
from kf_airflow_site.stack_tables import TABLES, secrets

SECRET = {"referenced_security_group_id": "${aws_security_group.web.id}"}


def resource(path: str, **arguments: object) -> dict[str, object]:
    return {"//": {"metadata": {"path": f"stack/{path}"}}, **arguments}


def test_a_rule_between_groups_is_a_way_between_their_parts() -> None:
    stack = DrawnStack(
        {
            "resource": {
                "aws_security_group": {
                    "web": resource("airflow/web/security-group"),
                    "store": resource("airflow/store/security-group"),
                },
                "aws_vpc_security_group_ingress_rule": {
                    "in": resource(
                        "airflow/store-from-web",
                        security_group_id="${aws_security_group.store.id}",
                        from_port=5432,
                        description="From web",
                        **SECRET,
                    )
                },
            }
        }
    )

    assert stack.ways == (Way("web", "store", 5432, "From web"),)


def test_addresses_that_are_let_in_are_a_source_of_their_own(prd: DrawnStack) -> None:
    users = {(way.target, way.port) for way in prd.ways if way.source == "10.20.0.0/16"}

    assert users == {("ingress", 80), ("ingress", 443)}


def test_nobody_but_airflow_and_workers_reaches_the_database(prd: DrawnStack) -> None:
    assert {way.source for way in prd.ways if way.target == "database"} == {"airflow", "worker"}


def test_the_services_are_those_of_the_deployment(prd: DrawnStack) -> None:
    assert list(prd.services) == ["airflow", "flower", "worker"]
    assert [one.name for one in prd.services["worker"]] == ["worker"]


def test_each_container_of_airflow_waits_for_the_migration(prd: DrawnStack) -> None:
    waits = {one.name: dict(one.after) for one in prd.services["airflow"]}

    assert waits.pop("migrate") == {}
    assert set(map(str, waits.values())) == {"{'migrate': 'SUCCESS'}"}


def test_no_worker_is_shown_with_the_keys_it_may_not_have(prd: DrawnStack) -> None:
    (worker,) = prd.services["worker"]
    keys = {key for secret, key in worker.secrets if secret in ("airflow", "metadata")}

    assert keys == {"api_secret_key"}
    assert len(RECIPIENTS) > 5


def test_what_follows_from_other_needs_is_left_out() -> None:
    def needing(path: str, *others: str) -> dict[str, object]:
        return resource(path, needs=[f"${{aws_vpc.{other}.id}}" for other in others])

    stack = DrawnStack(
        {
            "resource": {
                "aws_vpc": {
                    "a": needing("airflow/a/it", "b", "c"),
                    "b": needing("airflow/b/it", "c"),
                    "c": needing("airflow/c/it"),
                }
            }
        }
    )

    assert stack.needs == {("a", "b"), ("a", "c"), ("b", "c")}
    assert stack.nearest_needs == {("a", "b"), ("b", "c")}


def test_parts_that_need_each_other_keep_their_needs(prd: DrawnStack) -> None:
    assert {("airflow", "worker"), ("worker", "airflow")} <= prd.nearest_needs
    assert ("worker", "storage") in prd.nearest_needs


def test_every_way_is_an_edge_of_the_diagram(prd: DrawnStack) -> None:
    drawn = traffic(prd)

    assert [way for way in prd.ways if f'"{way.source}" -> "{way.target}"' not in drawn] == []


def test_every_container_is_a_box_of_the_diagram(prd: DrawnStack) -> None:
    drawn = containers(prd)
    names = [f'"{service}/{one.name}" [' for service, every in prd.services.items() for one in every]

    assert [name for name in names if name not in drawn] == []


def test_every_part_is_in_the_diagram_of_parts(prd: DrawnStack) -> None:
    drawn = parts(prd)

    assert [part for part in prd.parts if part != "wiring" and f'"{part}" [' not in drawn] == []


def test_the_table_of_secrets_names_no_value(prd: DrawnStack) -> None:
    lines = secrets(prd).split("\n")

    assert lines[0] == "| Container | Secrets, and which of their keys |"
    assert any(line.startswith("| `worker` of `worker` | **airflow**: `api_secret_key`") for line in lines)


def test_the_pages_use_every_diagram_and_every_table() -> None:
    from project import ROOT

    text = (ROOT / "docs/architecture.md").read_text()

    assert [name for name in DIAGRAMS if f"<!-- diagram: {name} -->" not in text] == []
    assert [name for name in TABLES if f"<!-- table: {name} -->" not in text] == []
