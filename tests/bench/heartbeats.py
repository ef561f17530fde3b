"""Heartbeats: how many a second are durable and acknowledged over real connections (TLS, HTTP/1.1, kept), in batches of ten; beside
what the store alone takes in the same run."""
import contextlib
import sqlite3
import tempfile
from pathlib import Path

from client import Client, Viewer
from clients import run_measure
from enrolment import Desk, enrol
from figures import median, report
from harness import RELEASE_BUILD, Server
from lecture_files import make_long_lecture

NAME = "heartbeats"
PEOPLE, SECONDS, ROUNDS, BATCH = 128, 4, 3, 10
ROWS_ALONE = 400_000


def people_of(server, lecture, count):
    """[(client, play session)] of one cohort, each with all of the lecture delivered."""
    first = enrol(server, [lecture])
    cohort = Desk(server).ask("GET", "/programs")["programs"][0]["cohorts"][0]["id"]
    players = []
    for number in range(count):
        client = first
        if number > 0:
            person = server.json("participant", "add", cohort, "--name", f"Bench {number}", "--language", "en")["id"]
            client = Client(server)
            if client.open_link(server.json("invitation", "issue", person)["link"]).status != 200:
                raise RuntimeError("a participant's link does not open")
        viewer = Viewer(client, lecture)
        viewer.send()
        viewer.close()
        players.append((client, viewer.session))
    return players


def deliver_all(server):
    """As if each had been sent the lecture long ago."""
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "store.sqlite")) as store, store:
        store.execute("UPDATE viewing SET delivered = '[[0,3600000]]'")
    server.start()


def run():
    with tempfile.TemporaryDirectory() as folder, \
            Server(build=RELEASE_BUILD, loops=1, log_level="warning", store_threads=32, viewing_records_max=10_000_000,
                   connections_per_address_per_second=0) as server:
        server.init().start()
        video = make_long_lecture(Path(folder), 3600, 20_000)
        lecture = server.json("lecture", "add", video, "--title", "Bench", "--language", "en", "--wait", "--publish")["id"]
        players = people_of(server, lecture, PEOPLE)
        deliver_all(server)
        request, people = Path(folder, "request"), Path(folder, "people")
        request.write_text("none\n")
        told, alone = [], []
        for number in range(ROUNDS):
            people.write_text("".join(
                f"{Viewer(client, lecture).session} " + "; ".join(f"{key}={value}" for key, value in client.cookies.items())
                + "\n" for client, _ in players))
            told.append(run_measure("heartbeats", server.port, SECONDS, number * 1_000_000, request, people))
            with tempfile.TemporaryDirectory() as place:
                alone.append(run_measure("heartbeat_rows", place, ROWS_ALONE)["rows_per_second"])
    rates = [BATCH * each["batches"] / each["seconds"] for each in told]
    report(NAME, work="us a beat, durable and acknowledged", value=1e6 / median(rates), goal=20.0)
    report(NAME, work="99th percentile of a batch, ms", value=median([each["p99_us"] / 1000 for each in told]), goal=20.0)
    report(NAME, work="the store alone, over it", value=median([mine / rate for mine, rate in zip(alone, rates)]), goal=10.0)
