# Times Celery's bulk: from the first .delay() until the backend holds every result. One JSON line per run.
# Arguments: <runs> <count> [<runs> <count> …]; the first pair is the warm-up's. Celery has no bulk publish: a group()
# sends its members one by one as well. Results are counted by DBSIZE, which costs Redis nothing.
import json
import os
import sys
import time

import redis
from noop_celery import app, echo

POLL_SECONDS = 0.005
LIMIT_SECONDS = 120

results = redis.Redis(port=int(os.environ["REDIS_PORT"]), db=1)


def wait_for_worker():
    deadline = time.monotonic() + 30
    while not app.control.ping(timeout=0.5):
        if time.monotonic() > deadline:
            sys.exit("no Celery worker answered within 30 s")


def run(count):
    results.flushdb()
    started = time.perf_counter()
    sent = [echo.delay(1) for _ in range(count)]
    published = time.perf_counter()
    while results.dbsize() < count:
        if time.perf_counter() - started > LIMIT_SECONDS:
            sys.exit(f"only {results.dbsize()} of {count} results after {LIMIT_SECONDS} s")
        time.sleep(POLL_SECONDS)
    finished = time.perf_counter()
    stored = (results.get(key) for key in results.scan_iter("celery-task-meta-*", count=1000))
    successes = sum(json.loads(value)["status"] == "SUCCESS" for value in stored)
    if successes != len(sent):
        sys.exit(f"{successes} of {len(sent)} tasks succeeded")
    return {"count": count, "seconds": finished - started, "publish_seconds": published - started}


wait_for_worker()
pairs = [int(argument) for argument in sys.argv[1:]]
for runs, count in zip(pairs[::2], pairs[1::2]):
    for _ in range(runs):
        print(json.dumps(run(count)), flush=True)
