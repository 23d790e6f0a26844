# One image, two commands: `ingest run` (nightly, or by the worker) and `serve` (the bot).
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/footnote \
 && /opt/footnote/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY bot bot
COPY ingest ingest
COPY sql sql
RUN /opt/footnote/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 footnote
COPY --from=build /opt/footnote /opt/footnote
ENV PATH=/opt/footnote/bin:$PATH FOOTNOTE_HOME=/home/footnote/.footnote
USER footnote
WORKDIR /home/footnote
EXPOSE 3000
ENTRYPOINT ["footnote"]
CMD ["serve"]
