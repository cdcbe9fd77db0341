import { encode } from "@dfinity/cbor";
import { Cbor } from "@icp-sdk/core/agent";
import { WebAuthnIdentity } from "@icp-sdk/core/identity";
import { ed25519 as curve } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { p256Key, rsa } from "./keys.mjs";
import { bytes, concat, hex, known, seed, utf8 } from "./lib.mjs";

// COSE keys need negative and numeric labels, which the library's CBOR has not.
function head(major, n) {
  if (n < 24) return [major | n];
  return n < 256 ? [major | 24, n] : [major | 25, n >> 8, n & 0xff];
}
const int = (n) => Uint8Array.from(n < 0 ? head(0x20, -1 - n) : head(0, n));
const blob = (b) => concat(Uint8Array.from(head(0x40, b.length)), b);
const cose = (pairs) => concat(Uint8Array.from(head(0xa0, pairs.length)), ...pairs.flatMap(([k, v]) => [int(k), v instanceof Uint8Array ? blob(v) : int(v)]));

const ecKey = p256Key("webauthn ES256");
const edSecret = seed("webauthn EdDSA");
const rsaKey = rsa();

// The kinds of keys that the Internet Computer accepts, as authenticators show
// and use them.
export const authenticators = {
  ES256: {
    cose: cose([[1, 2], [3, -7], [-1, 1], [-2, ecKey.x], [-3, ecKey.y]]),
    sign: (message) => ecKey.sign(message, "der"),
  },
  EdDSA: {
    cose: cose([[1, 1], [3, -8], [-1, 6], [-2, curve.getPublicKey(edSecret)]]),
    sign: (message) => curve.sign(message, edSecret),
  },
  RS256: {
    cose: cose([[1, 3], [3, -257], [-1, rsaKey.n], [-2, rsaKey.e]]),
    sign: (message) => rsaKey.sign(message),
  },
};

const base64url = (b) => Buffer.from(b).toString("base64url");

// touch is an authenticator and a browser behind navigator.credentials.
function touch(authenticator, { type = "webauthn.get", flags = 0x05, origin = "https://id.example", challenged = (c) => c, extra = {} } = {}) {
  return {
    async get({ publicKey: { challenge } }) {
      const clientDataJSON = utf8(JSON.stringify({ type, challenge: base64url(challenged(new Uint8Array(challenge))), origin, crossOrigin: false, ...extra }));
      const authenticatorData = concat(sha256(utf8(new URL(origin).hostname)), new Uint8Array([flags, 0, 0, 0, 1]));
      return {
        authenticatorAttachment: null,
        response: { authenticatorData, clientDataJSON, signature: authenticator.sign(concat(authenticatorData, sha256(clientDataJSON))) },
      };
    },
  };
}

// identity is the library's WebAuthn identity over an authenticator.
export function identity(kind) {
  return new WebAuthnIdentity(seed(`credential ${kind}`), authenticators[kind].cose, undefined);
}

// withAuthenticator runs something with a browser's navigator.credentials.
export async function withAuthenticator(kind, how, run) {
  Object.defineProperty(globalThis, "navigator", { value: { credentials: touch(authenticators[kind], how) }, configurable: true });
  try {
    return await run();
  } finally {
    delete globalThis.navigator;
  }
}

export default async function webauthn() {
  const kinds = Object.keys(authenticators);
  const key = kinds.map((kind) => known(kind, { algorithm: kind, cose: hex(authenticators[kind].cose), der: hex(identity(kind).getPublicKey().toDer()) }));
  const assertion = [];
  const add = async (name, kind, valid, how, payload = concat(utf8("\x0aic-request"), seed("webauthn request"))) => {
    const envelope = await withAuthenticator(kind, how, () => identity(kind).sign(payload));
    const parts = Cbor.decode(envelope);
    assertion.push(known(name, {
      der: hex(identity(kind).getPublicKey().toDer()), payload: hex(payload), envelope: hex(envelope),
      authenticatorData: hex(parts.authenticator_data), clientData: parts.client_data_json, signature: hex(parts.signature), valid,
    }));
  };
  for (const kind of kinds) {
    await add(`${kind} over a request`, kind, true, {});
    await add(`${kind} over a long payload`, kind, true, {}, bytes("a long payload", 500));
    await add(`${kind} with another challenge`, kind, false, { challenged: (c) => sha256(c) });
  }
  await add("of a registration", "ES256", false, { type: "webauthn.create" });
  await add("without presence or verification", "ES256", true, { flags: 0 });
  await add("with more in the client data", "ES256", true, { extra: { topOrigin: "https://app.example", other_keys_can_be_added_here: "do not compare clientDataJSON against a template" } });
  await add("of an origin with a port", "ES256", true, { origin: "http://localhost:4943" });
  await add("over nothing", "EdDSA", true, {}, new Uint8Array());
  // As the library would write it if its CBOR had no tag: not in the specified
  // form, and refused.
  const untagged = assertion.filter((a) => a.valid).slice(0, 1).map((a) =>
    known("without the tag", { envelope: hex(encode(Cbor.decode(Buffer.from(a.envelope, "hex")))) }));
  return { key, assertion, refusedEnvelope: untagged };
}
