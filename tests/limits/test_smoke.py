from plain_airflow import PlainAirflow


def test_smoke(airflow: PlainAirflow) -> None:
    run = airflow.api.trigger("one")
    assert airflow.wait_for_states("one", run, "success", seconds=60)
    print(airflow.ran("one", run))
    run = airflow.api.trigger("burst")
    assert airflow.wait_for_states("burst", run, "success", seconds=60)
    print(airflow._containers.last_words(25))
