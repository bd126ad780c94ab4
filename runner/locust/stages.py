"""Gives the users of this test the stages of its profile, one after the other."""

import json
import os
import sys
import time

import gevent
from locust import LoadTestShape, events, stats

with open(os.path.join(os.path.dirname(__file__), "stages.json"), encoding="utf-8") as text:
    PLAN = json.load(text)

# Over how many seconds the percentiles of a row of the history are.
stats.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW = PLAN["window"]


class SpeedgateStages(LoadTestShape):
    """Locust asks it once a second how many users there are to be."""

    def __init__(self):
        super().__init__()
        self.number = -1
        self.ends = 0.0

    def tick(self):
        if self.number >= 0:
            left = self.ends - time.monotonic()
            if left >= 1:
                return self.users()
            gevent.sleep(max(left, 0))  # the next stage begins before the next question
        self.number += 1
        if self.number == len(PLAN["stages"]):
            return None
        stage = PLAN["stages"][self.number]
        self.ends = time.monotonic() + stage["seconds"]
        if stage["reset"]:
            self.runner.stats.reset_all()
        print(f"speedgate: stage {self.number}", file=sys.stderr, flush=True)
        return self.users()

    def users(self):
        stage = PLAN["stages"][self.number]
        return stage["users"], stage["spawn_rate"]


@events.init.add_listener
def check(environment, **_):
    """Locust takes the first shape that it finds."""
    if not isinstance(environment.shape_class, SpeedgateStages):
        sys.exit("the locustfile has a load shape of its own, and so has the profile; leave one of them out")
