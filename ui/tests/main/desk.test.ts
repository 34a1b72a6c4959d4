// The desk: agent, presence, Not Responding, conversations, offers, and what was missed.

import { fireEvent, screen, within } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it, vi } from "vitest";
import { aDesk, anAgent, anOffer, aView, scenario } from "../../src/fake/scenarios";
import { QUIET_MS } from "../../src/lib/keys";
import { NOW, open, press } from "./window";

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
