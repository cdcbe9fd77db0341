import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// What a person meets: a service with its demo app.
export type Host = Pick<Service, "url" | "demo" | "secondDemo" | "canister" | "rootKey">;

// A real `ii serve --demo` on free ports with its own data folder.
export class Service {
  private constructor(
    readonly url: string,
    readonly demo: string,
    readonly data: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(options: { data?: string; listen?: string; demoListen?: string; captcha?: "on"; dummyAuth?: "on" | "prompt" } = {}): Promise<Service> {
    const binary = process.env.II;
    if (binary === undefined) throw new Error("set II to the path of the binary: make test-browser does");
    const data = options.data ?? (await mkdtemp(join(tmpdir(), "ii-browser-")));
    const child = spawn(
      binary,
      [
        ...["serve", "--demo", "--data", data, "--captcha", options.captcha ?? "off"],
        ...(options.dummyAuth === undefined ? [] : [`--dummy-auth=${options.dummyAuth}`]),
        ...["--listen", options.listen ?? "127.0.0.1:0", "--demo-listen", options.demoListen ?? "127.0.0.1:0"],
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    const addresses = new Promise<[string, string]>((resolve, reject) => {
      child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        const page = /Sign-in page\s+(\S+)/.exec(output);
        const demo = /Demo app\s+(\S+)/.exec(output);
        if (page && demo && output.includes("Try it")) resolve([page[1], demo[1]]);
      });
      child.on("exit", (code) => reject(new Error(`ii ended with ${code}:\n${output}`)));
      child.on("error", reject);
    });
    const [url, demo] = await addresses;
    return new Service(url, demo, data, child);
  }

  // The root public key, the one thing that a verifier trusts.
  rootKey(): Promise<Uint8Array> {
    return rootKeyOf(this.url);
  }

  // The demo app at its other origin.
  get secondDemo(): string {
    return this.demo.replace("localhost", "127.0.0.1");
  }

  // The canister that signs people in.
  readonly canister = "rdmx6-jaaaa-aaaaa-aaadq-cai";

  // End the process the hard way and start it again, as it was.
  async crash(): Promise<Service> {
    await this.stop("SIGKILL");
    const at = (url: string) => `127.0.0.1:${new URL(url).port}`;
    return Service.start({ data: this.data, listen: at(this.url), demoListen: at(this.demo) });
  }

  // End the process the hard way or the gentle way, and wait for its end.
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill(signal);
      await ended;
    }
  }

  async discard(): Promise<void> {
    await this.stop();
    await rm(this.data, { recursive: true, force: true });
  }
}

// The root key that a service tells.
export async function rootKeyOf(url: string): Promise<Uint8Array> {
  const response = await fetch(`${url}/api/v2/status`);
  const body = Buffer.from(await response.arrayBuffer()).toString("hex");
  // "root_key" and a byte string of 133 bytes, which is the only one of that
  // length in the answer.
  const found = /68726f6f745f6b65795885([0-9a-f]{266})/.exec(body);
  if (found === null) throw new Error("the status has no root key");
  return Uint8Array.from(Buffer.from(found[1], "hex"));
}
