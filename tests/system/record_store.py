"""A learning record store for tests: xAPI 1.0.3 as far as statements go, with Learning Locker's own validation, and as ill-behaved as it
is told."""
import base64
import http.server
import json
import subprocess
import threading

import pytest

from harness import ROOT

USER, PASSWORD = "lectern", "correct horse"


class Validation:
    """check_statements.mjs, kept running: the package takes a while to load."""

    def __init__(self):
        if not (ROOT / "node_modules/@learninglocker/xapi-validation").is_dir():
            pytest.skip("@learninglocker/xapi-validation is not installed (npm ci)")
        self.process = subprocess.Popen(["node", str(ROOT / "tests/system/check_statements.mjs")], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.Lock()

    def faults(self, statements):
        with self.lock:
            self.process.stdin.write(json.dumps(statements) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


class RecordStore:
    def __init__(self, validation):
        self.validation = validation
        self.statements, self.requests = {}, []  # by id; (status, ids) of each POST
        self.refuse = lambda statement: False  # a statement that this store cannot bear
        self.answer_all = None  # (status, fields): whatever comes
        self.hang = False  # takes statements, and never says so
        self.hanging, self.released = threading.Event(), threading.Event()
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, fields, said = store.judge(self.path, self.headers, json.loads(body))
                if store.hang:
                    store.hanging.set()
                    store.released.wait(60)
                    self.close_connection = True
                    return
                said = json.dumps(said).encode() if said is not None else b""
                self.send_response(status)
                for name, value in {**fields, "Content-Length": str(len(said)), "X-Experience-API-Version": "1.0.3"}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/xapi/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def judge(self, path, headers, statements):
        status, fields, said = self.decide(path, headers, statements)
        self.requests.append((status, [statement["id"] for statement in statements]))
        return status, fields, said

    def decide(self, path, headers, statements):
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if path != "/xapi/statements":
            return 404, {}, {"message": "no such resource"}
        if headers["Authorization"] != expected:
            return 401, {}, {"message": "who are you?"}
        if headers["X-Experience-API-Version"] != "1.0.3" or headers["Content-Type"] != "application/json":
            return 400, {}, {"message": "no version"}
        if self.answer_all:
            return *self.answer_all, {"message": "not now"}
        wrong = [f"{statement['id']}: {fault}" for statement, faults in zip(statements, self.validation.faults(statements))
                 for fault in faults] + [f"{item['id']} is not wanted" for item in statements if self.refuse(item)]
        if wrong:
            return 400, {}, {"warnings": wrong}
        if any(self.statements.get(statement["id"], statement) != statement for statement in statements):
            return 409, {}, {"message": "a statement of that id says something else"}
        self.statements.update((statement["id"], statement) for statement in statements)
        return 200, {}, [statement["id"] for statement in statements]

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
