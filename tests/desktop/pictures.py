"""Takes the README's pictures from the real app: `pictures.py light|dark FOLDER`."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import screen
from app import App
from simulator import PUBLIC_CLIENT, ROOT, Simulator, until

THEME, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
BACK = re.compile("^Back on queue")
WORK = pathlib.Path(os.environ.get("EARSHOT_WORK", ROOT / "tests/.work/pictures"))


CONVERT = next((each for each in ("/usr/bin/convert-im6.q16", "/usr/bin/convert") if os.path.exists(each)), "convert")


def facts(path):
    """How many colours a picture has, and a sum that is another for another picture."""
    command = [CONVERT, str(path), "-format", "%k %#", "info:"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else ["0", ""]


def take(name, windows):
    """A picture of a window, as soon as it is painted and stands still."""
    [window] = until(f"a window for {name}", windows)
    path, before = FOLDER / f"{name}-{THEME}.png", None

    def still():
        nonlocal before
        screen.picture(path, window)
        colours, now = facts(path)
        was, before = before, now
        return int(colours) > 50 and now == was

    try:
        until("it stands still", still, 6, 0.4)
    except AssertionError:
        # A running count-down never stands still, and need not; a blank window is no picture.
        if int(facts(path)[0]) <= 50:
            raise
    if windows.__name__ == "popup_windows":
        round_corners(path)
    print(f"  {path.name}")


def round_corners(path):
    """What is see-through on a desktop is black without a compositor: make it see-through again."""
    width, height = (int(each) for each in screen.run(CONVERT, str(path), "-format", "%w %h", "info:").split())
    radius = 13 * int(os.environ.get("GDK_SCALE", "1"))
    shape = f"roundrectangle 0,0,{width - 1},{height - 1},{radius},{radius}"
    mask = ["(", "-size", f"{width}x{height}", "xc:none", "-fill", "white", "-draw", shape, ")"]
    command = [CONVERT, str(path), "-alpha", "set", *mask, "-compose", "DstIn", "-composite", str(path)]
    subprocess.run(command, check=True)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    screen.move_pointer(2, 2)
    bare = App(WORK / "bare")
    try:
        bare.wait("button", "Sign in")
        take("sign-in", bare.main_windows)
    finally:
        bare.stop()
    with Simulator() as simulator:
        address = simulator.base_url
        app = App(
            quiet(WORK / "app"),
            environment={
                "EARSHOT_LOGIN_URL": address,
                "EARSHOT_API_URL": address,
                "EARSHOT_CLIENT_ID": PUBLIC_CLIENT,
            },
        )
        try:
            desk(app, simulator)
        finally:
            app.stop()


def quiet(folder):
    """A home of the app's in which it does not ring: a machine that takes pictures has no loudspeaker to miss."""
    settings = folder / "data" / "cloud.earshot.desktop" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"ring": false}')
    return folder


def desk(app, simulator):
    """From the first quiet moment to a connection that is gone."""
    app.press("Sign in")
    until("it has caught up", lambda: app.indicator() == "Connected")
    take("idle", app.main_windows)
    app.press("Settings")
    app.wait("button", re.compile("^Save report"))
    take("settings", app.main_windows)
    app.press("Settings")

    simulator.do("set-routing-status", status="NOT_RESPONDING")
    app.wait("button", BACK, page="popup")
    take("not-responding", app.popup_windows)
    app.press(BACK, page="popup")
    until("the pop-up is gone", lambda: not app.popup_windows())

    def offer(medium, caller, **more):
        offered = simulator.offer(medium, caller=caller, if_missed="end", alerting_seconds=60, **more)
        app.wait(name=caller, page="popup")
        return offered

    def end(command, offered):
        simulator.do(command, conversation=offered["conversation"])

    first = offer("call", "Maria Keller", address="tel:+493055501234", queue="Priority Care")
    subject, address = "Invoice 4711 was charged twice", "o.adeyemi@example.com"
    second = offer("email", "Oluwaseun Adeyemi", address=address, queue="Billing", subject=subject)
    take("popup", app.popup_windows)
    for each in (first, second):
        end("answered-elsewhere", each)
        end("end", each)
    until("the pop-up is gone", lambda: not app.popup_windows())

    # Three ways to miss one. They take the time that they would take.
    offer("call", "Tomasz Nowak", address="tel:+48221234567", queue="Billing", patience_seconds=6)
    simulator.offer(
        "message",
        caller="Chiara Ricci",
        address="+390612345678",
        queue="Sales",
        message_type="whatsapp",
        if_missed="end",
        alerting_seconds=14,
    )
    until("two are missed", lambda: len(app.missed()) == 2, 40)
    simulator.do("set-routing-status", status="IDLE")
    left = offer("call", "Priya Raman", address="tel:+442079460123", queue="Technical Support")
    time.sleep(8)
    simulator.do("refuse-upgrades", status=503)
    simulator.do("drop-sockets")
    app.wait_indicator("Reconnecting")
    end("hang-up", left)
    simulator.do("clear-faults")
    until("three are missed", lambda: len(app.missed()) == 3, 40)
    until("it has caught up", lambda: app.indicator() == "Connected")
    take("missed", app.main_windows)

    simulator.do("refuse-upgrades", status=503)
    simulator.do("drop-sockets")
    app.wait_indicator("Reconnecting")
    until("several attempts", lambda: simulator.state()["sockets"]["refused"] >= 4, 60)
    take("reconnecting", app.main_windows)


main()
