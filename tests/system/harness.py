"""The real server for tests: its own folder, ports and settings; real clients beside it."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("LECTERN_BUILD", "build/asan")).resolve()
KEEP_FOLDERS = bool(os.environ.get("LECTERN_TEST_KEEP"))
# LECTERN_ is also how settings are given to the program: what starts it must not hand these on.
for _name in [name for name in os.environ if name.startswith("LECTERN_")]:
    del os.environ[_name]
RELEASE_BUILD = ROOT / "build/release"
SAMPLES = ROOT.parent / "shared/media-samples"
LECTURES = ROOT / "media/lectures"
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:verify_asan_link_order=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
}
COMPLAINTS = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer|Assertion .* failed")
FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
STARTING_S = 30
ADMIN = ("admin@example.org", "correct-horse-admin")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One `lectern serve`, or the commands beside it.  Use as a context: the end checks a clean exit."""

    def __init__(self, build=BUILD, faster=None, trace=None, **settings):
        self.build = Path(build)
        self.binary = self.build / "lectern"
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-test-"))
        self.port, self.metrics_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}"
        self.faster = faster
        self.under = []  # words before `lectern serve`: a tool that runs it
        self.trace = self.folder / trace if trace else None
        self.process = None
        self.log_path = self.folder / "server.log"
        self.settings = {
            "data": self.folder / "data", "public-url": self.url, "listen": "127.0.0.1",
            "port": self.port, "metrics-port": self.metrics_port, "web-root": ROOT / "build/web",
            "log-level": "debug", "loops": 2, "sign-in-attempts-per-minute": 10000,
            # full HD takes minutes under the sanitizers
            "ladder-file": ROOT / "tests/system/small_ladder.conf",
            # the sanitizers' shadow does not fit into a limited address space
            **({} if self.build == RELEASE_BUILD else {
                "probe-memory-bytes": 0, "transcode-memory-bytes": 0,
                "probe-cpu-seconds": 60, "probe-wall-seconds": 120}),
            **{name.replace("_", "-"): value for name, value in settings.items()},
        }
        self.config = self.folder / "lectern.conf"
        self.write_settings()

    def write_settings(self, **changes):
        self.settings.update({name.replace("_", "-"): value for name, value in changes.items()})
        self.config.write_text("".join(f"{name} = {value}\n" for name, value in self.settings.items()))

    @property
    def data(self):
        return self.folder / "data"

    @property
    def authority(self):
        return self.data / "tls/authority.pem"

    def environment(self, faked=True):
        environment = {**os.environ, **SANITIZERS, "LANG": "C.UTF-8"}
        if self.faster and faked:
            # Only the wall clock runs faster: deadlines of connections stay what they are.
            environment.update(LD_PRELOAD=str(FAKETIME), FAKETIME=f"+0 x{self.faster}",
                               FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1")
        return environment

    # The server

    def start(self, *arguments):
        command = [*self.under, str(self.binary), "serve", "--config", str(self.config), *arguments]
        environment = self.environment()
        if self.trace:
            command += ["--trace-statements", str(self.trace)]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=environment, cwd=self.folder)
        deadline = time.monotonic() + STARTING_S
        while not self.answers():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}\n{self.log()}")
            assert time.monotonic() < deadline, f"the server does not answer\n{self.log()}"
            time.sleep(0.05)
        return self

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.metrics_port), timeout=2) as plain:
                plain.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return plain.recv(100).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def stop(self):
        """SIGTERM ends it cleanly, with nothing that the sanitizers complain of."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"SIGTERM did not end the server\n{self.log()}") from None
        assert not COMPLAINTS.search(self.log()), self.log(100000)
        assert code == 0, f"SIGTERM ended the server with {code}\n{self.log()}"

    def kill(self):
        process, self.process = self.process, None
        process.kill()
        process.wait()

    def log(self, bytes_max=6000):
        text = self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""
        return f"--- log of the server ({self.folder}) ---\n{text[-bytes_max:]}\n---"

    def memory_kib(self, field="VmRSS"):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1))

    def __enter__(self):
        return self

    def __exit__(self, kind, _value, _trace):
        try:
            if kind is not None:
                print(self.log(20000))
                with contextlib.suppress(AssertionError):
                    self.stop()
            else:
                self.stop()
        finally:
            if KEEP_FOLDERS:
                print(f"kept: {self.folder}")
            else:
                shutil.rmtree(self.folder, ignore_errors=True)

    # Commands

    def run(self, *arguments, stdin=None, timeout=300, check=True, build=None):
        """`lectern ARGUMENTS`; with check, exit code 0 is expected."""
        binary = Path(build) / "lectern" if build else self.binary
        ran = subprocess.run([str(binary), *map(str, arguments), "--config", str(self.config)],
                             input=stdin, capture_output=True, text=True, timeout=timeout,
                             env=self.environment(), cwd=self.folder, check=False)
        assert not COMPLAINTS.search(ran.stderr), ran.stderr
        if check:
            assert ran.returncode == 0, f"lectern {' '.join(map(str, arguments))}: " \
                f"{ran.returncode}\n{ran.stdout}{ran.stderr}\n{self.log()}"
        return ran

    def json(self, *arguments, **options):
        return json.loads(self.run(*arguments, "--json", **options).stdout)

    def init(self):
        self.run("init")
        self.run("staff", "add", ADMIN[0], "--name", "Ada Admin", "--role", "admin", "--password-stdin",
                 stdin=ADMIN[1] + "\n")
        return self

    def add_lecture(self, path, title="A lecture", publish=True, **options):
        added = self.json("lecture", "add", path, "--title", title, "--language", "en", "--wait", **options)
        assert added["state"] == "ready", added
        if publish:
            self.run("lecture", "publish", added["id"])
        return added["id"]

    def tls_context(self, *protocols):
        context = ssl.create_default_context(cafile=str(self.authority))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    def connect(self, *protocols, timeout=30):
        """A raw TLS socket."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        return self.tls_context(*(protocols or ("http/1.1",))).wrap_socket(
            plain, server_hostname="localhost")


def make_clip(path, seconds, *, sound=True, picture=True, size="320x180", rate=10, extra=()):
    """A small H.264/AAC file with a key frame each 2 s, made by ffmpeg."""
    inputs, codecs = [], []
    if picture:
        inputs += ["-f", "lavfi", "-i", f"testsrc=size={size}:rate={rate}"]
        codecs += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", str(2 * rate),
                   "-keyint_min", str(2 * rate), "-sc_threshold", "0"]
    if sound:
        inputs += ["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000"]
        codecs += ["-c:a", "aac", "-b:a", "64k"]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *inputs, "-t", str(seconds), *codecs,
                    *extra, "-movflags", "+faststart", str(path)], check=True)
    return Path(path)
