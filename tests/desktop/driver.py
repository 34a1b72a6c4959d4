"""The app, driven from inside its pages by WebKitWebDriver: for what a page that is no longer ours could try."""

import json
import socket
import urllib.error
import urllib.request

from app import App
from simulator import until

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class DrivenApp(App):
    """One run of the app under WebKitWebDriver, which starts it and can run scripts in its pages."""

    def spawn(self, command, variables):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        variables = {**variables, "TAURI_WEBVIEW_AUTOMATION": "true"}
        driver = super().spawn(["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"], variables)
        until("the driver listens", lambda: self._status())
        options = {"binary": command[0], "args": command[1:]}
        capabilities = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self.session = self._ask("POST", "/session", capabilities)["sessionId"]
        return driver

    def _status(self):
        try:
            return self._ask("GET", "/status")
        except urllib.error.URLError:
            return None

    def _ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _direct.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode()}") from None

    def _in_session(self, method, path, body=None):
        return self._ask(method, f"/session/{self.session}{path}", body)

    def stop(self):
        if self.running():
            try:
                self._in_session("DELETE", "")
            except (AssertionError, OSError):
                pass
        super().stop()

    def windows(self):
        return self._in_session("GET", "/window/handles")

    def address(self):
        return self._in_session("GET", "/url")

    def go_to(self, page):
        """Turns to one of the app's pages: `main` or `popup`."""
        seen = []

        def there():
            seen.clear()
            for handle in self.windows():
                try:
                    self._in_session("POST", "/window", {"handle": handle})
                    seen.append(self.address())
                except AssertionError as gone:
                    # A page that is still being loaded, or was taken down meanwhile.
                    seen.append(str(gone))
                    continue
                if seen[-1].startswith("tauri://") and ("popup.html" in seen[-1]) == (page == "popup"):
                    return True
            return False

        until(lambda: f"the page {page}; there is {seen}", there, 20)

    def run(self, script, *arguments):
        """Runs the body of an async function in the page, and gives back what it returns."""
        wrapped = (
            "const [args, done] = [Array.from(arguments).slice(0, -1), arguments[arguments.length - 1]];"
            "(async () => {" + script + "})().then((value) => done({value}), (error) => done({error: String(error)}));"
        )
        answer = self._in_session("POST", "/execute/async", {"script": wrapped, "args": list(arguments)})
        if "error" in answer:
            raise AssertionError(f"the script failed: {answer['error']}")
        return answer.get("value")
