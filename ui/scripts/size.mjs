// Fails when a built page is heavier than it may be, or carries what must never ship. Run after `npm run build`.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 60 * 1000;
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
// Words of the fake wire, and what the content security policy forbids.
const NEVER = [
  /fakeTransport|Northwind Energy/,
  /\beval\(/,
  /new Function\(/,
  /<script>/,
  /<style/,
  /\sstyle="/,
];

let failed = false;
for (const page of ["index.html", "popup.html"]) {
  const files = new Set([page]);
  for (const file of files) {
    const text = readFileSync(join(dist, file), "utf8");
    for (const [, name] of text.matchAll(/["'](?:\.?\/)?((?:assets\/)?[\w.-]+\.(?:js|css))["']/g)) {
      files.add(name.startsWith("assets/") ? name : `assets/${name}`);
    }
    for (const never of NEVER) {
      if (never.test(text)) {
        console.error(`${file}: contains ${never}`);
        failed = true;
      }
    }
  }
  const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0);
  console.log(
    `${page}: ${files.size} files, ${(bytes / 1000).toFixed(1)} kB gzipped (limit ${LIMIT / 1000})`,
  );
  if (bytes > LIMIT) failed = true;
}
process.exit(failed ? 1 : 0);
