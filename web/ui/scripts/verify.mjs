// Builds the bundle into a temporary folder and compares it with the committed
// one, byte for byte: what the service serves is what these sources say.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ui = fileURLToPath(new URL("..", import.meta.url));
const committed = join(ui, "../dist");
const fresh = mkdtempSync(join(tmpdir(), "ii-web-"));

function files(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

try {
  await build({ root: ui, logLevel: "error", build: { outDir: fresh, emptyOutDir: true } });
  const names = new Set([...files(committed), ...files(fresh)]);
  const read = (root, name) => {
    try {
      return readFileSync(join(root, name));
    } catch {
      return undefined;
    }
  };
  const different = [...names].filter((name) => {
    const [a, b] = [read(committed, name), read(fresh, name)];
    return a === undefined || b === undefined || !a.equals(b);
  });
  for (const name of different) {
    process.stderr.write(`web/dist/${name} is not what the sources build\n`);
  }
  process.stdout.write(`${names.size - different.length} of ${names.size} files as committed\n`);
  process.exitCode = different.length === 0 ? 0 : 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
