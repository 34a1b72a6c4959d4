"""Stands between the app and the simulator, and remembers the secrets that pass: the canaries of the log test.

A plain TCP relay: what the app sends to it goes on to the simulator unchanged, and back.
"""

import re
import socket
import threading
import urllib.parse


class Recorder:
    """A relay on a loopback port of its own. Use as a context manager."""

    def __init__(self, base_url):
        target = urllib.parse.urlsplit(base_url)
        self._target = (target.hostname, target.port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._seen, self._lock, self._open = [], threading.Lock(), []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.close()
        for each in self._open:
            each.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source, sink):
        piece = bytearray()
        with self._lock:
            self._seen.append(piece)
        try:
            while data := source.recv(65536):
                with self._lock:
                    piece += data
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for each in (source, sink):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def secrets(self):
        """By kind, everything secret that has passed."""
        with self._lock:
            text = "\n".join(each.decode("latin-1") for each in self._seen)
        found = {
            "access token": re.findall(r'"access_token"\s*:\s*"([^"]+)"', text),
            "refresh token": re.findall(r'"refresh_token"\s*:\s*"([^"]+)"', text),
            "authorization code": re.findall(r"(?:^|&)code=([^&\s]+)", text, re.M),
            "code verifier": re.findall(r"code_verifier=([^&\s]+)", text),
            "channel": [
                each.rstrip("/").rsplit("/", 1)[1] for each in re.findall(r'"connectUri"\s*:\s*"([^"]+)"', text)
            ],
        }
        return {kind: sorted(set(values)) for kind, values in found.items()}
