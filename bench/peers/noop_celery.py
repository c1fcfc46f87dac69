# The Celery side's app: the same no-op task as demo.echo, Redis as broker and as result backend, everything else as
# Celery ships it. The worker (celery -A noop_celery worker), the bulk producer and the FastAPI app all import it.
import os

from celery import Celery

REDIS = f"redis://127.0.0.1:{os.environ['REDIS_PORT']}"

app = Celery("noop", broker=f"{REDIS}/0", backend=f"{REDIS}/1")


@app.task(name="demo.echo")
def echo(value):
    return value


@app.task(name="bench.gather")
def gather(values):
    return values
