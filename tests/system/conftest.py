"""Servers and people that many tests share; each that changes what others see makes its own."""
import datetime
import shutil
import tempfile
from pathlib import Path

import pytest

from client import Client, KeptConnection, Viewer
from harness import ADMIN, BUILD, LECTURES, RELEASE_BUILD, SAMPLES, Server, make_clip

ORGANIZER = ("organizer@example.org", "correct-horse-organizer")
OTHER_ORGANIZER = ("elsewhere@example.org", "correct-horse-elsewhere")


@pytest.fixture(params=["http1.1", "http2"])
def protocol(request):
    return request.param


@pytest.fixture(scope="session")
def clips():
    """Small files made once: their lengths are round, so that claims are easy to read."""
    folder = Path(tempfile.mkdtemp(prefix="lectern-clips-"))
    made = {
        "short": make_clip(folder / "short.mp4", 12),
        "sound": make_clip(folder / "sound.m4a", 12, picture=False),
        "minute": make_clip(folder / "minute.mp4", 60),
    }
    yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def samples():
    if not SAMPLES.is_dir():
        pytest.skip("the media samples are not beside this tree (../shared/media-samples)")
    return SAMPLES


class School:
    """A server with two programs: people of one must see nothing of the other."""

    model = None  # one that is ready, made once a run: its data folder, and what it is made of

    def __init__(self, server, clips, anew=False):
        """A copy of the model; or made anew by this very server, which takes half a minute under the sanitizers."""
        self.server = server
        if anew:
            self.furnish(clips)
            return
        if School.model is None:
            School.model = self.make_model(clips)
        folder, parts = School.model
        shutil.copytree(folder, server.data, dirs_exist_ok=True)
        vars(self).update(parts)
        server.start()

    @staticmethod
    def make_model(clips):
        with Server() as server:
            parts = vars(School(server, clips, anew=True))
            server.stop()
            folder = shutil.copytree(server.data, clips["short"].with_name("school"))
        return folder, {name: value for name, value in parts.items() if name != "server"}

    def furnish(self, clips):
        server = self.server
        server.init()
        for email, password, name in ((*ORGANIZER, "Olga Organizer"), (*OTHER_ORGANIZER, "Otto Other")):
            server.run("staff", "add", email, "--name", name, "--role", "organizer", "--password-stdin",
                       stdin=password + "\n")
        server.start()
        self.short = server.add_lecture(clips["short"], "Twelve seconds")
        self.law = server.add_lecture(LECTURES / "labour-law.mp4", "Labour law")
        self.hidden = server.add_lecture(clips["sound"], "Not published yet", publish=False)
        self.elsewhere = server.add_lecture(clips["sound"], "Another program's")
        self.program, self.cohort = self.add_program("Our program", self.short, self.law, self.hidden)
        self.other_program, self.other_cohort = self.add_program("Other program", self.elsewhere)
        server.run("program", "assign", self.program, ORGANIZER[0])
        server.run("program", "assign", self.other_program, OTHER_ORGANIZER[0])

    def add_program(self, title, *lectures, **days):
        program = self.server.json("program", "add", "--title", title, "--language", "en")["id"]
        self.server.run("program", "lectures", program, *lectures)
        return program, self.add_cohort(program, **days)

    def add_cohort(self, program, first=-1, last=1, **options):
        """Days counted from today."""
        today = datetime.datetime.now(datetime.timezone.utc).date()
        words = [word for name, value in options.items()
                 for word in ("--" + name.replace("_", "-"), value)]
        return self.server.json(
            "cohort", "add", program, "--name", "A team", "--time-zone", "UTC",
            "--first-day", today + datetime.timedelta(first),
            "--last-day", today + datetime.timedelta(last), *words)["id"]

    def add_person(self, cohort=None, name="Nguyễn Thị Lan", **options):
        words = [word for key, value in options.items() for word in ("--" + key, value)]
        return self.server.json("participant", "add", cohort or self.cohort, "--name", name,
                                "--language", "vi", *words)["id"]

    def link(self, person):
        return self.server.json("invitation", "issue", person)["link"]

    def participant(self, protocol="http1.1", cohort=None, **options):
        """A new person who has opened their link."""
        client = Client(self.server, protocol)
        client.id = self.add_person(cohort, **options)
        opened = client.open_link(self.link(client.id))
        assert opened.status == 200, opened
        return client

    def staff(self, who=ADMIN, protocol="http1.1"):
        client = Client(self.server, protocol)
        signed = client.sign_in(*who)
        assert signed.status == 200, signed
        return client

    def viewer(self, client, lecture=None):
        return Viewer(client, lecture or self.short)

    def connection(self, client):
        return KeptConnection(self.server, client.cookies)


@pytest.fixture(scope="session")
def school_session(clips):
    with Server() as server:
        yield School(server, clips)


@pytest.fixture(scope="session")
def whole_ladder():
    """A server with every rung that is built in, without the sanitizers, which take minutes for full HD."""
    with Server(RELEASE_BUILD if (RELEASE_BUILD / "lectern").exists() else BUILD, ladder_file="").init() as server:
        yield server.start()


@pytest.fixture
def school(school_session, request):
    """The shared server; on failure its log since the test began is shown."""
    begin = school_session.server.log_path.stat().st_size
    yield school_session
    report = getattr(request.node, "report", None)
    if report is not None and report.failed:
        text = school_session.server.log_path.read_bytes()[begin:].decode("utf-8", "replace")
        print(f"--- log of the server during the test ---\n{text[-12000:]}")
    assert school_session.server.process.poll() is None, school_session.server.log()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.when == "call":
        item.report = report


@pytest.fixture
def own_school(clips):
    """A server of one's own, made with settings: own_school(media_token_seconds=10)."""
    opened = []

    def make(**options):
        server = Server(**options)
        opened.append(server)
        return School(server, clips)

    yield make
    for server in opened:
        server.__exit__(None, None, None)
