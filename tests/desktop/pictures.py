"""Takes the README's pictures from the real app: `pictures.py light|dark FOLDER`."""

import os
import pathlib
import shutil
import subprocess
import sys

import screen
from app import App
from simulator import PUBLIC_CLIENT, ROOT, Simulator, until

THEME, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
WORK = pathlib.Path(os.environ.get("EARSHOT_WORK", ROOT / "tests/.work/pictures"))


def settled(path, window):
    """Takes pictures of a window until two in a row are the same: animations are over then."""
    before = None

    def same():
        nonlocal before
        screen.picture(path, window)
        now = subprocess.run(
            ["/usr/bin/convert-im6.q16", str(path), "-format", "%#", "info:"], capture_output=True, text=True, check=False
        ).stdout
        if now and now == before:
            return True
        before = now
        return False

    try:
        until("the picture stands still", same, 5, 0.3)
    except AssertionError:
        pass  # a running count-down never stands still, and need not


def take(name, windows):
    [window] = until(f"a window for {name}", windows)
    settled(FOLDER / f"{name}-{THEME}.png", window)
    print(f"  {name}-{THEME}.png")


def main():
    shutil.rmtree(WORK / "app", ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    screen.move_pointer(2, 2)
    with Simulator("--wrapup", "60") as simulator:
        bare = App(WORK / "bare")
        try:
            bare.wait("button", "Sign in")
            take("sign-in", bare.main_windows)
        finally:
            bare.stop()
        app = App(
            WORK / "app",
            environment={
                "EARSHOT_LOGIN_URL": simulator.base_url,
                "EARSHOT_API_URL": simulator.base_url,
                "EARSHOT_CLIENT_ID": PUBLIC_CLIENT,
            },
        )
        try:
            desk(app, simulator)
        finally:
            app.stop()


def desk(app, simulator):
    app.press("Sign in")
    app.wait_indicator("Connected")
    take("idle", app.main_windows)

    left = simulator.offer("call", caller="Tomasz Nowak", address="tel:+48221234567", queue="Billing", if_missed="end")
    app.wait(name="Tomasz Nowak", page="popup")
    simulator.do("hang-up", conversation=left["conversation"])
    rang = simulator.offer("message", caller="Chiara Ricci", queue="Sales", message_type="whatsapp", if_missed="end")
    app.wait(name="Chiara Ricci", page="popup")
    simulator.do("time-out", conversation=rang["conversation"])
    until("two are missed", lambda: len(app.missed()) >= 2)
    simulator.do("set-routing-status", status="IDLE")

    first = simulator.offer(
        "call", caller="Maria Keller", address="tel:+493055501234", queue="Priority Care", alerting_seconds=30
    )
    app.wait(name="Maria Keller", page="popup")
    second = simulator.offer(
        "email", caller="Oluwaseun Adeyemi", queue="Billing", subject="Invoice 4711 was charged twice", alerting_seconds=60
    )
    app.wait(name="Oluwaseun Adeyemi", page="popup")
    take("popup", app.popup_windows)
    for each in (first, second):
        simulator.do("answered-elsewhere", conversation=each["conversation"], by="agent")
    until("the pop-up is gone", lambda: not app.popup_windows())
    simulator.do("set-routing-status", status="IDLE")
    take("missed", app.main_windows)

    simulator.do("refuse-upgrades", status=503)
    simulator.do("drop-sockets")
    app.wait_indicator("Reconnecting")
    until("several attempts", lambda: simulator.state()["sockets"]["refused"] >= 4, 60)
    take("reconnecting", app.main_windows)


main()
