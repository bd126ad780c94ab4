"""Demands of the JSON reports of .ci/load/speedgate.yml what the knobs of the shop imply.

Usage: check.py FOLDER with quick.json, limit.json, burst.json, lost.json and scale.json.
"""

import json
import os
import sys


def report(name):
    with open(os.path.join(sys.argv[1], name + ".json"), encoding="utf-8") as text:
        return json.load(text)


def value(name, subject, metric):
    found = [m for m in report(name)["metrics"] if (m["subject"], m["metric"]) == (subject, metric)]
    if not found:
        raise SystemExit(f"{name}: no {metric} of {subject}")
    return found[0]["current"]


def within(what, got, low, high):
    print(f"{what}: {got:g}, expected {low:g} to {high:g}")
    if not low <= got <= high:
        raise SystemExit(f"{what} is out of range")


# Half of the quick load waits 15 ms for the store, and all of it is answered.
within("requests a second", value("quick", "Aggregated", "throughput"), 95, 105)
within("p50 in ms", value("quick", "Aggregated", "latency_p50"), 15, 30)
if value("quick", "process:shop", "memory_usage") <= 0:
    raise SystemExit("the memory of the service was not measured")

# Eight workers at 50 ms answer 160 requests a second.
within("breaking point", value("limit", "profile:limit", "breaking_point"), 160 * 0.85, 160 * 1.15)

# What a burst of 300 a second for 3 s leaves waiting, some 420 requests, is answered by
# what a load of 60 leaves of 160: in some 4 s, measured in whole seconds.
within("recovery in s", value("burst", "profile:burst", "recovery_time"), 2, 12)

# An alert ended the test, and what was measured until then is there.
lost = report("lost")
if "an alert ended it" not in lost["reason"] or lost["verdict"] != "fail":
    raise SystemExit(f"the lost test came to {lost['verdict']}: {lost['reason']}")
within("requests before the abort", value("lost", "Aggregated", "requests"), 50, 600)

# Twice the workers answer twice as much: no contention to speak of.
scaling = report("scale")["scaling"]["subjects"][0]
within("efficiency at 8 workers", scaling["points"][-1]["efficiency"], 0.8, 1.1)
within("contention", scaling["fit"]["contention"], 0, 0.05)
