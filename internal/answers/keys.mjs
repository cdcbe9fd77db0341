// Keys from fixed seeds, so that every run of the script signs the same way.
// None of them ever protected anything.

import { createPrivateKey, sign, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { p256 } from "@noble/curves/nist.js";
import { BLS12_381_G2_OID, wrapDER } from "@icp-sdk/core/agent";
import { ECDSAKeyIdentity, Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { Secp256k1KeyIdentity } from "@icp-sdk/core/identity/secp256k1";
import { Principal } from "@icp-sdk/core/principal";
import { seed } from "./lib.mjs";

export const ed25519 = (name) => Ed25519KeyIdentity.generate(seed(name));
export const secp256k1 = (name) => Secp256k1KeyIdentity.generate(seed(name));

// p256Key is a key with a signature that depends on the message alone. About
// half of its signatures have a high S, as those of browsers.
export function p256Key(name) {
  const secret = seed(name);
  const point = p256.getPublicKey(secret, false);
  return {
    x: point.slice(1, 33),
    y: point.slice(33),
    secret,
    sign: (message, format = "compact") => p256.sign(message, secret, { lowS: false, format }),
  };
}

// p256Identity is the library's identity over that key. Its factories take the
// signatures of the platform, which differ each time, so it is made with its
// constructor.
export async function p256Identity(name) {
  const key = p256Key(name);
  const url = (b) => Buffer.from(b).toString("base64url");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const jwk = { kty: "EC", crv: "P-256", x: url(key.x), y: url(key.y) };
  const publicKey = await webcrypto.subtle.importKey("jwk", jwk, algorithm, true, ["verify"]);
  const privateKey = await webcrypto.subtle.importKey("jwk", { ...jwk, d: url(key.secret) }, algorithm, false, ["sign"]);
  const der = (await ECDSAKeyIdentity.fromKeyPair({ publicKey, privateKey })).getPublicKey().toDer();
  return new ECDSAKeyIdentity({ publicKey, privateKey }, der, { sign: async (_parameters, _key, message) => key.sign(new Uint8Array(message)) });
}

// bls is the key of a subnet: signatures in G1, keys in G2.
export function bls(name) {
  const { shortSignatures: scheme, fields } = bls12_381;
  const secret = fields.Fr.toBytes(fields.Fr.create(BigInt(`0x${Buffer.from(seed(name)).toString("hex")}`)));
  const raw = scheme.getPublicKey(secret).toBytes(true);
  const der = wrapDER(raw, BLS12_381_G2_OID);
  return {
    secret,
    raw,
    der,
    id: Principal.selfAuthenticating(der),
    sign: (message) => scheme.sign(scheme.hash(message), secret).toBytes(true),
  };
}

// rsa is the one key that has no seed; PKCS #1 v1.5 signatures depend on the
// message alone.
export function rsa() {
  const jwk = JSON.parse(readFileSync(new URL("rsa-test-key.json", import.meta.url), "utf8"));
  const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64url"));
  return {
    n: bytes(jwk.n),
    e: bytes(jwk.e),
    sign: (message) => Uint8Array.from(sign("sha256", message, createPrivateKey({ key: jwk, format: "jwk" }))),
  };
}
