// Signing in, and what stands in the form's place on the way to the desk.

import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { aView, scenario, trouble } from "../../src/fake/scenarios";
import Main from "../../src/main/Main.svelte";
import { openPage, Wire } from "../wire";
import { NOW, open, press } from "./window";

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
    const { fakeTransport } = await import("../../src/fake/transport");
    const { hostOver } = await import("../../src/host");
    const { Page } = await import("../../src/lib/page.svelte");
    const page = new Page(hostOver(fakeTransport("broken")));
    page.open();
    render(Main, { page });
    expect((await screen.findByRole("alert")).textContent).toContain("The fake is broken.");
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });
});
