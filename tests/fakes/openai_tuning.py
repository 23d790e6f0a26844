"""Fine-tuning on the fake: files, jobs with their events and checkpoints, by hand instead of time.

A job moves a step each time its state is asked for, until `hold` says to stay; then it has a model,
which answers chats from then on. `fail` names the reason of the next job's failure; `closed` is
what a service says that takes no more jobs.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.openai_replies import CREATED
from tests.fakes.serving import Json

FEWEST = 10  # examples


@dataclass
class Job:
    """A job as the service keeps it."""

    id: str
    body: Json
    step: int = 0
    status: str = "validating_files"
    model: str | None = None
    error: str | None = None
    events: list[Json] = field(default_factory=list)


class Tuning:
    """The files and jobs of one fake server; `made` is told of each model that comes about."""

    def __init__(self, made: Callable[[str], None]) -> None:
        self.steps = 4
        self.hold: int | None = None  # the step at which jobs stay
        self.fail: str | None = None
        self.closed: str | None = None
        self.files: dict[str, tuple[str, str]] = {}  # id → name and content
        self.jobs: dict[str, Job] = {}
        self.lose_answers = 0  # to so many creations of a job the connection breaks
        self.held = threading.Event()
        self._made = made

    def routes(self) -> tuple[web.AbstractRouteDef, ...]:
        """What is served under /v1."""
        return (
            web.post("/v1/files", self._upload),
            web.get("/v1/files", self._list_files),
            web.post("/v1/fine_tuning/jobs", self._create),
            web.get("/v1/fine_tuning/jobs", self._list_jobs),
            web.get("/v1/fine_tuning/jobs/{job}", self._retrieve),
            web.post("/v1/fine_tuning/jobs/{job}/cancel", self._cancel),
            web.get("/v1/fine_tuning/jobs/{job}/events", self._events),
            web.get("/v1/fine_tuning/jobs/{job}/checkpoints", self._checkpoints),
        )

    # Files

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        sent: Any = form["file"]
        content = sent.file.read().decode()
        number = f"file-{len(self.files) + 1}"
        self.files[number] = (sent.filename, content)
        return web.json_response(self._file(number))

    async def _list_files(self, _: web.Request) -> web.Response:
        return web.json_response(_list([self._file(number) for number in self.files]))

    def _file(self, number: str) -> Json:
        name, content = self.files[number]
        return {
            "id": number, "object": "file", "bytes": len(content), "created_at": CREATED,
            "filename": name, "purpose": "fine-tune", "status": "processed",
        }  # fmt: skip

    # Jobs

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if self.closed is not None:
            return _refused(self.closed, status=403)
        _, content = self.files.get(body["training_file"], ("", ""))
        wrong = _wrong(content, dpo=body["method"]["type"] == "dpo")
        if wrong is not None:
            return _refused(wrong)
        number = f"ftjob-{len(self.jobs) + 1}"
        self.jobs[number] = Job(number, body)
        self._say(self.jobs[number], "Created fine-tuning job")
        if self.lose_answers:
            self.lose_answers -= 1
            if request.transport is not None:
                request.transport.abort()
        return web.json_response(self._job(self.jobs[number]))

    async def _list_jobs(self, _: web.Request) -> web.Response:
        return web.json_response(_list([self._job(job) for job in reversed(self.jobs.values())]))

    async def _retrieve(self, request: web.Request) -> web.Response:
        job = self.jobs[request.match_info["job"]]
        if job.status in ("validating_files", "running"):
            self._move(job)
        return web.json_response(self._job(job))

    def _move(self, job: Job) -> None:
        if self.hold is not None and job.step >= self.hold:
            self.held.set()
            return
        job.step += 1
        job.status = "running"
        loss = round(2.0 / job.step, 3)
        self._say(
            job,
            f"Step {job.step}/{self.steps}: training loss={loss}",
            {"step": job.step, "total_steps": self.steps, "train_loss": loss},
        )
        if self.fail is not None and job.step > 1:
            job.status, job.error, self.fail = "failed", self.fail, None
        elif job.step == self.steps:
            job.status = "succeeded"
            number = job.id.partition("-")[2]
            job.model = f"ft:{job.body['model']}:desk:{job.body.get('suffix', '')}:{number}"
            self._made(job.model)
            self._say(job, "The job has successfully completed")

    async def _cancel(self, request: web.Request) -> web.Response:
        job = self.jobs[request.match_info["job"]]
        job.status = "cancelled"
        return web.json_response(self._job(job))

    async def _events(self, request: web.Request) -> web.Response:
        return web.json_response(_list(self.jobs[request.match_info["job"]].events[::-1]))

    async def _checkpoints(self, request: web.Request) -> web.Response:
        job = self.jobs[request.match_info["job"]]
        found = [
            {
                "id": f"ftckpt-{step}", "object": "fine_tuning.job.checkpoint",
                "created_at": CREATED, "fine_tuning_job_id": job.id, "step_number": step,
                "fine_tuned_model_checkpoint": f"{job.model}:ckpt-step-{step}",
                "metrics": {"step": step, "train_loss": round(2.0 / step, 3)},
            }
            for step in range(job.step, 0, -1)
        ]  # fmt: skip
        return web.json_response(_list(found))

    def _say(self, job: Job, message: str, data: Json | None = None) -> None:
        job.events.append(
            {
                "id": f"ftevent-{job.id}-{len(job.events)}", "object": "fine_tuning.job.event",
                "created_at": CREATED + len(job.events), "level": "info", "message": message,
                "type": "metrics" if data else "message", "data": data or {},
            }
        )  # fmt: skip

    def _job(self, job: Job) -> Json:
        failed = {"code": "failed", "message": job.error, "param": None} if job.error else None
        return {
            "id": job.id, "object": "fine_tuning.job", "created_at": CREATED,
            "error": failed, "fine_tuned_model": job.model, "finished_at": None,
            "hyperparameters": {"n_epochs": 3}, "model": job.body["model"],
            "organization_id": "org-fake", "result_files": [], "seed": 1, "status": job.status,
            "trained_tokens": 12_000 if job.model else None,
            "training_file": job.body["training_file"],
            "validation_file": job.body.get("validation_file"),
            "metadata": job.body.get("metadata"), "method": job.body.get("method"),
        }  # fmt: skip


def _wrong(content: str, *, dpo: bool) -> str | None:
    """What the service says of a training file that it cannot use."""
    lines = [json.loads(line) for line in content.splitlines()]
    if len(lines) < FEWEST:
        return f"Training file has {len(lines)} example(s), but must have at least {FEWEST}."
    needed = {"input", "preferred_output", "non_preferred_output"} if dpo else {"messages"}
    if any(set(line) != needed for line in lines):
        return "Invalid file format."
    return None


def _list(data: list[Json]) -> Json:
    return {"object": "list", "data": data, "has_more": False}


def _refused(message: str, status: int = 400) -> web.Response:
    body = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return web.json_response({"error": body}, status=status)
