// Writes testdata/known-answers.json of every format's package: what
// independent libraries answer, for our tests to compare with.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import candid from "./candid.mjs";
import cbor from "./cbor.mjs";
import certificate from "./certificate.mjs";
import hashtree from "./hashtree.mjs";
import ingress from "./ingress.mjs";
import principal from "./principal.mjs";
import rih from "./rih.mjs";
import webauthn from "./webauthn.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const formats = { candid, cbor, certificate, hashtree, ingress, principal, rih, webauthn };
const goAnswers = JSON.parse(execFileSync("go", ["run", "./agentgo"], { cwd: here, encoding: "utf8", maxBuffer: 1 << 26 }));

const lines = (list) => `[\n${list.map((c) => `    ${JSON.stringify(c)}`).join(",\n")}\n  ]`;

for (const [name, answers] of Object.entries(formats)) {
  const kinds = await answers();
  for (const [kind, cases] of Object.entries(goAnswers[name] ?? {})) kinds[kind] = [...(kinds[kind] ?? []), ...cases];
  const folder = `${here}../../${name}/testdata`;
  mkdirSync(folder, { recursive: true });
  const text = `{\n${Object.entries(kinds).map(([kind, cases]) => `  ${JSON.stringify(kind)}: ${lines(cases)}`).join(",\n")}\n}\n`;
  writeFileSync(`${folder}/known-answers.json`, text);
  const count = Object.values(kinds).reduce((n, cases) => n + cases.length, 0);
  process.stdout.write(`${name}: ${count} answers of ${Object.keys(kinds).length} kinds, ${Math.ceil(text.length / 1000)} kB\n`);
}
