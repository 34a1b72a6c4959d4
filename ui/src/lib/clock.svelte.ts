// The time for count-downs and ages. It ticks only while something on the page reads it.

import { createSubscriber } from "svelte/reactivity";

const TICK_MS = 500;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  // A hidden page's timers are slowed down; shown again, it must not draw an old time.
  document.addEventListener("visibilitychange", update);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", update);
  };
});

/** Milliseconds since 1970; whatever reads it is drawn again as time goes on. */
export function now(): number {
  subscribe();
  return Date.now();
}
