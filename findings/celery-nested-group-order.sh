#!/usr/bin/env bash
# If a chord of Celery has a group inside its header, the body receives the results of that group in reverse order.
# Users of Celery meet it when a function that returns a group is used as one member of a larger chord: no error occurs, and
# the results belong to the wrong inputs. A group inside a group, without a body, keeps its order.
# Instead: write one flat list of signatures as the header, or let each task return its input together with its result.
# Seen with 5.2.6 (here) and with 5.6.3, with Redis and with the result backend in memory.
# Needs Debian 12 (apt-get, dpkg-deb) and Python 3. Prints what it expected and what it saw; fails if that changes.
set -euo pipefail

packages=(
  python3-celery=5.2.6-5 python3-kombu=5.2.4-1 python3-billiard=4.1.0-1 python3-vine=5.0.0+dfsg-3 python3-amqp=5.1.1-1
  python3-cached-property=1.5.2-1 python3-click=8.1.3-2 python3-click-didyoumean=0.3.0-2 python3-click-plugins=1.1.1-4
  python3-click-repl=0.2.0-3 python3-prompt-toolkit=3.0.36-2 python3-wcwidth=0.2.5+dfsg1-1.1 python3-tz=2022.7.1-4
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq "${packages[@]}" 2>download.log || { cat download.log >&2; exit 1; }
for package in *.deb; do dpkg-deb -x "$package" root; done

cat >finding.py <<'PYTHON'
import sys
import celery
from celery import Celery, chord, group
from celery.contrib.testing.worker import start_worker

app = Celery('finding', broker='memory://', backend='cache+memory://')

@app.task
def same(x):
    return x

with start_worker(app, perform_ping_check=False, pool='solo'):
    header = [same.s(1), group(same.s(2), same.s(3), same.s(4)), same.s(5)]
    seen = chord(header, same.s())().get(timeout=20)

print('Celery', celery.__version__)
print('expected: [1, 2, 3, 4, 5]')
print('seen:    ', seen)
if seen != [1, 4, 3, 2, 5]:
    sys.exit('This has changed: see docs/coming-from-celery.md.')
PYTHON
PYTHONPATH=root/usr/lib/python3/dist-packages python3 finding.py
