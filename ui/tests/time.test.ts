import { describe, expect, it } from "vitest";
import { age, clockTime, countDown, secondsLeft, shareLeft } from "../src/lib/time";

const S = 1000;
const M = 60 * S;
const H = 60 * M;

describe("age", () => {
  it.each([
    [0, "0 s"],
    [999, "0 s"],
    [59_999, "59 s"],
    [M, "1 min"],
    [H - 1, "59 min"],
    [H, "1 h 00 min"],
    [3 * H + 5 * M, "3 h 05 min"],
    [24 * H, "1 day"],
    [49 * H, "2 days"],
    [-5 * S, "0 s"],
  ])("%i ms is %s", (ms, text) => {
    expect(age(1_000_000, 1_000_000 + ms)).toBe(text);
  });
});

describe("a count-down", () => {
  it.each([
    [10_000, 10],
    [9_999, 10],
    [9_000, 9],
    [1, 1],
    [0, 0],
    [-1, 0],
  ])("with %i ms left shows %i", (ms, seconds) => {
    expect(secondsLeft(5_000 + ms, 5_000)).toBe(seconds);
  });

  it.each([
    [9, "9"],
    [59, "59"],
    [60, "1:00"],
    [284, "4:44"],
  ])("%i s reads %s", (seconds, text) => {
    expect(countDown(seconds)).toBe(text);
  });

  it("closes its ring from 1 to 0 and no further", () => {
    expect([0, 100, 150, 200, 900].map((now) => shareLeft(100, 200, now))).toEqual([1, 1, 0.5, 0, 0]);
    expect(shareLeft(200, 200, 100)).toBe(0);
  });
});

describe("clockTime", () => {
  const noon = new Date(2026, 10, 21, 12, 0).getTime();

  it("is the time of day today, with the date on other days", () => {
    expect(clockTime(new Date(2026, 10, 21, 9, 5).getTime(), noon)).toBe("09:05");
    expect(clockTime(new Date(2026, 10, 20, 23, 59).getTime(), noon)).toBe("20 Nov, 23:59");
  });
});
