"""What processes cost, and where they run."""
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, 1
SETTLE_S = 0.3  # Lectern's delivery records and nginx's log are written behind; that belongs to the work


def allow_descriptors():
    """As many as may be had, for this process and what it starts."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def family(pid):
    """A process with all its children."""
    found, waiting = [], [pid]
    while waiting:
        process = Path("/proc", str(waiting.pop()))
        found.append(int(process.name))
        for task in (process / "task").iterdir():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_seconds(pid):
    """The scheduler's run time of all threads of a process, and of its children."""
    return sum(int((task / "schedstat").read_text().split()[0]) / 1e9
               for process in family(pid) for task in Path(f"/proc/{process}/task").iterdir())


def memory_kib(pid):
    """What a process and its children have taken for themselves; mapped files are the page cache's."""
    total = 0
    for process in family(pid):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
    return total


def descriptors(pid):
    return sum(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in family(pid))


def pin(pid, core):
    """All threads that there are now, and what they start."""
    for process in family(pid):
        subprocess.run(["taskset", "-apc", str(core), str(process)], check=True, capture_output=True)


def pin_thread(core):
    """The thread that calls."""
    os.sched_setaffinity(0, {core})


def pinned(*command):
    """A client's command, kept off the server's core."""
    return ["taskset", "-c", str(CLIENT_CORE), *map(str, command)]


def cost_of(pid, work):
    """(what work() gives, CPU seconds of the process meanwhile and while it settles)"""
    before = cpu_seconds(pid)
    given = work()
    time.sleep(SETTLE_S)
    return given, cpu_seconds(pid) - before


def timed(command, **options):
    """(wall seconds, CPU seconds with all children) of a command that succeeds."""
    from_wall, before = time.monotonic(), os.times()
    ran = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    after = os.times()
    if ran.returncode != 0:
        raise RuntimeError(f"{command}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    cpu = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return time.monotonic() - from_wall, cpu


PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_mib(command, **options):
    """Most that was resident in a command that succeeds, or in any one of its children.

    A new program's peak begins at that of the process that started it: so a small one asks (some 10 MB)."""
    ran = subprocess.run([sys.executable, "-B", "-I", "-c", PEAK, *command], capture_output=True, text=True, check=False,
                         **options)
    if ran.returncode != 0:
        raise RuntimeError(f"{command}: {ran.stderr}")
    return int(ran.stdout) / 1024
