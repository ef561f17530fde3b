"""A certificate authority in a folder, and openssl as a client, for the tests of TLS."""
import subprocess


def openssl(*words, stdin="", check=True, timeout=20):
    ran = subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, text=True,
                         timeout=timeout, check=False)
    assert not check or ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


class Authority:
    """A certificate authority that answers for what it issued."""

    def __init__(self, folder, name="Test authority"):
        self.folder = folder
        folder.mkdir()
        self.key, self.pem = folder / "authority.key", folder / "authority.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 400,
                "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.pem)

    def issue(self, name, kind="ecdsa", days=20, serial=1000):
        """NAME.pem (with the authority behind it) and NAME.key."""
        how = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ecdsa" else ["rsa:2048"]
        key, request, pem = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        names = self.folder / "names.cnf"
        names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nkeyUsage=critical,digitalSignature\n"
                         "extendedKeyUsage=serverAuth\nauthorityInfoAccess=OCSP;URI:http://ocsp.example\n")
        openssl("req", "-newkey", *how, "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.pem, "-CAkey", self.key, "-days", days,
                "-set_serial", serial, "-extfile", names, "-out", pem)
        pem.write_text(pem.read_text() + self.pem.read_text())
        return pem, key

    def answer(self, certificate, state="V", days=1, serial=1000, name="staple.der", signer=None):
        """An OCSP response about a certificate, for a day that ends in so many days; `signer`: another's hand."""
        signer = signer or self
        index, asked, answer = (self.folder / end for end in ("index.txt", "asked.der", name))
        revoked = "240101000000Z" if state == "R" else ""
        number = serial.to_bytes((serial.bit_length() + 7) // 8, "big").hex().upper()  # as openssl writes it
        index.write_text(f"{state}\t350101000000Z\t{revoked}\t{number}\tunknown\t/CN=x\n")
        openssl("ocsp", "-issuer", self.pem, "-cert", certificate, "-no_nonce", "-reqout", asked)
        faked = ["faketime", "-f", f"{days - 1}d"] if days < 1 else []
        ran = subprocess.run([*faked, "openssl", "ocsp", "-index", index, "-CA", self.pem, "-rsigner", signer.pem,
                              "-rkey", signer.key, "-reqin", asked, "-respout", answer, "-ndays", "1"],
                             capture_output=True, text=True, timeout=20, check=False)
        assert ran.returncode == 0, ran.stderr
        return answer


def ask(server, *options, authority=None, name="localhost", request="", check=True):
    """What s_client prints of a handshake."""
    trust = ["-CAfile", authority.pem, "-verify_return_error"] if authority else []
    asked = ["-servername", name] if name else []
    return openssl("s_client", "-connect", f"127.0.0.1:{server.port}", *asked, *trust, *options, stdin=request, check=check)
