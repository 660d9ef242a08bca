# Two stages: the first builds an environment from the hash-pinned lock, the second holds only what runs.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /opt/watcher
COPY requirements/run.lock requirements/run.lock
RUN /opt/watcher/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY watcher watcher
COPY config config
COPY seeds seeds
RUN /opt/watcher/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .
# What verbs would work out at their first call, where nobody can write later: the shipped concepts.
RUN /opt/watcher/bin/watcher rules concepts > /dev/null

FROM ${BASE}
LABEL org.opencontainers.image.title="watcher" \
      org.opencontainers.image.description="Watches news feeds and sends one clear alert per story" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/watcher /opt/watcher
COPY config /config
RUN mkdir -p /data && chown 10001:10001 /data
ENV PATH=/opt/watcher/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TMPDIR=/data/tmp \
    SQLITE_TMPDIR=/data/tmp \
    WATCHER_CONFIG=/config \
    WATCHER_DATA=/data
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
# The page stays on the container's loopback until WATCHER_BIND and a token are set; see compose.yaml.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["watcher", "health"]
ENTRYPOINT ["watcher"]
CMD ["run"]
