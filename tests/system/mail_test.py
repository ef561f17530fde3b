"""Mails leave the house once, whatever the other side does: Exim of Debian, and a server of our own that misbehaves."""
import datetime
import time
import urllib.request

import pytest

from authority import Authority
from exposition import Exposition
from harness import Server
from mail_server import EXIM, PASSWORD, USER, Exim, Nasty, message_ids

FROM = "lectern@example.org"
FAST = {"outbox_retry_seconds": 1, "outbox_retry_max_seconds": 1, "outbox_timeout_seconds": 2, "mail_from": FROM}


def until(what, seconds=60):
    """Waits for a condition, not for a time; gives what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return found


def listed(server, state=None):
    items = server.json("mail", "list", "--all")["items"]
    return [item for item in items if state in (None, item["state"])]


def figures(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=20) as answer:
        return Exposition(answer.read().decode()).samples


def queue(server, address):
    server.run("mail", "test", address, "--queued")
    return listed(server)[0]["id"]


def ended(server, number):
    return next((item for item in listed(server) if item["id"] == number and item["state"] != "waiting"), None)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("mail") / "authority")


@pytest.fixture(scope="module")
def exim(authority):
    if not EXIM.exists():
        pytest.skip("exim4-daemon-light is not installed")
    with Exim(authority) as exim:
        yield exim


@pytest.fixture(scope="module")
def house(exim, authority):
    """A server whose mails go through Exim."""
    with Server(smtp_url=f"smtp://localhost:{exim.port}", smtp_user=USER, smtp_password_file="smtp.password",
                smtp_authorities=authority.pem, mail_from_name="Lectern, 見本", **FAST) as server:
        server.init()
        password = server.data / "smtp.password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        yield server.start()


@pytest.fixture(scope="module")
def nasty_server():
    with Nasty() as nasty:
        yield nasty


@pytest.fixture
def nasty(nasty_server):
    nasty_server.begin()
    return nasty_server


@pytest.fixture(scope="module")
def lonely(nasty_server):
    """A server whose mails go to the nasty one."""
    with Server(smtp_security="plain", smtp_url=f"smtp://127.0.0.1:{nasty_server.port}", **FAST) as server:
        yield server.init()


def start(server, **settings):
    """Runs with these settings; one that runs so already goes on."""
    old = dict(server.settings)
    server.write_settings(**settings)
    if server.process and old != server.settings:
        server.stop()
    return server if server.process else server.start()


def test_a_mail_reaches_a_real_server_over_tls_and_signed_in(house, exim):
    said = house.json("mail", "test", "lan@example.org")
    assert said["outcome"] == "taken" and said["answer"].startswith("250"), exim.log()
    [mail] = until(lambda: exim.mails("lan"))
    [sender] = mail["from"].addresses
    assert (sender.display_name, sender.addr_spec, mail["to"]) == ("Lectern, 見本", FROM, "lan@example.org")
    assert "see whether mails of Lectern arrive" in mail.get_content()
    assert f"A=plain:{USER}" in exim.log() and "X=TLS1." in exim.log()


def note_of(mail):
    """What a witness saves: the attached file."""
    [attached] = mail.iter_attachments()
    assert attached.get_filename() == "checkpoint"
    return attached.get_payload(decode=True)


def test_a_witness_is_mailed_each_checkpoint_that_matters(house, exim, tmp_path):
    house.run("evidence", "witness", "add", "The Ministry, 労働省", "ministry@example.org")
    again = house.run("evidence", "witness", "add", "The Ministry, 労働省", "other@example.org", check=False)
    assert again.returncode == 1 and "already" in again.stderr, again
    assert house.run("evidence", "witness", "add", "Nobody", "a@b\n", check=False).returncode == 1
    house.run("evidence", "checkpoint")
    first = until(lambda: exim.mails("ministry"))[0]
    assert first["to"].addresses[0].display_name == "The Ministry, 労働省"
    said = first.get_body().get_content()
    assert "Please keep this mail" in said and note_of(first).decode().strip() in said.replace("\r\n", "\n")
    # An export signs another, which comes too, and once.
    program = house.json("program", "add", "--title", "Witnessed", "--language", "en")["id"]
    today = datetime.datetime.now(datetime.timezone.utc).date()
    cohort = house.json("cohort", "add", program, "--name", "A", "--time-zone", "UTC", "--first-day", today,
                        "--last-day", today)["id"]
    bundle = tmp_path / "bundle"
    house.run("evidence", "export", "--cohort", cohort, bundle)
    newest = (bundle / "checkpoint").read_bytes()
    mails = until(lambda: newest in map(note_of, found := exim.mails("ministry")) and found)
    assert len({note_of(mail) for mail in mails}) == len(mails) > 1
    # Either, saved as it came, agrees with the bundle; one of another root does not.
    for number, mail in enumerate(sorted(mails, key=lambda mail: int(note_of(mail).splitlines()[1]))):
        saved = tmp_path / f"checkpoint {number}"
        saved.write_bytes(note_of(mail))
        house.run("evidence", "verify", "--checkpoint", saved, bundle)
    assert note_of(mail) == newest
    lines = note_of(mail).splitlines(keepends=True)
    saved.write_bytes(b"".join([*lines[:2], b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", *lines[3:]]))
    assert house.run("evidence", "verify", "--checkpoint", saved, bundle, check=False).returncode == 1
    [witness] = house.json("evidence", "witness", "list")["witnesses"]
    assert witness["sent_size"] == int(lines[1]) and witness["sent_at_ms"] > 0
    house.run("evidence", "witness", "remove", "The Ministry, 労働省")
    assert house.json("evidence", "witness", "list")["witnesses"] == []


def test_mails_of_the_outbox_reach_it_once(house, exim):
    number = queue(house, "minh@example.org")
    sent = until(lambda: ended(house, number))
    assert sent["state"] == "sent" and sent["answer"].startswith("250") and sent["attempts"] == 1, sent
    assert len(until(lambda: exim.mails("minh"))) == 1


def test_who_is_unknown_there_is_given_up_at_once(house):
    number = queue(house, "nobody@example.org")
    refused = until(lambda: ended(house, number))
    assert refused["state"] == "failed" and "nobody of that name" in refused["answer"], refused
    assert refused["attempts"] == 1
    failed = ("lectern_outbox", (("channel", "mail"), ("state", "failed")))
    until(lambda: figures(house)[failed] >= 1)
    assert figures(house)[("lectern_degraded", (("reason", "mail"),))] == 0


def test_who_must_wait_there_is_tried_again(house, exim):
    exim.be_busy(True)
    number = queue(house, "later@example.org")
    until(lambda: any(item["id"] == number and "come again" in item["answer"] for item in listed(house)))
    exim.be_busy(False)
    assert until(lambda: ended(house, number))["attempts"] >= 2
    assert len(until(lambda: exim.mails("later"))) == 1


def test_a_password_that_others_can_read_is_not_used(house):
    password = house.data / "smtp.password"
    password.chmod(0o644)
    said = house.run("mail", "test", "lan@example.org", check=False)
    password.chmod(0o600)
    assert said.returncode == 1 and "chmod 600" in said.stderr


def test_a_wrong_password_is_told(house):
    password = house.data / "smtp.password"
    password.write_text("wrong\n")
    said = house.run("mail", "test", "lan@example.org", check=False)
    password.write_text(PASSWORD + "\n")
    assert said.returncode == 1 and "535" in said.stderr, said.stderr


def test_a_server_without_a_good_certificate_gets_no_password(exim, tmp_path):
    other = Authority(tmp_path / "other")
    with Server(smtp_url=f"smtp://localhost:{exim.port}", smtp_authorities=other.pem, smtp_user=USER,
                smtp_password_file="smtp.password", **FAST) as server:
        (server.init().data / "smtp.password").touch(0o600)
        said = server.run("mail", "test", "lan@example.org", check=False)
    assert said.returncode == 1 and "certificate" in said.stderr, said.stderr


def test_a_server_without_starttls_gets_no_mail(nasty):
    with Server(smtp_url=f"smtp://127.0.0.1:{nasty.port}", **FAST) as server:
        said = server.init().run("mail", "test", "lan@example.org", check=False)
    assert said.returncode == 1 and not nasty.texts and "TLS" in said.stderr, said.stderr


@pytest.mark.parametrize("trouble", ["drop amid text", "421 greeting", "vanish after text", *(
    pytest.param(name, marks=pytest.mark.soak) for name in ("554 greeting", "451 sender", "421 after text"))])
def test_after_passing_trouble_the_same_mail_goes_again(lonely, nasty, trouble):
    start(lonely)
    nasty.rules.append(trouble)
    number = queue(lonely, "lan@example.org")
    sent = until(lambda: ended(lonely, number))
    assert sent["state"] == "sent" and sent["attempts"] >= 2, sent
    # What the server took without saying so comes again, and is known again.
    assert len(nasty.texts) == (2 if "after text" in trouble else 1), nasty.texts
    assert len(set(message_ids(nasty.texts))) == 1
    assert len({mail.as_bytes() for mail in nasty.texts}) == 1


@pytest.mark.parametrize("trouble, words", [("550 recipient", "550 no ?[31msuch?[0m person"), ("554 text", "554 we do not like it")])
def test_what_is_refused_for_good_is_not_tried_again(lonely, nasty, trouble, words):
    start(lonely)
    nasty.rules.append(trouble)
    refused = until(lambda number=queue(lonely, "lan@example.org"): ended(lonely, number))
    assert (refused["state"], refused["answer"], refused["attempts"]) == ("failed", words, 1)
    lonely.run("mail", "retry", refused["id"])
    assert until(lambda: ended(lonely, refused["id"]) if nasty.texts else None)["state"] == "sent"


def test_a_server_that_says_nothing_holds_up_nobody(lonely, nasty):
    start(lonely)
    nasty.rules.append("silent greeting")
    number = queue(lonely, "lan@example.org")
    assert until(lambda: ended(lonely, number))["state"] == "sent"
    nasty.rules.append("hang amid text")
    queue(lonely, "minh@example.org")
    assert nasty.hanging.wait(60)
    began = time.monotonic()
    lonely.stop()
    assert time.monotonic() - began < 15


def test_after_a_crash_nothing_is_lost_and_nothing_that_was_taken_goes_again(lonely, nasty):
    start(lonely)
    first = queue(lonely, "first@example.org")
    until(lambda: ended(lonely, first))
    nasty.rules.append("hang amid text")
    second = queue(lonely, "second@example.org")
    assert nasty.hanging.wait(60)
    lonely.kill()
    nasty.released.set()
    lonely.start()
    waiting = next(item for item in listed(lonely) if item["id"] == second)
    assert waiting["state"] == "waiting" and waiting["attempts"] >= 1
    lonely.run("mail", "retry", second)
    assert until(lambda: ended(lonely, second))["state"] == "sent"
    came = [mail["to"] for mail in nasty.texts]
    assert (came.count("first@example.org"), came.count("second@example.org")) == (1, 1)


@pytest.mark.soak  # three starts
def test_no_more_go_out_in_an_hour_than_is_set(lonely, nasty):
    start(lonely, mail_per_hour_max=10000)
    already = len([item for item in listed(lonely, "sent")])
    start(lonely, mail_per_hour_max=already + 1)
    numbers = [queue(lonely, f"p{place}@example.org") for place in range(2)]
    until(lambda: ended(lonely, numbers[0]))
    time.sleep(1.5)  # a look at the outbox, in which nothing may happen
    assert ended(lonely, numbers[1]) is None and len(nasty.texts) == 1
    start(lonely, mail_per_hour_max=10000)
    assert until(lambda: ended(lonely, numbers[1]))["state"] == "sent"


def test_an_address_that_is_none_is_refused(lonely):
    for address in ("nobody", "a b@c.d", "a@b.c\r\nBcc: x@y.z"):
        assert lonely.run("mail", "test", address, "--queued", check=False).returncode != 0


def test_without_settings_the_command_says_what_is_missing():
    with Server() as server:
        said = server.init().run("mail", "test", "lan@example.org", check=False)
        assert said.returncode == 64 and "smtp-url" in said.stderr


def test_a_server_address_that_is_none_is_told_at_the_start(lonely):
    if lonely.process:
        lonely.stop()
    lonely.write_settings(smtp_url="http://localhost")
    said = lonely.run("serve", check=False)
    assert said.returncode == 64 and "smtp-url" in said.stderr
