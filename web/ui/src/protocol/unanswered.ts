// Requests that wait for a person, kept in the window's session storage so that
// a reload does not lose them. Nothing here is secret: public keys and origins.

import { fromBase64, toBase64 } from "../bytes";
import { type Address, type Ask, isRefusal } from "./channel";
import { isId } from "./jsonrpc";
import { derivationOrigin, isOrigin, sessionKey, timeToLive } from "./request";

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const key = "ii:unanswered";

// Milliseconds. An app that waited longer has given up.
const maxAge = 10 * 60 * 1000;

export function remember(store: Store, asks: Ask[], now: number): void {
  if (asks.length === 0) {
    forget(store);
    return;
  }
  const entries = asks.map(({ address, origin, request }) => ({
    address,
    origin,
    request: isRefusal(request)
      ? request
      : {
          sessionPublicKey: toBase64(request.sessionPublicKey),
          maxTimeToLive: request.maxTimeToLive?.toString(),
          derivationOrigin: request.derivationOrigin,
        },
  }));
  try {
    store.setItem(key, JSON.stringify({ now, entries }));
  } catch {
    // A full or forbidden storage only means that a reload starts anew.
  }
}

export function forget(store: Store): void {
  try {
    store.removeItem(key);
  } catch {
    // As above.
  }
}

// All of them, or none if anything is not as it was written.
export function recall(store: Store, now: number): Ask[] {
  try {
    const saved = JSON.parse(store.getItem(key) ?? "null");
    if (saved === null || !(now - saved.now < maxAge)) {
      return [];
    }
    const asks: Ask[] = saved.entries.map(entry);
    return asks.every((ask) => ask.origin === asks[0]?.origin) ? asks : [];
  } catch {
    return [];
  }
}

// biome-ignore lint/suspicious/noExplicitAny: untyped storage, checked field by field; a wrong one throws
function entry({ address, origin, request }: any): Ask {
  if (!isOrigin(origin)) {
    throw new TypeError("not an origin");
  }
  return {
    address: toAddress(address),
    origin,
    request:
      "code" in request
        ? { code: Number(request.code), message: String(request.message) }
        : {
            sessionPublicKey: sessionKey(fromBase64(request.sessionPublicKey)),
            maxTimeToLive: timeToLive(request.maxTimeToLive),
            derivationOrigin: derivationOrigin(request.derivationOrigin),
          },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: as for entry
function toAddress({ protocol, id }: any): Address {
  if (protocol === "legacy") {
    return { protocol };
  }
  if (protocol === "icrc" && isId(id)) {
    return { protocol, id };
  }
  throw new TypeError("not an address");
}
