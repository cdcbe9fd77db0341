import type { Session } from "./session";

// What our back end answers once it has verified a sign-in by itself.
export interface Verified {
  principal: string;
  // Nanoseconds since 1970, decimal.
  expiration: string;
}

export interface Config {
  identityProvider: string;
  // The addresses of this same app, for trying a second origin; empty if there
  // is none.
  origin: string;
  secondOrigin: string;
}

async function request<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error((await response.text()).trim() || `the server answered ${response.status}`);
  }
  return (await response.json()) as T;
}

export const config = (): Promise<Config> => request<Config>("/api/config");

// The session key signs these bytes in front of the challenge. The prefix,
// with its length in the first byte, keeps such a signature from ever meaning
// anything else. Choose one of your own for your app.
const domain = new TextEncoder().encode("\x1ainternet-identity-demo-app");

// verify proves to our server who we are: the server gives a challenge, the
// session key signs it, and the delegation chain says for whom that key acts.
export async function verify(session: Session): Promise<Verified> {
  const { challenge } = await request<{ challenge: string }>("/api/challenge", {});
  const signature = await session.sign(new Uint8Array([...domain, ...fromHex(challenge)]));
  return request<Verified>("/api/sign-in", {
    challenge,
    chain: session.chain,
    signature: toHex(new Uint8Array(signature)),
  });
}

export async function signOut(): Promise<void> {
  await request("/api/sign-out", {});
}

function fromHex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
