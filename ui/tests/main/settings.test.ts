// The settings of this computer.

import { fireEvent, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, it } from "vitest";
import type { AppView } from "../../src/bindings/AppView";
import { scenario } from "../../src/fake/scenarios";
import type { Wire } from "../wire";
import { NOW, open, press } from "./window";

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
