// Whether Earshot hears: the indicator, how deaf today was, a sign-in that ends soon.

import { fireEvent, screen, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { aDeafDay, aDesk, scenario, trouble } from "../../src/fake/scenarios";
import { NOW, open, press } from "./window";

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
