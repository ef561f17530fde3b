"""Certificates, their staples and tickets, with openssl as the client and as the authority."""
import json
import re
import secrets
import shutil
import ssl
import subprocess
import urllib.request
from pathlib import Path

import pytest

from authority import Authority, ask
from harness import Server


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="module")
def ecdsa(authority):
    return authority.issue("ecdsa", "ecdsa", serial=1000)


@pytest.fixture(scope="module")
def rsa(authority):
    return authority.issue("rsa", "rsa", serial=2000)


@pytest.fixture(scope="module")
def both(authority, ecdsa, rsa):
    settings = {"tls-certificate": ecdsa[0], "tls-key": ecdsa[1], "tls-second-certificate": rsa[0],
                "tls-second-key": rsa[1],
                "tls-staple": authority.answer(ecdsa[0], serial=1000, name="ecdsa.der"),
                "tls-second-staple": authority.answer(rsa[0], serial=2000, name="rsa.der")}
    with Server(**settings) as server:
        yield server.init().start()


@pytest.mark.parametrize("options, expected", [
    (["-tls1_3"], "ecdsa"),
    (["-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256"], "ecdsa"),
    (["-tls1_3", "-sigalgs", "ecdsa_secp256r1_sha256"], "ecdsa"),
    (["-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384"], "rsa"),
    (["-tls1_2"], "ecdsa"),
    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], "ecdsa"),
    (["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], "rsa"),
    (["-tls1_2", "-sigalgs", "RSA-PSS+SHA256:RSA+SHA256"], "rsa"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_each_client_gets_the_certificate_that_it_can_use(both, authority, options, expected):
    # The chain sent is the one of that certificate: each leaf is followed by its issuer.
    # (s_client looks at what -sigalgs names of the authority's own signature too.)
    said = ask(both, *options, "-status", authority=None if "-sigalgs" in options else authority)
    assert re.search(rf"subject=CN = {expected}\b", said), said
    assert len(re.findall(r"^ *\d+ s:CN = ", said, re.M)) == 2, said
    assert "Cert Status: good" in said, said
    serial = {"ecdsa": 1000, "rsa": 2000}[expected]
    assert f"Serial Number: {serial:04X}" in said, said


def test_the_doctor_looks_at_both(both):
    found = {item["check"]: item for item in both.json("doctor", check=False)["checks"]}["tls"]
    assert found["ok"], found
    assert re.match(r"certificate 1 ends in 19 days, with an OCSP response; "
                    r"certificate 2 ends in 19 days, with an OCSP response; records are made by the program", found["finding"])


@pytest.mark.parametrize("first_days, second_days, unwell", [
    (14, 14, set()), (13, 20, {"certificate"}), (20, 13, {"tls"}),
])
def test_the_doctor_warns_as_early_as_the_log(authority, first_days, second_days, unwell):
    # A day more: some seconds later what is left is a day less and most of one, which is cut.
    first, second = (authority.issue(f"{kind}-{days}", kind, days=days + 1)
                     for kind, days in (("ecdsa", first_days), ("rsa", second_days)))
    with Server(**{"tls-certificate": first[0], "tls-key": first[1],
                   "tls-second-certificate": second[0], "tls-second-key": second[1]}) as server:
        checks = server.init().json("doctor", check=False)["checks"]
        assert {item["check"] for item in checks if not item["ok"]} & {"certificate", "tls"} == unwell, checks


def test_who_asks_for_no_staple_gets_none(both):
    assert "Cert Status" not in ask(both, "-tls1_3")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_session_is_resumed_on_any_loop(both, version, tmp_path):
    session = tmp_path / "session.pem"
    request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    def handshake(*options):
        # -ign_eof: reads to the end, and with the answer the tickets of TLS 1.3
        return ask(both, version, "-alpn", "http/1.1", "-ign_eof", *options, "-sess_out", session, request=request)

    first = handshake()
    assert re.search(r"^New, ", first, re.M), first
    # The kernel spreads connections over the two listeners by their ports.
    for _ in range(8):
        again = handshake("-sess_in", session)
        assert re.search(r"^Reused, ", again, re.M), again
        assert "HTTP/1.1 200" in again, again
    assert "Max Early Data: 0" in again or version == "-tls1_2", again
    hint = re.search(r"TLS session ticket lifetime hint: (\d+)", again)
    assert hint is None or int(hint.group(1)) <= 12 * 3600, again


def another(folder):
    return Authority(folder / "another", "Test authority")


def by_another_authority(folder, _authority, _certificate):
    other = another(folder)
    return other.answer(other.issue("ecdsa", serial=1000)[0]).read_bytes()


STAPLES = {
    "stale": ("time is over", lambda folder, authority, pem: authority.answer(pem, days=-3).read_bytes()),
    "revoked": ("does not say", lambda folder, authority, pem: authority.answer(pem, state="R").read_bytes()),
    "of a certificate with another number": ("another certificate", lambda folder, authority, pem: authority.answer(
        authority.folder / "rsa.pem", serial=2000).read_bytes()),
    "of another authority with the same name": ("another certificate", by_another_authority),
    "signed by a stranger": ("does not stand behind", lambda folder, authority, pem: authority.answer(
        pem, signer=another(folder)).read_bytes()),
    "no response at all": ("no successful OCSP response", lambda *_: b"-----BEGIN NONSENSE-----\n"),
    "a response with something after it": ("no successful OCSP response", lambda folder, authority, pem:
                                           authority.answer(pem).read_bytes() + b"x"),
    "not there": ("No such file", lambda *_: None),
}


@pytest.mark.parametrize("story", STAPLES)
def test_a_staple_of_no_use_is_left_out_and_said(both, authority, ecdsa, story, tmp_path):
    words, make = STAPLES[story]
    staple = tmp_path / "staple.der"
    made = make(tmp_path, authority, ecdsa[0])
    if made is not None:
        staple.write_bytes(made)
    good = both.settings["tls-staple"]
    both.write_settings(tls_staple=staple)
    try:
        said = both.run("reload").stdout
        assert re.search(rf"^The certificate .* its OCSP response is of no use: .*{words}", said, re.M), said
        assert "Cert Status" not in ask(both, "-status", authority=authority)
        line = re.findall(r"warning certificate-not-stapled number=1 .*", both.log(100000))[-1]
        assert words in line, line
    finally:
        both.write_settings(tls_staple=good)
    assert "its OCSP response is sent along" in both.run("reload").stdout


SECOND_CERTIFICATES = {
    "of the same kind": ("another kind", lambda ecdsa, rsa: ecdsa),
    "without its key": ("need each other", lambda ecdsa, rsa: (rsa[0], "")),
    "with the first's key": ("does not fit", lambda ecdsa, rsa: (rsa[0], ecdsa[1])),
}


@pytest.mark.parametrize("story", SECOND_CERTIFICATES)
def test_a_second_certificate_that_cannot_be_used_stops_the_start(ecdsa, rsa, story):
    words, choose = SECOND_CERTIFICATES[story]
    second = choose(ecdsa, rsa)
    with Server(**{"tls-certificate": ecdsa[0], "tls-key": ecdsa[1], "tls-second-certificate": second[0],
                   "tls-second-key": second[1]}) as server:
        server.init()
        ran = server.run("serve", check=False, timeout=20)
        assert ran.returncode == 64 and words in ran.stderr, ran.stderr


class ServerOnAnotherKernel(Server):
    """With a library before it that does what the kernel's TLS would do."""

    def environment(self, faked=True):
        library = self.folder / "kernel_tls.so"
        if not library.exists():
            subprocess.run(["gcc", "-O1", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library,
                            Path(__file__).with_name("kernel_tls.c"), "-lcrypto"], check=True)
        return {**super().environment(faked), "LD_PRELOAD": str(library)}


CLOSING = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def fetch_pages(server, version, protocol):
    """Whole, from small to large, several on a connection."""
    web_root = server.settings["web-root"]
    pages = sorted(web_root.rglob("*.js"), key=lambda path: path.stat().st_size)
    urls = [f"{server.url}/{path.relative_to(web_root)}" for path in pages]
    curl = ["curl", "--silent", "--show-error", "--cacert", server.authority, "--max-time", "20",
            "--http2" if protocol == "h2" else "--http1.1", f"--tlsv1.{version}", "--tls-max", f"1.{version}"]
    got = subprocess.run([*curl, *urls], capture_output=True, timeout=30, check=True).stdout
    assert got == b"".join(path.read_bytes() for path in pages), len(got)


@pytest.mark.parametrize("kernel", [Server, ServerOnAnotherKernel])
def test_with_the_kernel_asked_for_all_goes_on(kernel, tmp_path):
    """Where it has no TLS everything is as before."""
    with kernel(tls_kernel="auto") as server:
        server.init().start()
        offered = re.search(r"info tls-kernel offered=(yes|no)", server.log()).group(1) == "yes"
        assert offered or kernel is Server
        for version, protocol in ((2, "http/1.1"), (3, "http/1.1"), (3, "h2")):
            fetch_pages(server, version, protocol)
            session = tmp_path / f"{version}{protocol[0]}.pem"
            for option in ("-sess_out", "-sess_in"):
                said = ask(server, f"-tls1_{version}", "-alpn", "http/1.1", "-ign_eof", option, session, request=CLOSING)
                # "closed" is what the client says of a close_notify; it fails where none came.
                assert "HTTP/1.1 200" in said and re.search(r"(^|\})closed$", said, re.M), said
            assert "Reused, " in said, said
        # Its keys cannot change: who renews theirs is let go, and comes back.
        said = ask(server, "-tls1_3", "-alpn", "http/1.1", request="K\n" + CLOSING, check=False)
        assert offered or "KEYUPDATE" in said, said
        fetch_pages(server, 3, "http/1.1")
        finding = [item["finding"] for item in server.json("doctor", check=False)["checks"] if item["check"] == "tls"]
        assert ("kernel, where" in finding[0]) == offered, finding
        with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10) as answer:
            counted = re.search(r"^lectern_handshakes_kernel_total (\d+)", answer.read().decode(), re.M)
        assert (int(counted.group(1)) >= 9) == offered, counted


def processor_has_vaes():
    flags = set(re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M).group(1).split())
    return {"vaes", "vpclmulqdq", "avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"} <= flags


@pytest.mark.parametrize("setting", ["auto", "off"])
def test_vaes_is_used_where_openssl_does_not_use_it_and_never_when_off(setting):
    with Server(tls_vaes=setting) as server:
        server.init().start()
        linked = "libIPSec_MB" in subprocess.run(["ldd", server.binary], capture_output=True, text=True, check=True).stdout
        wanted = setting == "auto" and linked and processor_has_vaes() and ssl.OPENSSL_VERSION_INFO[:2] == (3, 0)
        used = re.search(r"info tls-vaes used=(yes|no)", server.log()).group(1) == "yes"
        assert used == wanted
        for version, protocol in ((2, "http/1.1"), (3, "http/1.1"), (3, "h2")):
            fetch_pages(server, version, protocol)
        finding = [item["finding"] for item in server.json("doctor", check=False)["checks"] if item["check"] == "tls"]
        assert ("program with VAES" in finding[0]) == used, finding


def test_a_wrong_choice_of_who_makes_records_is_told():
    for name in ("tls_kernel", "tls_vaes"):
        with Server(**{name: "on"}) as server:
            server.init()
            ran = server.run("serve", check=False)
            assert ran.returncode != 0 and f"'{name.replace('_', '-')}' must be off or auto" in ran.stderr, ran


# Of an attack on compressed secrets it can only say "potentially": no page holds a secret beside what a stranger chose.
EXPECTED_FINDINGS = {"BREACH"}
SOUND = {"SSLv2", "SSLv3", "heartbleed", "CCS", "ticketbleed", "ROBOT", "secure_renego", "secure_client_renego", "CRIME_TLS",
         "POODLE_SSL", "fallback_SCSV", "SWEET32", "FREAK", "DROWN", "LOGJAM", "BEAST", "LUCKY13", "RC4",
         "cipherlist_NULL", "cipherlist_aNULL", "cipherlist_EXPORT", "cipherlist_LOW", "cipher_order", "TLS1_2", "TLS1_3",
         "PFS", "HSTS_time", "cert_trust <cert#1>", "cert_trust <cert#2>", "OCSP_stapling <cert#1>", "OCSP_stapling <cert#2>"}


@pytest.mark.soak
def test_testssl_finds_nothing_weak(authority, tmp_path):
    if not shutil.which("testssl"):
        pytest.skip("testssl is not installed")
    report, settings = tmp_path / "report.json", {}
    for kind, prefix in (("ecdsa", "tls-"), ("rsa", "tls-second-")):
        serial = secrets.randbits(120) | 1 << 120
        pem, key = authority.issue(f"sound-{kind}", kind, days=90, serial=serial)
        settings |= {prefix + "certificate": pem, prefix + "key": key,
                     prefix + "staple": authority.answer(pem, serial=serial, name=f"sound-{kind}.der")}
    with Server(**settings) as server:
        server.init().start()
        subprocess.run(["testssl", "--quiet", "--color", "0", "--nodns", "none", "--ip", "127.0.0.1", "--warnings", "off",
                        "--add-ca", authority.pem, "--jsonfile", report, f"localhost:{server.port}"],
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=900, check=False)
    findings = json.loads(report.read_text())
    bad = {(item["id"], item["finding"]) for item in findings
           if item["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL") and item["id"] not in EXPECTED_FINDINGS}
    assert not bad, bad
    assert not SOUND - {item["id"] for item in findings if item["severity"] == "OK"}
