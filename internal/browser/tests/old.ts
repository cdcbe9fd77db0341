import { Actor, HttpAgent } from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import type { Page } from "@playwright/test";
import type { Service } from "./service";

// SEQUENCE { SEQUENCE { OID 1.3.6.1.4.1.56387.1.1 }, BIT STRING } around a COSE
// key of 77 bytes.
const header = Buffer.from("305e300c060a2b0601040183b8430101034e00", "hex");

const next = IDL.Record({ next_step: IDL.Variant({ Finish: IDL.Null }) });
const method = IDL.Record({
  authn_method: IDL.Variant({ WebAuthn: IDL.Record({ credential_id: IDL.Vec(IDL.Nat8), pubkey: IDL.Vec(IDL.Nat8), aaguid: IDL.Opt(IDL.Vec(IDL.Nat8)) }) }),
  security_settings: IDL.Record({
    protection: IDL.Variant({ Protected: IDL.Null, Unprotected: IDL.Null }),
    purpose: IDL.Variant({ Authentication: IDL.Null, Recovery: IDL.Null }),
  }),
  metadata: IDL.Vec(IDL.Tuple(IDL.Text, IDL.Variant({ String: IDL.Text }))),
  last_authentication: IDL.Opt(IDL.Nat64),
});

interface Registration {
  identity_registration_start(): Promise<object>;
  identity_registration_finish(arg: object): Promise<{ Ok: { identity_number: bigint } }>;
}

// registerOld makes an identity as they were made in the time of numbers: no
// name, and a key of the window's authenticator that cannot be found without
// its credential id.
export async function registerOld(page: Page, service: Service): Promise<string> {
  await page.goto(service.url);
  const made = await page.evaluate(async () => {
    const credential = (await navigator.credentials.create({
      publicKey: {
        challenge: new Uint8Array(32),
        rp: { name: "Internet Identity Service" },
        user: { id: new Uint8Array(16), name: "old", displayName: "old" },
        pubKeyCredParams: [{ type: "public-key", alg: -7 }],
        authenticatorSelection: { residentKey: "discouraged", userVerification: "discouraged" },
      },
    })) as PublicKeyCredential;
    const data = new Uint8Array((credential.response as AuthenticatorAttestationResponse).getAuthenticatorData());
    const length = data[53] * 256 + data[54];
    return { id: [...data.slice(55, 55 + length)], cose: [...data.slice(55 + length)] };
  });
  const identity = Ed25519KeyIdentity.generate();
  const agent = await HttpAgent.create({ host: service.url, identity, rootKey: await service.rootKey() });
  const actor = Actor.createActor<Registration>(
    () =>
      IDL.Service({
        identity_registration_start: IDL.Func([], [IDL.Variant({ Ok: next })]),
        identity_registration_finish: IDL.Func(
          [IDL.Record({ name: IDL.Opt(IDL.Text), authn_method: method })],
          [IDL.Variant({ Ok: IDL.Record({ identity_number: IDL.Nat64 }) })],
        ),
      }),
    { agent, canisterId: service.canister },
  );
  await actor.identity_registration_start();
  const { Ok } = await actor.identity_registration_finish({
    name: [],
    authn_method: {
      authn_method: {
        WebAuthn: { credential_id: made.id, pubkey: Buffer.concat([header, Buffer.from(made.cose)]), aaguid: [] },
      },
      security_settings: { protection: { Unprotected: null }, purpose: { Authentication: null } },
      metadata: [["alias", { String: "Old key" }]],
      last_authentication: [],
    },
  });
  return Ok.identity_number.toString();
}
