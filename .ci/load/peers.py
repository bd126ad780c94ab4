"""Puts the built-in load beside hey and wrk: the same shop, machine and minute.

Usage: peers.py SPEEDGATE SHOP EXACT HEY WRK. Prints Markdown tables of what each
delivered, the latencies that it measured, and its processor time for a request; for
speedgate that of the whole run, with its gate. It asserts nothing of these: they are of
this machine. It fails if a tool delivered nothing.

EXACT is the test binary of runner/load, as a service that answers after exactly 20 ms and
says what it measured itself.

Three kinds of load are set beside each other. "even": a request is sent whenever one is
due, as speedgate does always and hey does with one worker. "bunched": hey's workers,
each with its part of the rate, which all send at the same moments; the processor wakes
up less often, and the requests wait for each other. "all": as many as there can be over
the connections; of three rounds, in which the tools take turns, the one in the middle.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

speedgate, shop, exact, hey = map(os.path.abspath, sys.argv[1:5])
wrk = sys.argv[5]
SECONDS = 4
MORE_THAN_ANY = 100_000  # requests a second
CONFIG = """version: 1
profiles:
  peer:
    driver: http
    url: "%s"
    rate: %d/s
    duration: %ds
    warmup: %ds
    timeout: 2s
    alerts: none
    connections: %d
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


def of_speedgate(url, rate, connections, warmup=1):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "speedgate.yml"), "w", encoding="utf-8") as config:
            config.write(CONFIG % (url, rate, SECONDS, warmup, connections))
        # More than the machine can do fails the test; the figures stand.
        argv = [speedgate, "run", "peer", "--out", "out", "--report", "json=report.json"]
        _, cpu = measured(argv, accepted=(0, 1, 3), cwd=folder)
        with open(os.path.join(folder, "report.json"), encoding="utf-8") as text:
            metrics = {m["metric"]: m["current"] for m in json.load(text)["metrics"] if m["subject"] == "Aggregated"}
    # What was due and never sent is a request that failed. Those of the warm-up cost as
    # much as the others.
    answered = metrics["requests"] * (1 - metrics["error_rate"] / 100) + rate * warmup
    return metrics["throughput"], metrics["latency_p50"], metrics["latency_p99"], cpu / answered


def of_hey(url, rate, connections):
    each = ["-q", str(rate / connections)] if rate else []
    printed, cpu = measured([hey, "-z", f"{SECONDS}s", "-c", str(connections), *each, url])
    throughput = float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])
    p50, p99 = (float(re.search(rf"{p}% in ([\d.]+) secs", printed)[1]) * 1000 for p in (50, 99))
    return throughput, p50, p99, cpu / (throughput * SECONDS)


def of_wrk(url, connections):
    printed, cpu = measured([wrk, "-t2", f"-c{connections}", f"-d{SECONDS}s", url])
    throughput = float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])
    return throughput, 0, 0, cpu / (throughput * SECONDS)  # its latencies are not shown


def row(tool, load, figures, is_latency=True):
    throughput, p50, p99, cpu = figures
    if throughput <= 0:
        raise SystemExit(f"{tool} delivered nothing")
    # Where all send what they can, a latency from when a request was due is that of
    # a queue which nobody asked for, and hey and wrk count from when they send.
    latencies = f"{p50:.1f} | {p99:.1f}" if is_latency else "- | -"
    print(f"| {tool} | {load} | {throughput:,.0f} | {latencies} | {cpu * 1e6:.0f} |", flush=True)


def asked(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


def serve_shop():
    """Starts the shop without its round trip, and waits until it answers."""
    address = "127.0.0.1:18129"
    service = subprocess.Popen([shop, "-addr", address, "-round-trip", "0s"], stdout=subprocess.DEVNULL)
    for _ in range(100):
        try:
            asked(f"http://{address}/healthz")
            return service, f"http://{address}/products/1"
        except OSError:
            time.sleep(0.1)
    service.kill()
    raise SystemExit("the shop does not answer")


def serve_exactly():
    """Starts the service that answers after exactly 20 ms."""
    service = subprocess.Popen([exact], stdout=subprocess.PIPE, text=True, env={**os.environ, "LOAD_TEST_DELAY": "20ms"})
    return service, service.stdout.readline().strip()


def beside(serve, rates, evenly, connections):
    service, url = serve()
    try:
        for rate in rates:
            figures = of_speedgate(url, rate, connections)
            row("speedgate", f"{rate:,}/s, even", figures)
            if serve is serve_exactly:
                p50, p99 = asked(url + "figures").split()
                print(f"| the service itself | the same | | {p50} | {p99} | |", flush=True)
            if rate in evenly:
                row("hey", f"{rate:,}/s, even", of_hey(url, rate, 1))
            row("hey", f"{rate:,}/s, bunched", of_hey(url, rate, connections))
            if serve is serve_exactly:
                asked(url + "figures")  # which forgets them
        everything = {
            "speedgate": lambda: of_speedgate(url, MORE_THAN_ANY, connections, warmup=0),
            "hey": lambda: of_hey(url, 0, connections),
            "wrk": lambda: of_wrk(url, connections),
        }
        rounds = [{tool: measure() for tool, measure in everything.items()} for _ in range(3)]
        for tool in everything:
            row(tool, "all", sorted(r[tool] for r in rounds)[1], is_latency=False)
    finally:
        service.terminate()
        service.wait()


for title, serve, rates, evenly, connections in (
    ("a service that takes exactly 20 ms", serve_exactly, (200, 1000, 3000), (), 200),
    ("one that takes next to nothing", serve_shop, (500, 3000, 15000), (500, 3000), 50),
):
    print(f"\n{title}, {connections} connections:\n")
    print("| tool | load | requests/s | p50 ms | p99 ms | CPU µs a request |\n|---|---|---|---|---|---|", flush=True)
    beside(serve, rates, evenly, connections)
