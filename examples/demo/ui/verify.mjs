// Builds the page into a temporary folder and compares it with the committed
// one: what the demo serves is what these sources say.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), "ii-demo-"));

// contents maps every file of a folder to its bytes.
function contents(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path).toString("base64")];
    }),
  );
}

try {
  await build({ root, logLevel: "error", build: { outDir: fresh, emptyOutDir: true } });
  const [committed, built] = [contents(join(root, "..", "dist")), contents(fresh)];
  const names = [...new Set([...committed.keys(), ...built.keys()])].sort();
  const different = names.filter((name) => committed.get(name) !== built.get(name));
  for (const name of different) {
    process.stderr.write(`examples/demo/dist/${name} is not what the sources build\n`);
  }
  process.stdout.write(`${names.length - different.length} of ${names.length} files as committed\n`);
  process.exitCode = different.length === 0 ? 0 : 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
