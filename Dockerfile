# The one image of every component. Built by BuildKit and by the classic builder alike, so: no RUN --mount, no
# here-documents, no COPY --link. docker/README.md says what the build arguments and the image's environment mean.
ARG BASE_IMAGE=debian:trixie-slim

# --- base: Python, the same in both other stages, so that a compiled package meets the libraries it was built for
FROM ${BASE_IMAGE} AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log

# --- build: the packages in /opt/venv, ours in /opt/runtime
FROM base AS build
RUN apt-get update && apt-get install --yes --no-install-recommends binutils python3-venv
# `build/image*` is there only when a private CA is: a wildcard may match nothing, a plain name may not.
COPY docker/requirements.lock docker/build-requirements.lock docker/install_packages.sh build/image* /build/
ARG CA_BUNDLE_PATH=""
RUN CA_BUNDLE_PATH="$CA_BUNDLE_PATH" sh /build/install_packages.sh
COPY docker/runtime /build/runtime
RUN sh /build/install_packages.sh runtime

# --- the image
FROM base
RUN groupadd --gid 50000 airflow \
    && useradd --uid 50000 --gid airflow --home-dir /opt/airflow --no-create-home --shell /usr/sbin/nologin airflow \
    && install --directory /opt/airflow \
    && install --directory --owner=airflow --group=airflow /opt/airflow/logs /opt/airflow/run \
    && chown airflow:airflow /tmp
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/runtime /opt/venv
COPY docker/certificates /opt/kf-airflow/certificates
COPY docker/airflow /opt/airflow
COPY dags /opt/airflow/dags
# True of every deployment of this image. What depends on the deployment comes from its task definition.
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/airflow/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__AUTH_MANAGER=airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/opt/airflow/logs \
    AIRFLOW__CELERY__FLOWER_URL_PREFIX=/flower
# What no archive can be made of (docs/dag_versions.md) is said here and not at the first deployment.
RUN python3 -m kf_airflow_runtime.dag_archive "$AIRFLOW__CORE__DAGS_FOLDER"
# All that is written. Fargate gives the empty volume that a task mounts there the owner the folder has here, but only if it
# is named here; without it the volume is root's.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
VOLUME ["/opt/airflow/logs", "/opt/airflow/run", "/tmp"]
USER airflow
WORKDIR /opt/airflow
EXPOSE 5555 8080 8793 8794 8795 8974
ENTRYPOINT ["tini", "--", "kf-airflow"]
