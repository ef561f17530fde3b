"""Who runs the server that is measured, and who watches."""
import datetime

from client import Client, KeptConnection
from harness import ADMIN


def signed_in_admin(server):
    client = Client(server)
    if client.sign_in(*ADMIN).status != 200:
        raise RuntimeError("the admin cannot sign in")
    return client


class Desk:
    """An admin's kept connection to the API of a server that runs."""

    def __init__(self, server):
        self.server, self.connection = server, KeptConnection(server, signed_in_admin(server).cookies)

    def ask(self, method, path, body=None):
        answer = self.connection.get(f"/api/v1{path}", method, body, {"Origin": self.server.url})
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer.json() if answer.body else None


def enrol(server, lectures):
    """The browser of a participant, signed in, in an open cohort of a program with these lectures."""
    today, day = datetime.date.today(), datetime.timedelta(1)
    program = server.json("program", "add", "--title", "Bench", "--language", "en")["id"]
    Desk(server).ask("PUT", f"/programs/{program}/lectures", {"lectures": list(lectures)})
    cohort = server.json("cohort", "add", program, "--name", "Bench", "--time-zone", "UTC", "--first-day", today - day,
                         "--last-day", today + day)["id"]
    person = server.json("participant", "add", cohort, "--name", "Bench", "--language", "en")["id"]
    client = Client(server)
    if client.open_link(server.json("invitation", "issue", person)["link"]).status != 200:
        raise RuntimeError("the participant's link does not open")
    return client
