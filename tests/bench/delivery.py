"""Segments over TLS: tokens checked and deliveries logged, beside nginx that does neither.

One worker each, pinned to the first core; wrk on the second; the same certificate, TLS 1.3 with AES-128-GCM, kept
connections, the same bytes.  Slices in random order, so that a machine that slows down slows both.  The figure is
processor time of the server for each gigabyte that arrived.
"""
import datetime
import json
import random
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from common import Client, RELEASE_BUILD, Server, Viewer, cpu_seconds, make_long_lecture, median, report

CONNECTIONS, ROUNDS, SLICE_S, DISTINCT_BYTES = 16, 15, 1, 128 << 20
TLS_SETTINGS = "ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;"


def pin(pid, core):
    subprocess.run(["taskset", "-apc", str(core), str(pid)], check=True, capture_output=True)


def start_nginx(folder, server):
    port = server.metrics_port + 1
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type video/mp4;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    open_file_cache max=2000 inactive=600s;
    server {{ listen 127.0.0.1:{port} ssl; root {folder}/files;
        ssl_certificate {server.data}/tls/server.pem; ssl_certificate_key {server.data}/tls/server.key;
        {TLS_SETTINGS} }}
}}
""")
    process = subprocess.Popen(["nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")])
    return process, f"https://localhost:{port}"


def wait_for(url):
    subprocess.run(["curl", "-ks", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "-o",
                    "/dev/null", url], check=True)


def slice_of(url, paths, cookie, pid):
    before = cpu_seconds(pid)
    ran = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{SLICE_S}s", "-s",
         str(Path(__file__).with_name("wrk.lua")), url, "--", str(paths), cookie],
        capture_output=True, text=True, check=True)
    used = cpu_seconds(pid) - before
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    assert told["errors"] == 0, ran.stdout
    return used / (told["bytes"] / 1e9), told["bytes"] / told["seconds"] / 1e6, told["requests"]


def assert_all_is_logged(server, requests):
    """The comparison would be idle talk if segments went out unlogged."""
    time.sleep(1)
    with sqlite3.connect(f"file:{server.data}/store.sqlite?mode=ro", uri=True) as store:
        [(rows, whole)] = store.execute("SELECT COUNT(*), COALESCE(SUM(whole), 0) FROM delivery")
    assert whole >= requests, f"{requests} answers arrived, {rows} deliveries are logged, {whole} of them whole"


def negotiated(url):
    port = url.rsplit(":", 1)[1]
    told = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{port}", "-servername", "localhost", "-brief"],
                          input="", capture_output=True, text=True, check=False)
    lines = dict(line.split(": ", 1) for line in told.stderr.splitlines() if ": " in line)
    return lines.get("Protocol version"), lines.get("Ciphersuite")


def prepare(server, lecture_file, folder):
    """A lecture, a viewer of it, and its first segments as files for nginx."""
    today = datetime.date.today()
    lecture = server.add_lecture(lecture_file, timeout=1200)
    program = server.json("program", "add", "--title", "Bench", "--language", "en")["id"]
    server.run("program", "lectures", program, lecture)
    cohort = server.json("cohort", "add", program, "--name", "Bench", "--time-zone", "UTC", "--first-day",
                         today - datetime.timedelta(1), "--last-day", today + datetime.timedelta(1))["id"]
    person = server.json("participant", "add", cohort, "--name", "Bench", "--language", "en")["id"]
    link = server.json("invitation", "issue", person)["link"]
    server.start()
    client = Client(server)
    assert client.open_link(link).status == 200
    viewer = Viewer(client, lecture)
    paths, total = [], 0
    for path, _start, _end in viewer.segments():
        body = viewer.connection.get(path).body
        target = folder / "files" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        paths.append(path)
        total += len(body)
        if total >= DISTINCT_BYTES:
            break
    (folder / "paths").write_text("\n".join(paths) + "\n")
    return client, lecture, total / len(paths)


def compare(bits_per_second):
    with tempfile.TemporaryDirectory() as name, \
            Server(build=RELEASE_BUILD, loops=1, log_level="warning") as server:
        folder = Path(name)
        folder.chmod(0o755)
        server.init()
        seconds = max(60, min(3600, DISTINCT_BYTES * 8 // bits_per_second // 60 * 60 + 60))
        lecture_file = make_long_lecture(folder, seconds, bits_per_second)
        client, lecture, segment_bytes = prepare(server, lecture_file, folder)
        nginx, nginx_url = start_nginx(folder, server)
        try:
            wait_for(nginx_url)
            pin(server.process.pid, 0)
            for child in Path(f"/proc/{nginx.pid}/task/{nginx.pid}/children").read_text().split():
                pin(int(child), 0)
            figures = {"lectern": [], "nginx": []}
            speed = {"lectern": [], "nginx": []}
            assert negotiated(server.url) == negotiated(nginx_url) == ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
            requests = 0
            for number in range(ROUNDS + 1):
                order = [("lectern", server.url, server.process.pid), ("nginx", nginx_url, nginx.pid)]
                random.shuffle(order)
                for who, url, pid in order:
                    # A media token lives for ten minutes; a viewer would be given a new one on the way.
                    Viewer(client, lecture).close()
                    cookie = "__Host-media=" + client.cookies["__Host-media"]
                    cost, megabytes, count = slice_of(url, folder / "paths", cookie, pid)
                    requests += count if who == "lectern" else 0
                    if number > 0:  # the first round fills caches
                        figures[who].append(cost)
                        speed[who].append(megabytes)
            assert_all_is_logged(server, requests)
        finally:
            nginx.terminate()
            nginx.wait()
    ratios = [ours / theirs for ours, theirs in zip(figures["lectern"], figures["nginx"])]
    report("delivery", segment_kb=round(segment_bytes / 1000), rounds=ROUNDS,
           lectern_cpu_s_per_gb=round(median(figures["lectern"]), 3),
           nginx_cpu_s_per_gb=round(median(figures["nginx"]), 3), ratio=round(median(ratios), 3),
           ratio_least=round(min(ratios), 3), ratio_most=round(max(ratios), 3),
           lectern_mb_per_s=round(median(speed["lectern"])), nginx_mb_per_s=round(median(speed["nginx"])))


def run():
    for bits_per_second in (200_000, 1_000_000, 3_600_000):
        compare(bits_per_second)
