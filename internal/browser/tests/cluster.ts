import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { rootKeyOf, type Host } from "./service";

const machines = 4;
const portsEach = 4;

// Four real machines of one cluster. The first has the demo app.
export class Cluster implements Host {
  private readonly running: (ChildProcess | undefined)[] = [];

  private constructor(
    private readonly binary: string,
    private readonly dir: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<Cluster> {
    const binary = process.env.II;
    if (binary === undefined) throw new Error("set II to the path of the binary: make test-browser does");
    const dir = await mkdtemp(join(tmpdir(), "ii-cluster-"));
    const port = await freePorts(machines * portsEach);
    await promisify(execFile)(binary, ["cluster", "init", "--validators", String(machines), "--dir", dir, "--port", String(port)]);
    const cluster = new Cluster(binary, dir, port);
    for (let i = 0; i < machines; i++) cluster.run(i);
    for (let i = 0; i < machines; i++) await cluster.healthy(i);
    return cluster;
  }

  readonly canister = "rdmx6-jaaaa-aaaaa-aaadq-cai";

  get url(): string {
    return this.address(0);
  }

  get demo(): string {
    return `http://localhost:${this.port + 1}`;
  }

  get secondDemo(): string {
    return this.demo.replace("localhost", "127.0.0.1");
  }

  // The same key, whoever is asked.
  rootKey(from = 0): Promise<Uint8Array> {
    return rootKeyOf(this.address(from));
  }

  private address(i: number): string {
    return `http://localhost:${this.port + i * portsEach}`;
  }

  run(i: number): void {
    this.running[i] = spawn(this.binary, ["node", "--home", join(this.dir, `node${i}`)], { stdio: "ignore" });
  }

  // A machine that is healthy takes calls.
  async healthy(i: number): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      try {
        const response = await fetch(`${this.address(i)}/api/v2/status`);
        const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
        if (response.ok && body.includes("healthy") && !body.includes("unhealthy")) return;
      } catch {
        // It does not listen yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`machine ${i} does not get healthy`);
  }

  async kill(i: number): Promise<void> {
    const child = this.running[i];
    this.running[i] = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async discard(): Promise<void> {
    for (let i = 0; i < machines; i++) await this.kill(i);
    await rm(this.dir, { recursive: true, force: true });
  }
}

// The first of so many ports in a row that nobody uses.
async function freePorts(count: number): Promise<number> {
  for (let first = 30_000 + (process.pid % 500) * 20; first < 60_000; first += 211) {
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
  throw new Error("there are no free ports");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
