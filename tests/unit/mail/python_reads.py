#!/usr/bin/python3 -B
"""Random mails, written by ours and read by Python's mail parser: every field comes back as it was."""
import email
import email.header
import email.policy
import email.utils
import json
import random
import subprocess
import sys

MAILS = 400
WORDS = ["Nguyễn", "Thị", "Lan", "日本語の件名です", "Доржийн", "تنخواہ", "ភាសាខ្មែរ", "plain", "=?UTF-8?Q?no?=", "a,b", "\"quoted\"",
         "x" * 70, "😀😀😀", "end.", "(comment)", "back\\slash", "a@b", "=3D", "-", "é", "'"]
LINES = ["", ".", "..", "From here", "From", "ends with space ", "tab\t", "a" * 200, "日本語" * 40, "=", "==20", "--", "--=_x", "  begin"]


def text(chance, words, least, most, between=" "):
    return between.join(chance.choice(words) for _ in range(chance.randint(least, most)))


def make(chance):
    bodies = [text(chance, LINES + WORDS, 0, 12, "\n") + chance.choice(["", "\n"]),
              text(chance, WORDS[7:12] + LINES[:5], 1, 9, "\n"), text(chance, WORDS, 1, 60)]
    return {
        "from": "lectern@example.org", "from_name": chance.choice([None, "", text(chance, WORDS, 1, 4)]),
        "to": "x." + "y" * chance.randint(1, 60) + "@example.org",
        "to_name": chance.choice([None, text(chance, WORDS, 1, 6)]),
        "subject": text(chance, WORDS, 1, 12), "text": chance.choice(bodies),
        "id": "0190@example.org", "date_ms": chance.randint(0, 4102444800) * 1000,
        "attachments": [{"name": text(chance, WORDS, 1, 8), "type": "text/plain", "text": text(chance, LINES, 0, 9, "\r\n")}
                        for _ in range(chance.choice([0, 0, 1, 3]))],
    }


def lines(body):
    return body.replace("\r\n", "\n").rstrip("\n")


def fits(line):
    """RFC 5322: only what cannot be folded, an address, may be long."""
    return len(line) <= 76 or (line.startswith((" ", "To:")) and "@" in line and len(line) < 998)


def check(mail, message):
    assert message.isascii() and "\r" not in message.replace("\r\n", "")
    assert "\n" not in message.replace("\r\n", "")
    assert all(fits(line) for line in message.split("\r\n")), message
    read = email.message_from_bytes(message.encode(), policy=email.policy.default)
    assert not read.defects, read.defects
    assert read["subject"] == mail["subject"], (read["subject"], mail["subject"])
    raw = email.message_from_bytes(message.encode())
    for name in ("from", "to"):
        # The newer policy puts a second space between encoded words of a name.
        person, address = email.utils.parseaddr(raw[name])
        person = str(email.header.make_header(email.header.decode_header(person)))
        assert (address, person) == (mail[name], mail[name + "_name"] or ""), message
        assert [item.addr_spec for item in read[name].addresses] == [mail[name]]
    assert read["message-id"] == "<0190@example.org>" and read["auto-submitted"] == "auto-generated"
    assert round(read["date"].datetime.timestamp() * 1000) == mail["date_ms"]
    body = read.get_body() if mail["attachments"] else read
    assert lines(body.get_content()) == lines(mail["text"]), message
    found = list(read.iter_attachments()) if mail["attachments"] else []
    # The newer policy takes quotes for its own.
    names = [part.get_filename() for part in raw.walk() if part.get_filename()]
    assert names == [item["name"] for item in mail["attachments"]], message
    assert [part.get_payload(decode=True) for part in found] == [item["text"].encode() for item in mail["attachments"]]


def main():
    chance = random.Random(5322)
    mails = [make(chance) for _ in range(MAILS)]
    told = "".join(json.dumps(mail) + "\n" for mail in mails)
    ran = subprocess.run([sys.argv[1]], input=told, capture_output=True, text=True, check=True)
    written = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(written) == len(mails)
    for mail, message in zip(mails, written):
        assert isinstance(message, str), (mail, message)
        check(mail, message)
    print(f"{len(mails)} mails read")


main()
