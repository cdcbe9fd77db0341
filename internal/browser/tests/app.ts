import { expect, type Page } from "@playwright/test";
import type { Person } from "./person";
import type { ChainJSON } from "./verify";

// A message as a test can write and read it: bytes and big integers have a form
// of their own, since they do not survive JSON.
export interface Message {
  [field: string]: unknown;
}
export const bytes = (value: Uint8Array): { $bytes: string } => ({ $bytes: Buffer.from(value).toString("hex") });
export const bigint = (value: bigint): { $bigint: string } => ({ $bigint: value.toString() });

interface Heard {
  origin: string;
  data: Message;
}

// What runs in the app's page: it notes every message it hears, and posts what
// the test writes.
function listen(): void {
  const fromHex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const toHex = (data: Uint8Array) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // biome-ignore lint: whatever was posted
  const revive = (value: any): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (typeof value.$bytes === "string") return fromHex(value.$bytes);
    if (typeof value.$bigint === "string") return BigInt(value.$bigint);
    if (Array.isArray(value)) return value.map(revive);
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field)]));
  };
  // The buffer tells whether bytes own it whole: old clients read it.
  const plain = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return { $bytes: toHex(value), buffer: value.buffer.byteLength };
    if (typeof value === "bigint") return { $bigint: value.toString() };
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(plain);
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
  };
  const heard: unknown[] = [];
  addEventListener("message", ({ origin, data }) => heard.push({ origin, data: plain(data) }));
  Object.assign(window, { heard, revive });
}

declare global {
  interface Window {
    heard: Heard[];
    revive(value: unknown): unknown;
    service: Window | null;
  }
}

// An app at any origin that speaks to the service by hand, without a client
// library. Its pages exist in the test's browser only.
export class App {
  private constructor(
    private readonly person: Person,
    readonly page: Page,
    readonly origin: string,
  ) {}

  static async open(person: Person, origin: string): Promise<App> {
    await App.exist(person, origin);
    const page = await person.context.newPage();
    await page.goto(`${origin}/`);
    return new App(person, page, origin);
  }

  // exist gives an origin a page.
  static async exist(person: Person, origin: string): Promise<void> {
    const body = `<!doctype html><title>App</title><script>(${listen.toString()})()</script>`;
    await person.context.route(`${origin}/`, (route) => route.fulfill({ contentType: "text/html", body }));
  }

  // openWindow opens the service's window, and waits until it listens.
  async openWindow(path = "/authorize", provider = this.person.service.url): Promise<Page> {
    const before = await this.ready();
    const [window] = await Promise.all([
      this.page.waitForEvent("popup"),
      this.page.evaluate((url) => {
        self.service = self.open(url, "service");
      }, provider + path),
    ]);
    await this.person.authenticator.ready(window);
    await expect.poll(() => this.ready()).toBe(before + 1);
    return window;
  }

  // ready is how often a window has said that it listens.
  private async ready(): Promise<number> {
    return (await this.heard()).filter(({ data }) => data.kind === "authorize-ready").length;
  }

  async post(message: unknown): Promise<void> {
    await this.page.evaluate((m) => self.service?.postMessage(window.revive(m), "*"), message);
  }

  async heard(): Promise<Heard[]> {
    return this.page.evaluate(() => window.heard);
  }

  // hears waits for a message that holds these fields, and checks where it came
  // from.
  async hears(fields: Message): Promise<Message> {
    await expect.poll(async () => (await this.heard()).map(({ data }) => data)).toContainEqual(expect.objectContaining(fields));
    const found = (await this.heard()).find(({ data }) => Object.entries(fields).every(([name, value]) => data[name] === value));
    expect(found?.origin).toBe(this.person.service.url);
    return found?.data ?? {};
  }

  // answers are the messages so far, but for those that need no person.
  async answers(): Promise<Message[]> {
    const all = (await this.heard()).map(({ data }) => data);
    return all.filter(({ kind, result, id }) => kind !== "authorize-ready" && result !== "ready" && id !== "wake-up-client");
  }
}

export const call = (id: string | number, method: string, params?: Message): Message => ({ jsonrpc: "2.0", id, method, params });

export const delegation = (id: string | number, key: Uint8Array, params: Message = {}): Message =>
  call(id, "icrc34_delegation", { publicKey: Buffer.from(key).toString("base64"), ...params });

export const authorizeClient = (key: Uint8Array, fields: Message = {}): Message => ({
  kind: "authorize-client",
  sessionPublicKey: bytes(key),
  ...fields,
});

// chainOf reads the answer of either protocol.
export function chainOf(answer: Message): ChainJSON {
  // biome-ignore lint: untyped messages; verifyChain finds whatever is wrong
  const { kind, result, delegations, userPublicKey } = answer as any;
  const hex = (base64: string) => Buffer.from(base64, "base64").toString("hex");
  const number = (decimal: string) => BigInt(decimal).toString(16);
  if (kind === "authorize-client-success") {
    const whole = [userPublicKey, ...delegations.flatMap((d: any) => [d.signature, d.delegation.pubkey])];
    for (const { $bytes, buffer } of whole) expect(buffer).toBe($bytes.length / 2);
    return {
      publicKey: userPublicKey.$bytes,
      delegations: delegations.map(({ delegation: d, signature }: any) => ({
        delegation: { pubkey: d.pubkey.$bytes, expiration: number(d.expiration.$bigint), ...(d.targets && { targets: d.targets }) },
        signature: signature.$bytes,
      })),
    };
  }
  return {
    publicKey: hex(result.publicKey),
    delegations: result.signerDelegation.map(({ delegation: d, signature }: any) => ({
      delegation: { pubkey: hex(d.pubkey), expiration: number(d.expiration), ...(d.targets && { targets: d.targets }) },
      signature: hex(signature),
    })),
  };
}
