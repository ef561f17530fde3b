"""nginx and h2o; each on a port of its own.

nginx checks a secure_link for every request and keeps a buffered access log: the nearest that it has to tokens and
delivery records; all else is as Debian's package sets it up.  Tuned nginx stands beside it, as an operator who knows it
would set it up for segments.  h2o checks nothing and keeps no log.  All have the certificate of Lectern.
"""
import base64
import hashlib
import os
import subprocess

from harness import free_port
from machine import SERVER_CORE, pin

SECRET, EXPIRES = "bench", 4102444800


def nginx_target(path):
    """The path with its secure link."""
    digest = hashlib.md5(f"{EXPIRES}{path} {SECRET}".encode()).digest()
    return f"{path}?md5={base64.urlsafe_b64encode(digest).decode().rstrip('=')}&expires={EXPIRES}"


class Rival:
    """A server over `files`; start() may be called again with another number of workers."""

    def __init__(self, folder, files, certificate, key):
        self.folder, self.files, self.certificate, self.key = folder, files, certificate, key
        self.port, self.process, self.workers = free_port(), None, 0
        self.url = f"https://localhost:{self.port}"
        self.log_path = folder / f"{self.name}.log"

    def start(self, workers=1, pinned=True):
        if (self.workers, self.pinned_now) != (workers, pinned):
            self.stop()
            self.config_path.write_text(self.configuration(workers))
            with self.log_path.open("wb") as log:
                self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            self.wait()
            if pinned:
                pin(self.process.pid, SERVER_CORE)
            self.workers, self.pinned_now = workers, pinned
        return self

    pinned_now = True

    def wait(self):
        subprocess.run(["curl", "-ks", "--retry", "50", "--retry-connrefused", "--retry-delay", "1", "-o",
                        os.devnull, self.url], check=True)
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended\n{self.log_path.read_text()}")

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process, self.workers = None, 0

    @property
    def config_path(self):
        return self.folder / f"{self.name}.conf"

    @property
    def pid(self):
        return self.process.pid


class Nginx(Rival):
    """With the nginx.conf of Debian 12.  What is added chooses the cipher (h2load offers others, and all servers are to
    have one), and lets a connection be kept, and held with thousands of others."""
    name, tuned, listening = "nginx", "", ""

    def command(self):
        return ["nginx", "-e", str(self.log_path), "-c", str(self.config_path)]

    def target(self, path):
        return nginx_target(path)

    def configuration(self, workers):
        folder = self.folder
        as_root = "user root;" if os.getuid() == 0 else ""
        return f"""
{as_root} worker_processes {workers}; daemon off; pid {folder}/{self.name}.pid;
error_log {self.log_path};
events {{ worker_connections 6000; }}
http {{
    sendfile on; tcp_nopush on; types_hash_max_size 2048; gzip on;
    include /etc/nginx/mime.types; default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_certificate {self.certificate}; ssl_certificate_key {self.key};
    access_log {folder}/{self.name}.access.log combined buffer=64k flush=1s;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    keepalive_requests 1000000000; {self.tuned}
    server {{
        listen 127.0.0.1:{self.port} ssl http2 {self.listening}; root {self.files};
        secure_link $arg_md5,$arg_expires;
        secure_link_md5 "$secure_link_expires$uri {SECRET}";
        location /media/ {{
            if ($secure_link != "1") {{ return 403; }}
        }}
    }}
}}
"""


class TunedNginx(Nginx):
    name, tuned, listening = "nginx-tuned", "open_file_cache max=10000 inactive=600s;", "reuseport backlog=4096"


class H2o(Rival):
    name = "h2o"

    def command(self):
        return ["h2o", "-c", str(self.config_path)]

    def target(self, path):
        return path

    def configuration(self, workers):
        as_root = "user: root" if os.getuid() == 0 else ""
        return f"""
num-threads: {workers}
{as_root}
pid-file: {self.folder}/h2o.pid
error-log: {self.log_path}
hosts:
  "localhost":
    listen:
      host: 127.0.0.1
      port: {self.port}
      ssl:
        certificate-file: {self.certificate}
        key-file: {self.key}
        ocsp-update-interval: 0
    paths:
      "/":
        file.dir: {self.files}
"""
