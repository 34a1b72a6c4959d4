// What holds whatever is shown.

import { screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { aDesk, anOffer, SCENARIOS, scenario } from "../../src/fake/scenarios";
import { NOW, open } from "./window";

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
