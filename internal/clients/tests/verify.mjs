// Checks a delegation chain of the service against the root key alone, with what
// the published library has: certificate, subnet delegation, canister range,
// certified data and the leaf of the signature. It offers no such check itself.

import { createHash } from "node:crypto";
import { Cbor, Certificate, IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR, lookup_path, LookupPathStatus, reconstruct, requestIdOf, unwrapDER } from "@icp-sdk/core/agent";
import { Principal } from "@icp-sdk/core/principal";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((p) => Buffer.from(p)))).digest();
const canisterSignatureOID = Uint8Array.from(Buffer.from("300c060a2b0601040183b8430102", "hex"));

export async function verifyChain(chain, rootKey, canister) {
  const raw = unwrapDER(chain.publicKey, canisterSignatureOID);
  const signer = Principal.fromUint8Array(raw.slice(1, 1 + raw[0]));
  if (signer.toText() !== canister.toText()) throw new Error(`signed by ${signer.toText()}`);
  const seed = raw.slice(1 + raw[0]);
  const [{ delegation, signature }] = chain.delegations;

  const { certificate, tree } = Cbor.decode(signature);
  const checked = await Certificate.create({ certificate, rootKey, principal: { canisterId: signer } });
  const data = checked.lookup_path(["canister", signer.toUint8Array(), "certified_data"]);
  if (data.status !== LookupPathStatus.Found) throw new Error(`certified data: ${data.status}`);
  if (Buffer.compare(Buffer.from(await reconstruct(tree)), Buffer.from(data.value)) !== 0) throw new Error("the tree is not certified");
  const payload = sha256(IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR, requestIdOf({ ...delegation }));
  const leaf = lookup_path(["sig", sha256(seed), payload], tree);
  if (leaf.status !== LookupPathStatus.Found) throw new Error(`signature: ${leaf.status}`);
  return Principal.selfAuthenticating(chain.publicKey);
}
