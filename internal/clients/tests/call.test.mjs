import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Cbor, Certificate, LookupPathStatus, polling } from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import { DelegationChain, DelegationIdentity, Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { actorOf } from "./people.mjs";
import { canister, post, recorder, startService } from "./service.mjs";

const utf8 = (text) => new TextEncoder().encode(text);
const call = (version) => `/api/${version}/canister/${canister.toText()}/call`;

// A registration can be started once by a key: the second start is an error. So
// the reply tells whether a call was run before.
const start = { methodName: "identity_registration_start", arg: utf8("DIDL\0\0") };
const Started = IDL.Variant({ Ok: IDL.Record({}), Err: IDL.Variant({ InvalidCaller: IDL.Null, RateLimitExceeded: IDL.Null, AlreadyInProgress: IDL.Null }) });
const first = (reply) => "Ok" in IDL.decode([Started], reply)[0];

describe("one call", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  // outcome verifies a certificate and takes the reply out of it.
  async function outcome(certificate, requestId) {
    const checked = await Certificate.create({ certificate, rootKey: service.rootKey, principal: { canisterId: canister } });
    const at = (label) => checked.lookup_path(["request_status", requestId, label]);
    assert.equal(at("status").status, LookupPathStatus.Found);
    assert.equal(Buffer.from(at("status").value).toString(), "replied");
    assert.equal(at("reject_code").status, LookupPathStatus.Absent);
    return at("reply").value;
  }

  // signed makes the body of a call and sends it once.
  async function signed(identity, version) {
    const { seen, fetch } = recorder();
    const agent = service.agent(identity, { fetch });
    const { requestId, response } = await agent.call(canister, { ...start, callSync: version === "v4" });
    assert.deepEqual(seen.map((s) => s.path), [call(version)]);
    return { agent, requestId, body: seen[0].body, response };
  }

  test("is answered at once with its certified reply", async () => {
    const { requestId, response } = await signed(Ed25519KeyIdentity.generate(), "v4");
    assert.equal(response.status, 200);
    assert.equal(response.body.status, "replied");
    assert.ok(first(await outcome(response.body.certificate, requestId)));
  });

  test("is taken without an answer by the oldest endpoint, and polled for", async () => {
    const { agent, requestId, response } = await signed(Ed25519KeyIdentity.generate(), "v2");
    assert.equal(response.status, 202);
    assert.equal(response.body, null);
    const { reply, certificate } = await polling.pollForResponse(agent, { canisterId: canister }, requestId);
    assert.ok(first(reply));
    assert.equal(Buffer.from(certificate.lookup_path(["request_status", requestId, "status"]).value).toString(), "replied");
  });

  test("is polled for by a delegated key, when the canister is among its targets", async () => {
    const key = Ed25519KeyIdentity.generate();
    const session = Ed25519KeyIdentity.generate();
    const chain = await DelegationChain.create(key, session.getPublicKey(), new Date(Date.now() + 60_000), { targets: [canister] });
    const { agent, requestId } = await signed(DelegationIdentity.fromDelegation(session, chain), "v2");
    assert.ok(first((await polling.pollForResponse(agent, { canisterId: canister }, requestId)).reply));
  });

  for (const version of ["v2", "v4"]) {
    test(`that came by ${version} runs once, however often and by whatever endpoint it comes again`, async () => {
      const identity = Ed25519KeyIdentity.generate();
      const { agent, requestId, body } = await signed(identity, version);
      const again = await Promise.all(["v2", "v3", "v4", "v3", "v4", "v2"].map((v) => post(service, call(v), body)));
      assert.deepEqual(again.map((a) => a.status), [202, 200, 200, 200, 200, 202]);
      for (const { body: answer } of again.filter((a) => a.status === 200)) {
        const { status, certificate } = Cbor.decode(answer);
        assert.equal(status, "replied");
        assert.ok(first(await outcome(certificate, requestId)), "the call ran twice");
      }
      assert.ok(first((await polling.pollForResponse(agent, { canisterId: canister }, requestId)).reply));
      // A new call of the same words is another call.
      assert.ok("AlreadyInProgress" in (await actorOf(agent).identity_registration_start()).Err);
    });
  }

  test("that comes many times at the same moment runs once", async () => {
    const { seen, fetch } = recorder();
    const agent = service.agent(Ed25519KeyIdentity.generate(), { fetch: async (url, init) => {
      const copies = await Promise.all(Array.from({ length: 8 }, () => fetch(url, init)));
      return copies[0];
    } });
    const { requestId } = await agent.call(canister, start);
    assert.deepEqual(seen.map((s) => s.status), Array(8).fill(200));
    const answers = await Promise.all(["v3", "v4"].map((v) => post(service, call(v), seen[0].body)));
    for (const { body } of answers) assert.ok(first(await outcome(Cbor.decode(body).certificate, requestId)));
  });

  test("that was answered is not run again after a crash", async () => {
    const identity = Ed25519KeyIdentity.generate();
    const { requestId, body } = await signed(identity, "v4");
    const key = service.rootKey;
    service = await service.crash();
    assert.deepEqual(service.rootKey, key, "another root key after a restart");
    const { status, body: answer } = await post(service, call("v4"), body);
    assert.equal(status, 200);
    assert.ok(first(await outcome(Cbor.decode(answer).certificate, requestId)), "the call ran twice");
    assert.ok("AlreadyInProgress" in (await actorOf(service.agent(identity)).identity_registration_start()).Err);
  });

  test("is not run when a bit of it was changed on the way", async () => {
    const key = Ed25519KeyIdentity.generate();
    const { body } = await signed(key, "v4");
    const other = body.slice();
    const at = Buffer.from(other).indexOf("identity_registration_start");
    other[at] ^= 1;
    for (const version of ["v2", "v3", "v4"]) {
      const { status, body: text } = await post(service, call(version), other);
      assert.equal(status, 400);
      assert.match(Buffer.from(text).toString(), /Invalid signature/);
    }
  });
});
