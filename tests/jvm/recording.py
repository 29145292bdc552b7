#!/usr/bin/env python3
"""Questions to a recording, answered through the JDK's own reader: recording.py JFR COMMAND FILE [ARGUMENT...].

    statistics FILE                      the last profiler.Statistics, "name value" a line
    failed FILE MAX_PERCENT              failed samples by cause; exit status 1 when more than that
    printed FILE STDERR                  the agent's lines in that file give the samples, and failed and lost ones by cause
    shares FILE MEASURED POINTS SAMPLES  the shares of methods are those in the file MEASURED ("method percent" a line)
    inlined FILE SOURCE                  the marked lines and frame types of Inlining.java
    threads FILE PATTERN COUNT           so many threads whose name matches have samples
    deep FILE METHOD COUNT               a stack with so many frames of the method, and the end of the stack below them

Prints one line of figures. Exit status: 0 when it holds, 1 when it does not.
"""
import collections
import json
import re
import subprocess
import sys


def events(jfr, path, kind):
    """The values of all events of one type."""
    command = [jfr, "print", "--json", "--stack-depth", "10000", "--events", kind, path]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
    return [event["values"] for event in json.loads(done.stdout)["recording"]["events"]]


def frames(event):
    """(method, line, type) of each frame, the innermost first."""
    trace = event["stackTrace"]
    if trace is None:
        return []
    return [(f"{frame['method']['type']['name']}.{frame['method']['name']}", frame["lineNumber"], frame["type"])
            for frame in trace["frames"]]


def verdict(holds, text):
    print(text)
    sys.exit(0 if holds else 1)


def last_statistics(jfr, path):
    found = events(jfr, path, "profiler.Statistics")
    if not found:
        sys.exit("no profiler.Statistics")
    return {name: value for name, value in found[-1].items() if isinstance(value, int)}


def statistics(jfr, path):
    for name, value in last_statistics(jfr, path).items():
        print(name, value)


def by_cause(values, prefix):
    return {name: value for name, value in values.items() if name.startswith(prefix)}


def failed(jfr, path, max_percent):
    values = last_statistics(jfr, path)
    causes = by_cause(values, "failed")
    if not causes or values["samples"] == 0:
        sys.exit(f"no samples, or no causes of failure, in {values}")
    percent = 100 * sum(causes.values()) / values["samples"]
    named = ", ".join(f"{name} {value}" for name, value in causes.items() if value) or "no cause"
    lost = sum(by_cause(values, "lost").values())
    verdict(percent < float(max_percent),
            f"{percent:.2f} % of {values['samples']} samples failed: {named}; {lost} lost")


def printed(jfr, path, stderr):
    """The figures at stop: the number of samples, and each cause that has a count, by that count."""
    values = last_statistics(jfr, path)
    lines = [line for line in open(stderr, encoding="utf-8", errors="replace") if line.startswith("jfrprof: ")]
    numbers = {int(number) for line in lines for number in re.findall(r"\d+", line.replace(",", ""))}
    wanted = {"samples": values["samples"], **by_cause(values, "failed"), **by_cause(values, "lost")}
    missing = [f"{name} {value}" for name, value in wanted.items() if value and value not in numbers]
    verdict(not missing and values["samples"] > 0,
            f"not printed: {', '.join(missing)}" if missing else f"{values['samples']} samples, in {len(lines)} lines")


def shares(jfr, path, measured, points, at_least):
    wanted = dict(line.split() for line in open(measured, encoding="utf-8") if len(line.split()) == 2)
    counts = collections.Counter()
    outside = 0
    for event in events(jfr, path, "jdk.ExecutionSample"):
        name = next((m for m, _, _ in (f for f in frames(event)) if m.rpartition(".")[2] in wanted), None)
        if name:
            counts[name.rpartition(".")[2]] += 1
        else:
            outside += 1
    total = sum(counts.values())
    rows = [(name, 100 * counts[name] / max(total, 1), float(percent)) for name, percent in wanted.items()]
    holds = total >= int(at_least) and rows and all(abs(got - want) <= float(points) for _, got, want in rows)
    text = ", ".join(f"{name} {got:.1f} (measured {want:.1f})" for name, got, want in rows)
    verdict(holds, f"{text} of {total} samples, {outside} outside")


def marked_lines(source):
    marks = collections.defaultdict(set)
    for number, line in enumerate(open(source, encoding="utf-8"), 1):
        mark = re.search(r"// @(\w+)$", line.rstrip())
        if mark:
            marks[mark.group(1)].add(number)
    return marks


def inlined(jfr, path, source):
    """Of the samples in inner with run compiled: middle and inner are inlined into it, each at its marked lines."""
    marks = marked_lines(source)
    wanted = [("inner", "Inlined"), ("middle", "Inlined"), ("run", "JIT compiled")]
    found, right, wrong = 0, 0, collections.Counter()
    for event in events(jfr, path, "jdk.ExecutionSample"):
        stack = [(method.rpartition(".")[2], line, kind) for method, line, kind in frames(event)[:4]]
        if len(stack) < 4 or stack[0][::2] != wanted[0] or stack[2][::2] != wanted[2]:
            continue
        found += 1
        lines = all(line in marks[method] for method, line, _ in stack[:3])
        if [frame[::2] for frame in stack[:3]] == wanted and stack[3][0] == "main" and lines:
            right += 1
        else:
            wrong[str(stack)] += 1
    verdict(found >= 100 and right >= 0.99 * found,
            f"{right} of {found} inlined stacks have the right lines and types"
            + (f"; most often wrong: {wrong.most_common(1)[0][0]}" if wrong else ""))


def threads(jfr, path, pattern, count):
    names = {(event["sampledThread"] or {}).get("javaName") for event in events(jfr, path, "jdk.ExecutionSample")}
    matching = {name for name in names if name and re.fullmatch(pattern, name)}
    verdict(len(matching) >= int(count), f"{len(matching)} threads of {count} with samples; in all {len(names)}")


def deep(jfr, path, method, count):
    best = (0, None)
    for event in events(jfr, path, "jdk.ExecutionSample"):
        stack = frames(event)
        best = max(best, (sum(1 for m, _, _ in stack if m == method), stack[-1][0] if stack else None),
                   key=lambda pair: pair[0])
    whole = best[1] is not None and best[1].endswith(".main")
    verdict(best[0] >= int(count) and whole, f"{best[0]} frames of {method}, the outermost frame is {best[1]}")


COMMANDS = {f.__name__: f for f in (statistics, failed, printed, shares, inlined, threads, deep)}
if len(sys.argv) < 4 or sys.argv[2] not in COMMANDS:
    sys.exit(__doc__)
COMMANDS[sys.argv[2]](sys.argv[1], sys.argv[3], *sys.argv[4:])
