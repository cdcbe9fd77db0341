// A real `ii serve` on a free port with its own data folder, and agents of the
// published library that talk to it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HttpAgent } from "@icp-sdk/core/agent";
import { Principal } from "@icp-sdk/core/principal";

export const canister = Principal.fromText("rdmx6-jaaaa-aaaaa-aaadq-cai");

// startService runs the service: with more arguments, with settings in the form
// of its configuration file, or over a folder that there is already.
export async function startService({ args = [], settings, folder } = {}) {
  const binary = process.env.II;
  if (binary === undefined) throw new Error("set II to the path of the binary: make test-clients does");
  folder ??= await mkdtemp(join(tmpdir(), "ii-clients-"));
  const all = ["serve", "--data", join(folder, "data"), "--listen", "127.0.0.1:0", ...args];
  if (settings !== undefined) {
    await writeFile(join(folder, "settings.toml"), settings);
    all.push("--config", join(folder, "settings.toml"));
  }
  const child = spawn(binary, all, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const url = await new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk) => (output += chunk));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const page = /Sign-in page\s+(\S+)/.exec(output);
      if (page && output.includes("Try it")) resolve(page[1]);
    });
    child.on("exit", (code) => reject(new Error(`ii ended with ${code}:\n${output}`)));
    child.on("error", reject);
  });
  // A test that fails may forget a service: it ends with the tests, and does not
  // keep them from ending.
  const handles = [child, child.stdout, child.stderr];
  for (const handle of handles) handle.unref();
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const end = async (signal) => {
    for (const handle of handles) handle.ref();
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    }
    process.removeListener("exit", kill);
  };
  const { root_key: rootKey } = await HttpAgent.createSync({ host: url }).status();
  const again = async (signal, changes) => {
    await end(signal);
    return startService({ args, settings, folder, ...changes });
  };
  return {
    url,
    rootKey,
    port: Number(new URL(url).port),
    // agent is one that trusts the service's root key and nothing else. It does
    // not try again, so that a test sees the first answer.
    agent: (identity, options = {}) => HttpAgent.createSync({ host: url, identity, rootKey, retryTimes: 0, ...options }),
    // crash ends the process without a word, and starts another one over the
    // same data.
    crash: () => again("SIGKILL"),
    // restart does so in good order, perhaps with other settings.
    restart: (changes) => again("SIGTERM", changes),
    async stop() {
      await end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// recorder is a fetch that remembers the requests and answers.
export function recorder() {
  const seen = [];
  return {
    seen,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      seen.push({ path: new URL(url).pathname, body: init?.body && new Uint8Array(init.body), status: response.status });
      return response;
    },
  };
}

// post sends a body to a path, without any library.
export async function post(service, path, body) {
  const response = await fetch(`${service.url}${path}`, { method: "POST", headers: { "Content-Type": "application/cbor" }, body });
  return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
}
