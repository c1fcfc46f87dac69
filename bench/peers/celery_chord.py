# Times Celery's chord: from the call to the body's result. One JSON line per run. Arguments: <runs> <count>.
import json
import sys
import time

from celery import chord
from noop_celery import app, echo, gather

LIMIT_SECONDS = 120


def run(count):
    started = time.perf_counter()
    result = chord((echo.s(n) for n in range(count)), gather.s())()
    values = result.get(timeout=LIMIT_SECONDS, interval=0.005)
    finished = time.perf_counter()
    if len(values) != count:
        sys.exit(f"{len(values)} of {count} results")
    return {"count": count, "seconds": finished - started}


deadline = time.monotonic() + 30
while not app.control.ping(timeout=0.5):
    if time.monotonic() > deadline:
        sys.exit("no Celery worker answered within 30 s")
for _ in range(int(sys.argv[1])):
    print(json.dumps(run(int(sys.argv[2]))), flush=True)
