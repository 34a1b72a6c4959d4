// Builds the two pages (main window, pop-up) to dist/, and runs their tests.
//
// Everything that the pages need leaves here as files of their own origin: no inline script or style, no data: image,
// so that the shell's content security policy can forbid all of those.

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    outDir: "dist",
    target: ["es2022", "safari16", "chrome110"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { main: here("index.html"), popup: here("popup.html") } },
  },
  // Vitest must take Svelte's browser half, not the one for servers.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
  },
});
