// The main window as assistive technology meets it: roles, names, and what each press sends.

import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppView } from "../src/bindings/AppView";
import {
  aDeafDay,
  aDesk,
  anAgent,
  anOffer,
  aView,
  SCENARIOS,
  scenario,
  trouble,
} from "../src/fake/scenarios";
import { QUIET_MS } from "../src/lib/keys";
import Main from "../src/main/Main.svelte";
import { openPage, Wire } from "./wire";

const NOW = 1_800_000_000_000;

// Time stands still, but timers run.
beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ["Date"] }));

async function open(view: AppView): Promise<Wire> {
  const wire = new Wire(view);
  render(Main, { page: await openPage(wire) });
  return wire;
}
const press = (name: string | RegExp, index = 0): Promise<boolean> => {
  const button = screen.getAllByRole("button", { name })[index];
  if (button === undefined) throw new Error(`no button ${name}`);
  return fireEvent.click(button);
};

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("signing in", () => {
  it("sends the form, with the region of the list", async () => {
    const wire = await open(scenario("sign-in", NOW));
    await screen.findByRole("option", { name: "Europe (Ireland)" });
    await fireEvent.change(screen.getByLabelText("Region"), { target: { value: "mypurecloud.ie" } });
    await fireEvent.input(screen.getByLabelText("OAuth client ID"), { target: { value: " the-client " } });
    expect(screen.queryByLabelText("API address")).toBeNull();
    await press("Sign in");
    expect(wire.said.at(-1)).toEqual({
      name: "sign_in",
      form: { region: "mypurecloud.ie", loginUrl: "", apiUrl: "", clientId: "the-client" },
    });
  });

  it("asks for two addresses with Custom…", async () => {
    const wire = await open(scenario("sign-in", NOW));
    await fireEvent.change(screen.getByLabelText("Region"), { target: { value: "custom" } });
    await fireEvent.input(screen.getByLabelText("Sign-in address"), {
      target: { value: "http://127.0.0.1:9000" },
    });
    await fireEvent.input(screen.getByLabelText("API address"), {
      target: { value: "http://127.0.0.1:9001" },
    });
    await press("Sign in");
    expect(wire.said.at(-1)).toMatchObject({
      form: { region: "custom", loginUrl: "http://127.0.0.1:9000", apiUrl: "http://127.0.0.1:9001" },
    });
  });

  it("saves a report and says where it is", async () => {
    const wire = await open(scenario("sign-in", NOW));
    wire.replies.set("save_report", { name: "saved", value: "/home/ada/Downloads/earshot-report.txt" });
    await press("Save report");
    expect(wire.said.at(-1)).toEqual({ name: "save_report" });
    expect(await screen.findByText("/home/ada/Downloads/earshot-report.txt")).toBeTruthy();
  });

  it("locks what an administrator sets, and says where", async () => {
    const wire = await open(scenario("sign-in-managed", NOW));
    const region = await screen.findByRole("option", { name: "Europe (Frankfurt)" });
    expect(region.closest("select")?.disabled).toBe(true);
    for (const label of ["Region", "OAuth client ID"]) {
      const reason = screen.getByLabelText(label).getAttribute("aria-describedby") ?? "";
      const said = document.getElementById(reason)?.textContent;
      expect(said, label).toContain("Set by your administrator in /etc/earshot/config.toml");
    }
    await press("Sign in");
    expect(wire.said.at(-1)).toMatchObject({ form: { region: "mypurecloud.de" } });
  });

  it("says that what an administrator set cannot be used", async () => {
    await open(scenario("sign-in-managed-broken", NOW));
    expect(screen.getByText(/cannot be used \(line 3: unknown field/)).toBeTruthy();
    expect(screen.getByLabelText<HTMLSelectElement>("Region").disabled).toBe(false);
  });

  it("locks what the environment sets, says why, and sends it as set", async () => {
    const wire = await open(scenario("sign-in-custom", NOW));
    const field = screen.getByLabelText<HTMLInputElement>("Sign-in address");
    expect(field.disabled).toBe(true);
    const reason = document.getElementById(field.getAttribute("aria-describedby") ?? "");
    expect(reason?.textContent).toContain("Set by your environment");
    expect(screen.getByLabelText<HTMLSelectElement>("Region").disabled).toBe(true);
    expect(screen.getByLabelText<HTMLInputElement>("API address").disabled).toBe(false);
    await press("Sign in");
    expect(wire.said.at(-1)).toMatchObject({
      form: { region: "custom", loginUrl: "https://login.example.test" },
    });
  });

  it("says as an alert why the last one failed, and what to do", async () => {
    await open(scenario("sign-in-custom", NOW));
    expect(screen.getByRole("alert").textContent).toMatch(/does not answer\.\s+Check the address/);
  });

  it("says as an alert what a refused command said, and forgets it on the next screen", async () => {
    const wire = new Wire(scenario("sign-in", NOW));
    wire.failing.set("sign_in", {
      code: "signin.ports",
      message: "All three ports are taken.",
      retryable: true,
    });
    render(Main, { page: await openPage(wire) });
    await press("Sign in");
    expect((await screen.findByRole("alert")).textContent).toContain("All three ports are taken.");
    wire.show(scenario("sign-in-needed", NOW));
    await screen.findByText("Sign-in needed");
    expect(screen.queryByText("All three ports are taken.")).toBeNull();
  });

  it("says as an alert what came of signing out, and that it goes on with a sign-in from before", async () => {
    const wire = await open(scenario("signed-out", NOW));
    expect(screen.getByRole("alert").textContent).toContain("nothing is left on this computer");
    wire.show(scenario("resuming", NOW));
    expect((await screen.findByRole("status")).textContent).toContain("Connecting…");
    expect(screen.queryByRole("button", { name: "Sign in" })).toBeNull();
  });

  it("asks for the regions once", async () => {
    const wire = await open(scenario("sign-in", NOW));
    await screen.findByRole("option", { name: "Europe (Ireland)" });
    wire.show(aView({ stage: { name: "signed_out", trouble: trouble("x", "No."), farewell: null } }));
    await screen.findByRole("alert");
    expect(wire.said).toEqual([{ name: "regions" }]);
  });

  it("practises without an account, and can stop waiting for the browser", async () => {
    const wire = await open(scenario("sign-in", NOW));
    await press("Practice without an account");
    wire.show(scenario("signing-in", NOW));
    expect((await screen.findByRole("status")).textContent).toContain("Your browser is open…");
    await press("Cancel");
    expect(wire.said.slice(-2)).toEqual([{ name: "practice" }, { name: "cancel_sign_in" }]);
  });

  it("offers to try again when Earshot does not answer at all", async () => {
    const { fakeTransport } = await import("../src/fake/transport");
    const { hostOver } = await import("../src/host");
    const { Page } = await import("../src/lib/page.svelte");
    const page = new Page(hostOver(fakeTransport("broken")));
    page.open();
    render(Main, { page });
    expect((await screen.findByRole("alert")).textContent).toContain("The fake is broken.");
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });
});

describe("the indicator", () => {
  it.each([
    ["quiet", "Connected"],
    ["catching-up", "Connected"],
    ["starting", "Connecting"],
    ["reconnecting", "Reconnecting"],
    ["offline", "Offline"],
    ["sign-in-needed", "Sign-in needed"],
    ["blocked", "Blocked"],
  ])("of %s begins with %s", async (name, word) => {
    await open(scenario(name, NOW));
    const text = screen.getByRole("status").textContent ?? "";
    expect(text.startsWith(word)).toBe(true);
    const connected = word === "Connected";
    const retry = screen.queryByRole("button", { name: "Reconnect now" });
    if (connected) expect(retry).toBeNull();
    else if (word !== "Sign-in needed") expect(retry).not.toBeNull();
  });

  it("says why, what to do and when the next try is, and cuts the wait short", async () => {
    const wire = await open(scenario("blocked", NOW));
    expect(screen.getByRole("status").textContent).toMatch(
      /scope “notifications” is missing\. Ask your administrator/,
    );
    expect(screen.getByText(/Next try in/).textContent).toMatch(/Next try in 41 s/);
    await press("Reconnect now");
    expect(wire.said).toEqual([{ name: "reconnect_now" }]);
  });

  it("counts minutes without the unit of seconds", async () => {
    const link = scenario("blocked", NOW).snapshot?.link;
    if (!link) throw new Error("a link");
    await open(aDesk(NOW, { link: { ...link, nextTryAt: NOW + 65_000 } }));
    expect(screen.getByText(/Next try in/).textContent?.trim()).toBe("Next try in 1:05");
  });

  it("says Catching up until it has", async () => {
    const wire = await open(scenario("catching-up", NOW));
    expect(screen.getByRole("status").textContent).toContain("Catching up…");
    wire.show(scenario("quiet", NOW));
    await expect.poll(() => screen.getByRole("status").textContent?.trim()).toBe("Connected");
  });

  it("signs in again with the stored settings", async () => {
    const wire = await open(scenario("sign-in-needed", NOW));
    await press("Sign in");
    expect(wire.said).toEqual([
      {
        name: "sign_in",
        form: { region: "mypurecloud.de", loginUrl: "", apiUrl: "", clientId: wire.view.settings.clientId },
      },
    ]);
  });
});

describe("how deaf today was", () => {
  it("stands under the indicator, quietly, and is not read out as it counts", async () => {
    await open(aDesk(NOW, {}, { deafToday: aDeafDay(NOW, { closed: 4000, gaps: 2 }) }));
    const line = within(screen.getByRole("region", { name: "Connection" })).getByText(
      "Deaf today: 4 s in 2 gaps, nothing missed.",
    );
    expect(line.closest("[aria-live], [role=status], [role=alert]")).toBeNull();
  });

  it("counts the gap that is open", async () => {
    await open(scenario("reconnecting", NOW));
    expect(screen.getByText("Deaf today: 14 s in 1 gap.")).toBeTruthy();
  });

  it("is not claimed where it is not known", async () => {
    await open(aDesk(NOW, {}, { deafToday: null }));
    expect(screen.queryByText(/today/)).toBeNull();
  });
});

describe("a sign-in that ends soon", () => {
  const ending = { severity: "warning", trouble: trouble("sign_in.needed", "Your sign-in ends.") } as const;

  it("is renewed from its notice while Earshot still hears", async () => {
    const wire = await open(aDesk(NOW, { notices: [ending] }));
    const notices = within(screen.getByRole("list", { name: "Notices" }));
    await fireEvent.click(notices.getByRole("button", { name: "Sign in" }));
    expect(wire.said).toEqual([
      {
        name: "sign_in",
        form: { region: "mypurecloud.de", loginUrl: "", apiUrl: "", clientId: wire.view.settings.clientId },
      },
    ]);
  });

  it("has one button only once the connection asks for it", async () => {
    const link = scenario("sign-in-needed", NOW).snapshot?.link;
    if (!link) throw new Error("a link");
    await open(aDesk(NOW, { link, notices: [ending] }));
    expect(screen.getAllByRole("button", { name: "Sign in" })).toHaveLength(1);
  });
});

describe("the desk", () => {
  it("names the agent, the organisation and the practice", async () => {
    await open(scenario("practice", NOW));
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Noor Haddad");
    expect(screen.getByText("Northwind Energy")).toBeTruthy();
    expect(screen.getByText("Practice")).toBeTruthy();
  });

  it("has a switch On queue that shows what is so, and asks for the other", async () => {
    const wire = await open(scenario("off-queue", NOW));
    const toggle = screen.getByRole("switch", { name: "On queue" });
    expect(toggle.getAttribute("aria-checked")).toBe("false");
    await fireEvent.click(toggle);
    expect(wire.said).toEqual([{ name: "set_on_queue", on: true }]);
    expect(toggle.getAttribute("aria-checked")).toBe("false");
    wire.show(scenario("quiet", NOW));
    await expect.poll(() => toggle.getAttribute("aria-checked")).toBe("true");
  });

  it("does not ask twice while a change is under way", async () => {
    const wire = await open(aDesk(NOW, { agent: anAgent(NOW, { presenceChange: { state: "pending" } }) }));
    await fireEvent.click(screen.getByRole("switch", { name: "On queue" }));
    expect(wire.said).toEqual([]);
  });

  it("chooses a presence with the keyboard alone", async () => {
    const wire = await open(scenario("quiet", NOW));
    const chooser = screen.getByRole("button", { name: "Presence On Queue" });
    await fireEvent.keyDown(chooser, { key: "ArrowDown" });
    const list = await screen.findByRole("listbox", { name: "Presence" });
    expect(document.activeElement).toBe(list);
    await fireEvent.keyDown(list, { key: "Home" });
    await fireEvent.keyDown(list, { key: "m" });
    await expect.poll(() => screen.getByRole("option", { selected: true }).textContent?.trim()).toBe("Meal");
    expect(list.getAttribute("aria-activedescendant")).toBe(
      screen.getByRole("option", { selected: true }).id,
    );
    await fireEvent.keyDown(list, { key: "Enter" });
    expect(wire.said).toEqual([{ name: "set_presence", id: "p-meal" }]);
    expect(document.activeElement).toBe(chooser);
  });

  it("closes the presences with the button that opened them", async () => {
    await open(scenario("quiet", NOW));
    await press("Presence On Queue");
    const list = await screen.findByRole("listbox");
    const chooser = screen.getByRole("button", { name: "Presence On Queue" });
    // What a browser does with a press that nobody prevents.
    if (await fireEvent.mouseDown(chooser)) list.blur();
    await fireEvent.click(chooser);
    expect(screen.queryByRole("listbox")).toBeNull();
  });

  it("leaves the presence alone on Escape", async () => {
    const wire = await open(scenario("quiet", NOW));
    await press("Presence On Queue");
    const list = await screen.findByRole("listbox");
    await fireEvent.keyDown(list, { key: "ArrowUp" });
    await fireEvent.keyDown(list, { key: "Escape" });
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(wire.said).toEqual([]);
  });

  it("says as an alert that a presence change failed", async () => {
    await open(scenario("troubles", NOW));
    const alerts = screen.getAllByRole("alert").map((alert) => alert.textContent ?? "");
    expect(alerts.some((text) => text.includes("Genesys did not accept the change."))).toBe(true);
    const notices = screen.getByRole("list", { name: "Notices" });
    expect(notices.textContent).toContain("No sound device was found.");
    expect(within(notices).getAllByRole("listitem")).toHaveLength(2);
  });

  it("is loud about Not Responding, and goes back with one press", async () => {
    const wire = await open(scenario("not-responding", NOW));
    expect(screen.getByRole("heading", { name: "You are Not Responding" })).toBeTruthy();
    await press("Back on queue");
    expect(wire.said).toEqual([{ name: "back_on_queue" }]);
  });

  it("goes back on queue with B, but not just after it has appeared, and not where letters are typed", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1000);
    const wire = await open(scenario("not-responding", NOW));
    const back = screen.getByRole("button", { name: "Back on queue" });
    expect(back.getAttribute("aria-keyshortcuts")).toBe("B");
    await fireEvent.keyDown(window, { key: "b" });
    expect(wire.said).toEqual([]);
    clock.mockReturnValue(1000 + QUIET_MS);
    await fireEvent.click(screen.getByRole("button", { name: /^Presence/ }));
    await tick();
    await fireEvent.keyDown(screen.getByRole("listbox"), { key: "b" });
    expect(wire.said).toEqual([]);
    await fireEvent.keyDown(document.body, { key: "b", ctrlKey: true });
    expect(wire.said).toEqual([]);
    await fireEvent.keyDown(document.body, { key: "b" });
    expect(wire.said).toEqual([{ name: "back_on_queue" }]);
  });

  it("has no such key while there is nothing to go back from", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1000);
    const wire = await open(scenario("quiet", NOW));
    clock.mockReturnValue(1000 + QUIET_MS);
    await fireEvent.keyDown(document.body, { key: "b" });
    expect(wire.said).toEqual([]);
  });

  it("lists the current conversations with their state", async () => {
    await open(scenario("busy", NOW));
    const items = within(screen.getByRole("list", { name: "Conversations" })).getAllByRole("listitem");
    expect(items.map((item) => item.textContent?.replaceAll(/\s+/g, " ").trim())).toEqual([
      "Oluwaseun Adeyemi Call · Billing Talking Held 4 min",
      "Ana Kovač WhatsApp · Messages Open 12 min",
      "accounts@harbour-bakery.example Email · Email Wrap up 40 s",
    ]);
  });
});

describe("Missed", () => {
  it("is always there", async () => {
    await open(scenario("quiet", NOW));
    expect(screen.getByRole("list", { name: "Missed" }).textContent).toContain("Nothing missed.");
  });

  it("says who and why, and forgets on request", async () => {
    const wire = await open(scenario("busy", NOW));
    const items = within(screen.getByRole("list", { name: "Missed" })).getAllByRole("listitem");
    expect(items).toHaveLength(3);
    expect(items[0]?.textContent).toMatch(
      /Tomás Ferreira.*Moving home · Arrived while reconnecting \(close 1006\)/s,
    );
    expect(items[2]?.textContent).toContain("An offer was missed, details unavailable");
    await press(/^Forget Ji-woo Park/);
    expect(wire.said).toEqual([{ name: "forget_missed", id: "m2" }]);
  });

  it("shows five, and all on request", async () => {
    const one = aDesk(NOW).snapshot;
    const many = Array.from({ length: 8 }, (_, i) => ({
      ...{ id: `m${i}`, conversation: null, medium: "call" as const, caller: `Caller ${i}`, queue: null },
      ...{ at: NOW, end: "timed_out" as const, reason: "Rang 20 s" },
    }));
    await open(aView({ snapshot: one && { ...one, missed: many } }));
    const list = screen.getByRole("list", { name: "Missed" });
    expect(within(list).getAllByRole("listitem")).toHaveLength(5);
    await press("Show all 8");
    expect(within(list).getAllByRole("listitem")).toHaveLength(8);
  });
});

describe("settings", () => {
  const opened = (view: AppView): Promise<Wire> => open({ ...view, settingsOpen: true });

  it("are shown and put away by Earshot, on request", async () => {
    const wire = await open(scenario("quiet", NOW));
    const gear = screen.getByRole("button", { name: "Settings" });
    expect(gear.getAttribute("aria-expanded")).toBe("false");
    await press("Settings");
    wire.show({ ...wire.view, settingsOpen: true });
    expect(await screen.findByRole("heading", { name: "Settings" })).toBeTruthy();
    expect(gear.getAttribute("aria-expanded")).toBe("true");
    await press("Settings");
    expect(wire.said).toEqual([
      { name: "show_settings", open: true },
      { name: "show_settings", open: false },
    ]);
  });

  it("rings or not, and how loud", async () => {
    const wire = await opened(scenario("quiet", NOW));
    const volume = screen.getByRole("slider", { name: "Volume" });
    await fireEvent.input(volume, { target: { value: "40" } });
    expect(wire.said).toEqual([]);
    await fireEvent.change(volume, { target: { value: "40" } });
    expect(wire.said).toEqual([{ name: "set_sound", ring: true, volume: 40 }]);
    await fireEvent.click(screen.getByRole("checkbox", { name: "Ring on offers" }));
    expect(wire.said.at(-1)).toMatchObject({ name: "set_sound", ring: false });
  });

  it("starts at login, and says so only where that is written", async () => {
    const wire = await opened(scenario("quiet", NOW));
    const box = () =>
      screen.getByRole<HTMLInputElement>("checkbox", { name: "Start Earshot when you log in" });
    expect(box().checked).toBe(false);
    await fireEvent.click(box());
    expect(wire.said.at(-1)).toEqual({ name: "set_start_at_login", on: true });
    wire.show({ ...wire.view, startAtLogin: true });
    await tick();
    expect(box().checked).toBe(true);
    const error = { code: "autostart.unwritten", message: "It could not be changed.", retryable: true };
    wire.failing.set("set_start_at_login", error);
    await fireEvent.click(box());
    expect(await screen.findByText("It could not be changed.")).toBeTruthy();
    expect(box().checked).toBe(true);
  });

  it("leaves to an administrator what is theirs", async () => {
    await opened(scenario("managed", NOW));
    const box = screen.getByRole<HTMLInputElement>("checkbox", { name: "Start Earshot when you log in" });
    expect([box.checked, box.disabled]).toEqual([true, true]);
  });

  it("tries the ring, tells the version, signs out", async () => {
    const wire = await opened(scenario("quiet", NOW));
    expect(screen.getByText("Earshot 0.1.0")).toBeTruthy();
    await press("Try the ring");
    await press("Sign out");
    expect(wire.said).toEqual([{ name: "try_ring" }, { name: "sign_out" }]);
  });
});

describe("offers in the main window", () => {
  it("are an alert region that is there before they are", async () => {
    const wire = await open(scenario("quiet", NOW));
    const region = screen.getByRole("alert", { name: "Offers" });
    expect(region.textContent?.trim()).toBe("");
    wire.show(scenario("offers", NOW));
    expect(await within(region).findByText("Marta Lindqvist")).toBeTruthy();
  });

  it("keep a hidden one, without Dismiss", async () => {
    await open(aDesk(NOW, { offers: [anOffer("a", NOW, { dismissed: true })] }));
    expect(screen.getByText("Hidden from the pop-up")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Dismiss" })).toBeNull();
    expect(screen.getByRole("button", { name: "Answer" })).toBeTruthy();
  });
});

describe("customer text", () => {
  it("is text, whatever it says", async () => {
    const evil = '<img src=x onerror="alert(1)"><b>bold</b>';
    const view = aDesk(NOW, {
      offers: [
        anOffer("a", NOW, { caller: evil, subject: evil, queue: evil, address: evil, declineMeans: evil }),
      ],
    });
    await open(view);
    expect(document.querySelector("img, b")).toBeNull();
    expect(screen.getByRole("heading", { level: 2, name: evil }).textContent).toBe(evil);
  });
});

describe("every scenario", () => {
  it.each(Object.keys(SCENARIOS))(
    "%s has one main landmark, one first heading, and names for all it can press",
    async (name) => {
      await open(scenario(name, NOW));
      expect(screen.getAllByRole("main")).toHaveLength(1);
      expect(screen.getAllByRole("heading", { level: 1 })).toHaveLength(1);
      for (const button of screen.queryAllByRole("button")) {
        expect(button.getAttribute("aria-label") ?? button.textContent?.trim() ?? button.title).not.toBe("");
      }
    },
  );
});
