// The identities last used in this browser: numbers, names and credential ids,
// so that the next visit can offer them. Nothing secret.

import { fromBase64Url, toBase64Url } from "../bytes";

export interface Known {
  number: string;
  name: string | undefined;
  credentialIds: Uint8Array<ArrayBuffer>[];
}

const key = "ii:known-identities";

// Enough for a shared computer; older ones fall off the end.
const maxKnown = 8;

interface Entry {
  number: string;
  name?: string;
  credentialIds: string[];
}

// Most recently used first.
export function known(): Known[] {
  try {
    const entries = JSON.parse(localStorage.getItem(key) ?? "[]") as Entry[];
    return entries.map(({ number, name, credentialIds }) => ({
      number: String(number),
      name: typeof name === "string" ? name : undefined,
      credentialIds: credentialIds.flatMap((id) => fromBase64Url(id) ?? []),
    }));
  } catch {
    return [];
  }
}

export function rememberKnown(identity: Known): void {
  save([identity, ...known().filter(({ number }) => number !== identity.number)]);
}

export function forgetKnown(number: string): void {
  save(known().filter((identity) => identity.number !== number));
}

function save(identities: Known[]): void {
  const entries: Entry[] = identities.slice(0, maxKnown).map((identity) => ({
    number: identity.number,
    ...(identity.name === undefined ? {} : { name: identity.name }),
    credentialIds: identity.credentialIds.map(toBase64Url),
  }));
  try {
    localStorage.setItem(key, JSON.stringify(entries));
  } catch {
    // Without storage the person chooses among all passkeys every time.
  }
}
