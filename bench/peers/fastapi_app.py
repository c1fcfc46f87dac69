# The FastAPI side: POST /enqueue passes the no-op to Celery, GET /result/{id} waits for its result. The first route is
# `async def`, which is faster here, although Celery's client blocks for a moment. The second waits, so it is a plain
# `def`, which FastAPI runs in its thread pool.
from celery.result import AsyncResult
from fastapi import FastAPI
from noop_celery import app as celery
from noop_celery import echo
from pydantic import BaseModel

app = FastAPI()


class Task(BaseModel):
    value: int


@app.post("/enqueue", status_code=202)
async def enqueue(task: Task):
    return {"task_id": echo.delay(task.value).id}


@app.get("/result/{task_id}")
def result(task_id: str):
    return {"task_id": task_id, "status": "SUCCESS", "result": AsyncResult(task_id, app=celery).get(timeout=10)}
