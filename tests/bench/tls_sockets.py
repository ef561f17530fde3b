"""TLS sockets for clients that misbehave; they trust whatever certificate stands behind a port of this machine."""
import socket
import ssl


def open_tls(port, receive_bytes=None, timeout=20):
    plain = socket.socket()
    plain.settimeout(timeout)
    if receive_bytes:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    plain.connect(("127.0.0.1", port))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context.wrap_socket(plain, server_hostname="localhost")
