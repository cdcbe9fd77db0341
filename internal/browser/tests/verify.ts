import { createHash } from "node:crypto";
import { Certificate, Cbor, hashTreeToString, lookup_path, LookupPathStatus, reconstruct, requestIdOf } from "@icp-sdk/core/agent";
import { Principal } from "@icp-sdk/core/principal";

// The JSON form of a delegation chain, as client libraries write it.
export interface ChainJSON {
  publicKey: string;
  delegations: {
    delegation: { pubkey: string; expiration: string; targets?: string[] };
    signature: string;
  }[];
}

export interface Verified {
  principal: string;
  expiration: bigint;
  sessionKey: string;
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const sha256 = (data: Uint8Array): Uint8Array => createHash("sha256").update(data).digest();
const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

// verifyChain checks a chain from the service against the root key alone, with
// the published JavaScript agent and none of our own code: certificate, subnet
// delegation, canister range, certified data, and the signature's leaf.
export async function verifyChain(chain: ChainJSON, rootKey: Uint8Array, canister: string): Promise<Verified> {
  const key = bytes(chain.publicKey);
  const header = "300c060a2b0601040183b8430102";
  const at = chain.publicKey.indexOf(header);
  if (at < 0) throw new Error("the key is not a canister signature key");
  const raw = bytes(chain.publicKey.slice(at + header.length)).slice(3);
  const signer = Principal.fromUint8Array(raw.slice(1, 1 + raw[0]));
  if (signer.toText() !== canister) throw new Error(`signed by ${signer.toText()}`);
  const seed = raw.slice(1 + raw[0]);

  if (chain.delegations.length !== 1) throw new Error("want exactly one delegation");
  const [{ delegation, signature }] = chain.delegations;
  if (delegation.targets !== undefined) throw new Error("the delegation has targets");
  const expiration = BigInt(`0x${delegation.expiration}`);

  const { certificate, tree } = Cbor.decode<{ certificate: Uint8Array; tree: never }>(bytes(signature));
  const checked = await Certificate.create({
    certificate,
    rootKey,
    principal: { canisterId: signer },
  });
  const found = checked.lookup_path(["canister", signer.toUint8Array(), "certified_data"]);
  if (found.status !== LookupPathStatus.Found) throw new Error("the certificate has no certified data");
  const digest = await reconstruct(tree);
  if (Buffer.compare(digest, found.value) !== 0) throw new Error(`the tree is not certified: ${hashTreeToString(tree)}`);

  const hash = requestIdOf({ pubkey: bytes(delegation.pubkey), expiration });
  const domain = new TextEncoder().encode("\x1aic-request-auth-delegation");
  const leaf = lookup_path(["sig", sha256(seed), sha256(concat(domain, hash))], tree);
  if (leaf.status !== LookupPathStatus.Found) throw new Error("the tree does not hold this delegation");

  return {
    principal: Principal.selfAuthenticating(key).toText(),
    expiration,
    sessionKey: delegation.pubkey,
  };
}
