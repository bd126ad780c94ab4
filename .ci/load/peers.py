"""Puts the built-in load beside hey and wrk: the same shop, machine and minute.

Usage: peers.py SPEEDGATE SHOP HEY WRK. Prints a Markdown table of what each delivered,
what it measured of a service that takes 20 ms, and the processor time for a request.
It asserts nothing of these: they are of this machine. It fails if a tool delivered
nothing.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

speedgate, shop, hey = map(os.path.abspath, sys.argv[1:4])
wrk = sys.argv[4]
SECONDS = 5
ADDRESS = "127.0.0.1:18129"
URL = f"http://{ADDRESS}/products/1"
CONFIG = """version: 1
profiles:
  peer:
    driver: http
    url: "http://%s"
    rate: %d/s
    duration: %ds
    warmup: 1s
    alerts: none
    connections: %d
    requests: [{path: /products/1}]
"""


def measured(argv, accepted=(0,), **options):
    """Runs a program, and returns what it printed and its processor time in seconds."""
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    printed, said = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        raise SystemExit(f"{argv[0]} ended with {process.returncode}: {printed}{said}")
    return printed, usage.ru_utime + usage.ru_stime


def of_speedgate(rate, connections):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "speedgate.yml"), "w", encoding="utf-8") as config:
            config.write(CONFIG % (ADDRESS, rate, SECONDS, connections))
        # A machine that is too slow for the rate may fail the test; the figures stand.
        argv = [speedgate, "run", "peer", "--out", "out", "--report", "json=report.json"]
        _, cpu = measured(argv, accepted=(0, 1, 3), cwd=folder)
        with open(os.path.join(folder, "report.json"), encoding="utf-8") as text:
            metrics = {m["metric"]: m["current"] for m in json.load(text)["metrics"] if m["subject"] == "Aggregated"}
    throughput = metrics["throughput"]
    # The second of warm-up costs as much as the others.
    return throughput, metrics["latency_p50"], metrics["latency_p99"], cpu / (throughput * (SECONDS + 1))


def of_hey(rate, connections):
    each = ["-q", str(rate / connections)] if rate else []
    printed, cpu = measured([hey, "-z", f"{SECONDS}s", "-c", str(connections), *each, URL])
    throughput = float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])
    p50, p99 = (float(re.search(rf"{p}% in ([\d.]+) secs", printed)[1]) * 1000 for p in (50, 99))
    return throughput, p50, p99, cpu / (throughput * SECONDS)


def in_ms(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def of_wrk(connections):
    printed, cpu = measured([wrk, "-t2", f"-c{connections}", f"-d{SECONDS}s", "--latency", URL])
    throughput = float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])
    p50, p99 = (in_ms(re.search(rf"{p}%\s+(\S+)", printed)[1]) for p in (50, 99))
    return throughput, p50, p99, cpu / (throughput * SECONDS)


def row(tool, asked, figures):
    throughput, p50, p99, cpu = figures
    if throughput <= 0:
        raise SystemExit(f"{tool} delivered nothing")
    print(f"| {tool} | {asked} | {throughput:,.0f} | {p50:.1f} | {p99:.1f} | {cpu * 1e6:.0f} |", flush=True)


def serve(round_trip):
    """Starts the shop, and waits until it answers."""
    service = subprocess.Popen([shop, "-addr", ADDRESS, "-round-trip", round_trip], stdout=subprocess.DEVNULL)
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://{ADDRESS}/healthz", timeout=1).close()
            return service
        except OSError:
            time.sleep(0.1)
    service.kill()
    raise SystemExit("the shop does not answer")


def beside(round_trip, rates, connections):
    service = serve(round_trip)
    try:
        for rate in rates:
            row("speedgate", f"{rate}/s", of_speedgate(rate, connections))
            row("hey", f"{rate}/s", of_hey(rate, connections))
        row("hey", "all", of_hey(0, connections))
        row("wrk", "all", of_wrk(connections))
    finally:
        service.terminate()
        service.wait()


for title, round_trip, rates, connections in (
    ("a service that takes 20 ms", "20ms", (200, 1000, 3000), 200),
    ("one that takes next to nothing", "0s", (500, 3000, 15000), 50),
):
    print(f"\n{title}:\n\n| tool | asked | requests/s | p50 ms | p99 ms | CPU µs a request |\n|---|---|---|---|---|---|", flush=True)
    beside(round_trip, rates, connections)
