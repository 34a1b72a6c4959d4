// The pop-up: what it draws, what a press or a key sends, and that nothing moves under a pointer.

import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tick } from "svelte";
import type { AppView } from "../src/bindings/AppView";
import { aDesk, anOffer, scenario, trouble } from "../src/fake/scenarios";
import { QUIET_MS } from "../src/lib/keys";
import { KEEP_PLACES_MS } from "../src/lib/slots";
import Popup from "../src/popup/Popup.svelte";
import { openPage, Wire } from "./wire";

const NOW = 1_800_000_000_000;
const FRAME_MS = 16;
const desk = (...legs: string[]): AppView =>
  aDesk(NOW, { offers: legs.map((leg) => anOffer(leg, NOW, { caller: leg })) });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function open(view: AppView): Promise<Wire> {
  const wire = new Wire(view);
  render(Popup, { page: await openPage(wire) });
  await tick();
  return wire;
}

/** Shows a view and lets the page draw it. */
async function show(wire: Wire, view: AppView): Promise<void> {
  wire.show(view);
  await tick();
  await tick();
}

const cards = (): string[] =>
  [...document.querySelectorAll("article")].map((card) => {
    const name = card.querySelector("h2")?.textContent ?? "";
    return card.classList.contains("gone") ? `(${name})` : name;
  });
const key = (name: string, target: Element | Window = window): Promise<boolean> =>
  fireEvent.keyDown(target, { key: name });
const stack = (): HTMLElement => screen.getByRole("main");
const button = (name: string, index = 0): HTMLElement => {
  const found = screen.getAllByRole("button", { name })[index];
  if (found === undefined) throw new Error(`no button ${name}`);
  return found;
};

describe("a card", () => {
  it("shows who, from where, what about and how long still, in an alert region", async () => {
    await open(scenario("offers", NOW));
    const region = screen.getByRole("alert", { name: "Offers" });
    const [call, mail] = within(region).getAllByRole("article");
    if (!call || !mail) throw new Error("two cards");
    expect(call.textContent).toMatch(/Marta Lindqvist.*Call · Billing.*\+44 20 7946 0018/s);
    expect(within(call).getByRole("timer").textContent?.trim()).toBe("14 seconds left");
    expect(mail.textContent).toContain("Wrong meter reading");
    expect(within(mail).queryByRole("timer")).toBeNull();
  });

  it("counts down, quietly", async () => {
    await open(scenario("offers", NOW));
    const timer = screen.getByRole("timer");
    expect(timer.getAttribute("aria-live")).toBe("off");
    await vi.advanceTimersByTimeAsync(5000);
    expect(timer.textContent?.trim()).toBe("9 seconds left");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(timer.textContent?.trim()).toBe("0 seconds left");
  });

  it("has the three buttons by their exact names, and the meaning of Decline in words beside it", async () => {
    const wire = await open(desk("a"));
    for (const name of ["Answer", "Dismiss", "Decline"]) await fireEvent.click(button(name));
    expect(wire.said).toEqual([
      { name: "answer", leg: "a" },
      { name: "dismiss", leg: "a" },
      { name: "decline", leg: "a" },
    ]);
    const described = (button("Decline").getAttribute("aria-describedby") ?? "").split(" ");
    expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual([
      "a",
      "Goes back to the queue. You become Not Responding.",
    ]);
  });

  it("acts once while its action is under way, and says so", async () => {
    const wire = await open(scenario("acting", NOW));
    const [pending] = screen.getAllByRole("article");
    if (!pending) throw new Error("a card");
    expect(pending.textContent).toContain("Answering. Waiting for Genesys to confirm.");
    for (const name of ["Answer", "Decline"]) {
      const held = within(pending).getByRole("button", { name });
      expect(held.getAttribute("aria-disabled")).toBe("true");
      await fireEvent.click(held);
    }
    expect(wire.said).toEqual([]);
  });

  it("says why an answer failed, and lets the agent try again", async () => {
    const wire = await open(scenario("acting", NOW));
    const failed = screen.getAllByRole("article")[1];
    if (!failed) throw new Error("a card");
    expect(failed.textContent).toMatch(/no phone is selected\.\s+Choose a phone/);
    await fireEvent.click(within(failed).getByRole("button", { name: "Answer" }));
    expect(wire.said).toEqual([{ name: "answer", leg: "failed" }]);
  });

  it("says a sentence once when answer and decline failed with the same", async () => {
    const failed = { state: "failed", trouble: trouble("x", "No network.") } as const;
    await open(aDesk(NOW, { offers: [anOffer("a", NOW, { answer: failed, decline: failed })] }));
    expect(screen.getAllByText("No network.")).toHaveLength(1);
  });

  it("says on the card what a refused command said", async () => {
    const wire = await open(desk("a", "b"));
    wire.failing.set("decline", {
      code: "offer.gone",
      message: "It is no longer alerting.",
      retryable: false,
    });
    await fireEvent.click(button("Decline", 1));
    await vi.advanceTimersByTimeAsync(0);
    const [first, second] = screen.getAllByRole("article");
    expect(second?.textContent).toContain("It is no longer alerting.");
    expect(first?.textContent).not.toContain("It is no longer alerting.");
  });

  it("draws no Answer where Genesys answers by itself", async () => {
    const wire = await open(scenario("auto", NOW));
    expect(screen.getByText("Answers by itself")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Answer" })).toBeNull();
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await key("a");
    expect(wire.said).toEqual([]);
  });
});

describe("places", () => {
  it("close up when no pointer is there", async () => {
    const wire = await open(desk("a", "b", "c"));
    await show(wire, desk("b", "c", "d"));
    expect(cards()).toEqual(["b", "c", "d"]);
  });

  it("are kept under the pointer, and close up 600 ms after it has left", async () => {
    const wire = await open(desk("a", "b"));
    await fireEvent.pointerEnter(stack());
    await show(wire, desk("new", "b"));
    expect(cards()).toEqual(["(a)", "b", "new"]);
    await fireEvent.pointerLeave(stack());
    await vi.advanceTimersByTimeAsync(KEEP_PLACES_MS - 1);
    expect(cards()).toEqual(["(a)", "b", "new"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(cards()).toEqual(["b", "new"]);
  });

  it("are kept on when the pointer comes straight back", async () => {
    const wire = await open(desk("a", "b"));
    await fireEvent.pointerEnter(stack());
    await show(wire, desk("b"));
    await fireEvent.pointerLeave(stack());
    await vi.advanceTimersByTimeAsync(KEEP_PLACES_MS / 2);
    await fireEvent.pointerEnter(stack());
    await vi.advanceTimersByTimeAsync(KEEP_PLACES_MS * 2);
    expect(cards()).toEqual(["(a)", "b"]);
  });

  it("are forgotten with the last card, also by a pointer that never left", async () => {
    const wire = await open(desk("a"));
    await fireEvent.pointerEnter(stack());
    await show(wire, desk());
    expect(cards()).toEqual([]);
    await show(wire, desk("b", "c"));
    await show(wire, desk("c"));
    expect(cards()).toEqual(["c"]);
  });
});

describe("the height of a card", () => {
  it("is held while the pointer is over the stack, and until 600 ms after it has left", async () => {
    vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(204);
    const wire = await open(desk("a"));
    const held = (): string[] =>
      [...document.querySelectorAll<HTMLElement>(".slot")].map((slot) => slot.style.height);
    expect(held()).toEqual([""]);
    await fireEvent.pointerEnter(stack());
    expect(held()).toEqual(["204px"]);
    await show(wire, desk("a", "b"));
    await tick();
    expect(held()).toEqual(["204px", "204px"]);
    await fireEvent.pointerLeave(stack());
    await vi.advanceTimersByTimeAsync(KEEP_PLACES_MS);
    expect(held()).toEqual(["", ""]);
  });
});

describe("keys", () => {
  it("do nothing for 400 ms after the window has gained the focus, not even on a focused button", async () => {
    const wire = await open(desk("a"));
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await fireEvent.focus(window);
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    for (const name of ["a", "d", "Enter", "Escape"]) await key(name);
    expect(await key("Enter", button("Decline"))).toBe(false);
    expect(await key(" ", button("Decline"))).toBe(false);
    expect(wire.said).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await key("Enter", button("Decline"))).toBe(true);
    await key("Enter");
    expect(wire.said).toEqual([{ name: "answer", leg: "a" }]);
  });

  it("are for the first card, or for the one that has the focus", async () => {
    const wire = await open(desk("a", "b"));
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await key("d");
    button("Dismiss", 1).focus();
    await key("Escape");
    await key("A");
    expect(wire.said).toEqual([
      { name: "decline", leg: "a" },
      { name: "dismiss", leg: "b" },
      { name: "answer", leg: "b" },
    ]);
  });

  it("do nothing for a moment when the card they were for has given way to the next", async () => {
    const wire = await open(desk("a", "b"));
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await show(wire, desk("b"));
    await key("a");
    expect(wire.said).toEqual([]);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await key("a");
    expect(wire.said).toEqual([{ name: "answer", leg: "b" }]);
  });

  it("are not for a card that is added below", async () => {
    const wire = await open(desk("a"));
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await show(wire, desk("a", "b"));
    await key("a");
    expect(wire.said).toEqual([{ name: "answer", leg: "a" }]);
  });
});

describe("Not Responding", () => {
  const told = (...legs: string[]): AppView => ({
    ...scenario("not-responding", NOW),
    snapshot: { ...snapshotOf("not-responding"), offers: desk(...legs).snapshot?.offers ?? [] },
  });
  const snapshotOf = (name: string) => {
    const snapshot = scenario(name, NOW).snapshot;
    if (snapshot === null) throw new Error("a snapshot");
    return snapshot;
  };
  const hidden = (view: AppView): AppView => ({
    ...view,
    notResponding: view.notResponding && { ...view.notResponding, hidden: true },
  });

  it("is a card of its own, with one press back and one to hide it", async () => {
    const wire = await open(told());
    const card = screen.getByRole("region", { name: "You are Not Responding" });
    expect(screen.getByRole("heading", { level: 1 }).textContent?.trim()).toBe("Earshot");
    await fireEvent.click(within(card).getByRole("button", { name: "Back on queue" }));
    await fireEvent.click(within(card).getByRole("button", { name: "Dismiss" }));
    expect(wire.said).toEqual([{ name: "back_on_queue" }, { name: "hide_not_responding" }]);
    await show(wire, hidden(told()));
    expect(screen.queryByRole("region", { name: "You are Not Responding" })).toBeNull();
  });

  it("has its keys, not just after it has come, and leaves those of an offer alone", async () => {
    const wire = await open(desk("a"));
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await show(wire, told("a"));
    await key("b");
    expect(wire.said).toEqual([]);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await key("b");
    await key("a");
    expect(wire.said).toEqual([{ name: "back_on_queue" }, { name: "answer", leg: "a" }]);
  });

  it("is hidden with Escape when there is nothing else, and A and D do nothing", async () => {
    const wire = await open(told());
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    for (const name of ["a", "d", "Enter", "Escape"]) await key(name);
    expect(wire.said).toEqual([{ name: "hide_not_responding" }]);
  });

  it("does not know B without it", async () => {
    const wire = await open(desk("a"));
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await key("b");
    expect(wire.said).toEqual([]);
  });

  it("says why going back did not work", async () => {
    const view = told();
    const agent = view.snapshot?.agent;
    if (!view.snapshot || !agent) throw new Error("an agent");
    const failed = { state: "failed" as const, trouble: trouble("x", "It did not work.", "Try again.") };
    await open({ ...view, snapshot: { ...view.snapshot, agent: { ...agent, presenceChange: failed } } });
    expect(screen.getByRole("main").textContent).toContain("It did not work. Try again.");
  });

  it("does not move a card that the pointer is over", async () => {
    const wire = await open(told("a"));
    await fireEvent.pointerEnter(stack());
    await show(wire, hidden(told("a", "b")));
    expect(document.querySelectorAll(".slot")).toHaveLength(3);
  });
});

describe("the window", () => {
  /** jsdom lays nothing out: cards are 200 px here, the rest is 40. */
  beforeEach(() => {
    vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(
      () => ({ height: 39.5 + 200 * document.querySelectorAll("article").length }) as DOMRect,
    );
  });
  const heights = (wire: Wire): number[] =>
    wire.sent.flatMap((command) => (command.name === "popup_height" ? [command.height] : []));

  it("is told each new height once, whole pixels, and again after it was empty", async () => {
    const wire = await open(desk("a"));
    await tick();
    await show(wire, desk("a"));
    await show(wire, desk("a", "b"));
    await show(wire, desk());
    await show(wire, desk("c", "d"));
    expect(heights(wire)).toEqual([240, 440, 440]);
  });

  it("acknowledges each card once it is laid out, and again at the second frame after that", async () => {
    const wire = await open(desk("a"));
    await tick();
    const acknowledged = (): string[] =>
      wire.sent.flatMap((command) =>
        command.name === "drawn" || command.name === "painted"
          ? [`${command.name} ${command.legs.join(" ")}`]
          : [],
      );
    expect(acknowledged()).toEqual(["drawn a"]);
    await vi.advanceTimersByTimeAsync(FRAME_MS);
    expect(acknowledged()).toEqual(["drawn a"]);
    await vi.advanceTimersByTimeAsync(FRAME_MS);
    expect(acknowledged()).toEqual(["drawn a", "painted a"]);
    await show(wire, desk("a", "b", "c"));
    await vi.advanceTimersByTimeAsync(2 * FRAME_MS);
    expect(acknowledged().slice(2)).toEqual(["drawn b c", "painted b c"]);
    await show(wire, desk());
    await show(wire, desk("a"));
    expect(acknowledged().slice(4)).toEqual(["drawn a"]);
  });

  it("brings the main window to the front, and tells when the connection is not there", async () => {
    const wire = await open(desk("a"));
    expect(screen.getByRole("heading", { level: 1 }).textContent?.trim()).toBe("1 conversation for you");
    await fireEvent.click(button("Open Earshot"));
    expect(wire.said).toEqual([{ name: "open_main" }]);
    const down = scenario("reconnecting", NOW).snapshot;
    const link = down?.link;
    if (!link) throw new Error("a link");
    await show(
      wire,
      aDesk(NOW, { link: { ...link, trouble: trouble("x", "y") }, offers: [anOffer("a", NOW)] }),
    );
    expect(screen.getByRole("heading", { level: 1 }).textContent).toContain("Reconnecting · ");
  });
});
