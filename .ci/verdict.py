"""Demands of a JSON report of speedgate that it holds a verdict, and for the right reason.

A pass must have compared something. A failure must be that of the search, which is
what was made slower.
"""

import json
import sys


def main(path, verdict):
    with open(path, encoding="utf-8") as text:
        report = json.load(text)
    if report["verdict"] != verdict:
        return f"the verdict is {report['verdict']}, not {verdict}"
    if report["compared"] == 0:
        return "nothing was compared"
    slower = [m for m in report["metrics"] if m["verdict"] == "regressed"]
    if verdict == "fail" and not any((m["subject"], m["metric"]) == ("GET /search", "latency_p50") for m in slower):
        return "the slowed search is not among the regressed metrics"
    print(f"{verdict}: compared {report['compared']} of {report['expected']}, {len(slower)} regressed")
    return None


sys.exit(main(*sys.argv[1:]))
