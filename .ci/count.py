"""Counts the tests in the output of `go test -json`.

The last line it prints is "N passed, N failed". A package that failed without a
failed test, by not compiling or by a crash, counts as one failure, and so does each
step named after the file.
"""

import json
import sys


def main(path, *steps):
    outcomes = {}
    packages = {}
    output = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            name = (event.get("Package"), event.get("Test"))
            action = event["Action"]
            if action == "output":
                output.setdefault(name, []).append(event["Output"])
            elif action in ("pass", "fail", "skip") and name[1]:
                outcomes[name] = action
            elif action in ("pass", "fail", "skip"):
                packages[name[0]] = action

    broken = [p for p, a in packages.items() if a == "fail" and not any(n[0] == p and o == "fail" for n, o in outcomes.items())]
    failed = [n for n, o in outcomes.items() if o == "fail"] + [(p, None) for p in broken]
    for name in failed:
        print("FAIL", *[part for part in name if part])
        print("".join(output.get(name, [])), end="")
    for step in steps:
        print("FAIL step", step)
    skipped = sorted(" ".join(n) for n, o in outcomes.items() if o == "skip")
    for name in skipped:
        print("skipped:", name)
    passed = sum(o == "pass" for o in outcomes.values())
    print(f"{len(packages)} packages, {len(skipped)} tests skipped")
    failures = len(failed) + len(steps)
    print(f"{passed} passed, {failures} failed")
    return 1 if failures or passed == 0 else 0


sys.exit(main(*sys.argv[1:]))
