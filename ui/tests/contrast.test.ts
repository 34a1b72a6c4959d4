// Every pair of colours that the pages put on one another, by WCAG 2.2 AA: text 4.5 to 1, shapes and edges 3 to 1.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/styles/tokens.css", "utf8");
const [lightCss = "", darkCss = ""] = css.split("@media (prefers-color-scheme: dark)");

const colours = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, hex]) => [name ?? "", hex ?? ""]),
  );

const light = colours(lightCss);
const schemes = { light, dark: new Map([...light, ...colours(darkCss)]) };

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return (bright + 0.05) / (dim + 0.05);
}

const TEXT: [string, string[]][] = [
  ["ink", ["bg", "surface", "sunken"]],
  ["muted", ["bg", "surface", "sunken"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["accent-ink", ["accent-soft", "surface", "sunken"]],
  ["warn-ink", ["warn-soft", "surface"]],
  ["bad-ink", ["bad-soft", "surface", "bg"]],
  ["on-bad", ["bad-strong"]],
  ["bad-strong-ink", ["on-bad"]],
];

const SHAPE: [string, string[]][] = [
  ["accent", ["bg", "surface"]],
  ["good", ["bg", "surface", "sunken"]],
  ["warn", ["bg", "surface", "sunken", "warn-soft"]],
  ["bad", ["bg", "surface", "sunken", "bad-soft"]],
  ["quiet", ["bg", "surface", "sunken"]],
  ["edge", ["bg", "surface", "sunken"]],
  ["focus", ["bg", "surface", "sunken"]],
];

describe.each(Object.entries(schemes))("%s", (_, scheme) => {
  const of = (name: string): string => {
    const hex = scheme.get(name);
    if (hex === undefined) throw new Error(`no colour --${name}`);
    return hex;
  };
  const cases = (table: [string, string[]][]): [string, string][] =>
    table.flatMap(([over, unders]) => unders.map((under): [string, string] => [over, under]));

  it.each(cases(TEXT))("text %s on %s", (over, under) => {
    expect(contrast(of(over), of(under))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(cases(SHAPE))("shape %s on %s", (over, under) => {
    expect(contrast(of(over), of(under))).toBeGreaterThanOrEqual(3);
  });
});

describe("the yardstick", () => {
  it("measures what WCAG measures", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });

  it("leaves no colour of the light scheme without a dark one, but those that are meant for both", () => {
    const both = new Set(["on-bad", "bad-strong-ink"]);
    const dark = colours(darkCss);
    expect([...light.keys()].filter((name) => !dark.has(name) && !both.has(name))).toEqual([]);
  });
});
