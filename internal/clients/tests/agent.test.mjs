import assert from "node:assert/strict";
import { after, before, describe, mock, test } from "node:test";
import { Actor, AnonymousIdentity, Cbor, Certificate, CanisterStatus, Expiry, HttpAgent, LookupPathStatus, StatePaths, SubnetStatus, fetchCandid, hashTreeToString } from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { Principal } from "@icp-sdk/core/principal";
import { actorOf } from "./people.mjs";
import { canister, recorder, startService } from "./service.mjs";

const utf8 = (text) => new TextEncoder().encode(text);
const otherInRange = Principal.fromText("ryjl3-tyaaa-aaaaa-aaaba-cai");

describe("an agent", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("fetches the root key when it is told to, and verifies with it", async () => {
    const agent = await HttpAgent.create({ host: service.url, shouldFetchRootKey: true });
    assert.deepEqual(agent.rootKey, service.rootKey);
    assert.equal((await actorOf(agent).whoami()).toText(), "2vxsx-fae");
    const explicit = HttpAgent.createSync({ host: service.url });
    await explicit.fetchRootKey();
    assert.deepEqual(explicit.rootKey, service.rootKey);
  });

  test("with another root key believes nothing", async () => {
    const agent = HttpAgent.createSync({ host: service.url, retryTimes: 0 }); // the Internet Computer's
    await assert.rejects(actorOf(agent).whoami());
    await assert.rejects(actorOf(agent).identity_info(10_000n));
  });

  test("learns that the service is well", async () => {
    const status = await service.agent().status();
    assert.equal(status.replica_health_status, "healthy");
    assert.equal(status.root_key.length, 133);
  });

  test("asks as nobody in particular", async () => {
    const { seen, fetch } = recorder();
    const actor = actorOf(service.agent(new AnonymousIdentity(), { fetch }));
    assert.equal((await actor.whoami()).toText(), "2vxsx-fae");
    assert.deepEqual(seen.map((s) => [s.path.replace(canister.toText(), "ID"), s.status]).sort(), [
      ["/api/v3/canister/ID/query", 200],
      ["/api/v3/canister/ID/read_state", 200],
    ]);
    // A call of nobody is run too; this one is for people with a key.
    assert.ok("InvalidCaller" in (await actor.identity_registration_start()).Err);
    assert.equal(seen.at(-1).path, `/api/v4/canister/${canister.toText()}/call`);
  });

  test("verifies who signed the answer to a query", async () => {
    const subnet = await service.agent().getSubnetIdFromCanister(canister);
    const nodes = await service.agent().fetchSubnetKeys({ canisterId: canister });
    assert.equal(nodes.size, 1);
    const [[node, key]] = nodes;
    assert.equal(Principal.selfAuthenticating(key).toText(), node);
    assert.equal(Principal.selfAuthenticating(await subnetKey(service, subnet)).toText(), subnet.toText());
    // An answer that was changed on the way is refused.
    const changed = service.agent(undefined, {
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (!url.pathname.endsWith("/query")) return response;
        const body = Cbor.decode(new Uint8Array(await response.arrayBuffer()));
        body.reply.arg = utf8("DIDL\0\x01\x68\x01\x00");
        return new Response(Cbor.encode(body), { status: 200 });
      },
    });
    await assert.rejects(actorOf(changed).whoami(), (error) => error.code.name === "QuerySignatureVerificationFailedErrorCode");
  });

  test("gets the text of a reject, certified for calls and signed for queries", async () => {
    const actor = actorOf(service.agent(Ed25519KeyIdentity.generate()));
    await assert.rejects(actor.prepare_delegation(1n, "https://app.example", new Uint8Array(44), []), (error) => {
      assert.equal(error.code.name, "CertifiedRejectErrorCode");
      assert.equal(error.code.rejectCode, 5);
      assert.equal(error.code.rejectErrorCode, "IC0503");
      assert.match(error.code.rejectMessage, new RegExp(`^Error from Canister ${canister.toText()}: Canister called \`ic0.trap\` with message: `));
      return true;
    });
    const { Func, Service } = IDL;
    const wrong = Actor.createActor(() => Service({ no_such_method: Func([], [], []), no_such_query: Func([], [], ["query"]) }), { agent: service.agent(), canisterId: canister });
    await assert.rejects(wrong.no_such_method(), (error) => error.name === "RejectError" && error.code.rejectErrorCode === "IC0536" && /no_such_method/.test(error.code.rejectMessage));
    await assert.rejects(wrong.no_such_query(), (error) => error.code.name === "UncertifiedRejectErrorCode" && error.code.rejectErrorCode === "IC0536" && /no_such_query/.test(error.code.rejectMessage));
  });

  test("is told that another canister is not here", async () => {
    const agent = service.agent(Ed25519KeyIdentity.generate());
    const fields = { methodName: "icrc1_name", arg: utf8("DIDL\0\0") };
    const answer = await agent.query(otherInRange, fields);
    assert.equal(answer.status, "rejected");
    assert.deepEqual([answer.reject_code, answer.error_code], [3, "IC0301"]);
    await assert.rejects(agent.update(otherInRange, fields), (error) => error.code.rejectCode === 3 && error.code.rejectErrorCode === "IC0301");
  });

  test("cannot call one canister by the address of another", async () => {
    const agent = service.agent(Ed25519KeyIdentity.generate());
    const fields = { methodName: "whoami", arg: utf8("DIDL\0\0"), effectiveCanisterId: otherInRange };
    for (const send of [() => agent.query(canister, fields), () => agent.update(canister, fields)]) {
      await assert.rejects(send(), (error) => error.code.name === "HttpErrorCode" && error.code.status === 400);
    }
  });
});

// subnetKey reads the public key of a subnet from the subnet's own endpoint.
async function subnetKey(service, subnetId) {
  const path = StatePaths.subnetPublicKey(subnetId);
  return (await service.agent().readState({ subnetId }, { paths: [path] })).values.get(path);
}

describe("the state", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("tells time, module, controllers and interface of the canister", async () => {
    const paths = [StatePaths.time, StatePaths.canisterModuleHash(canister), StatePaths.canisterControllers(canister), StatePaths.canisterCandid(canister)];
    const { values } = await service.agent().readState({ canisterId: canister }, { paths });
    const [time, module, controllers, did] = paths.map((p) => values.get(p));
    assert.ok(Math.abs(time.getTime() - Date.now()) < 60_000);
    assert.equal(module.length, 32);
    assert.deepEqual(controllers, []);
    assert.match(did, /service : .*\{[\s\S]*prepare_delegation : /);
    assert.equal(await fetchCandid(canister.toText(), service.agent()), did);
  });

  test("tells them one at a time, as older code asks", async () => {
    const status = await CanisterStatus.request({ agent: service.agent(), canisterId: canister, paths: ["time", "controllers", "subnet", "module_hash", "candid"] });
    for (const [path, value] of status) assert.notEqual(value, null, path);
    assert.equal(status.get("subnet").nodeKeys.size, 1);
  });

  test("tells the subnet's key and nodes on its own endpoint", async () => {
    const subnetId = await service.agent().getSubnetIdFromCanister(canister);
    const status = await SubnetStatus.request({ agent: service.agent(), subnetId, paths: ["time", "publicKey", "nodeKeys"] });
    assert.ok(status.get("time") instanceof Date);
    assert.equal(Principal.selfAuthenticating(status.get("publicKey")).toText(), subnetId.toText());
    assert.equal(status.get("nodeKeys").size, 1);
    // The id is the key's; another subnet is not here.
    const nowhere = Principal.selfAuthenticating(new Uint8Array(133));
    await assert.rejects(service.agent().readState({ subnetId: nowhere }, { paths: [StatePaths.time] }), (error) => error.code.status === 404);
  });

  test("proves that something is absent", async () => {
    const request = new Uint8Array(32).fill(7);
    const paths = [
      [utf8("canister"), canister.toUint8Array(), utf8("metadata"), utf8("nothing of that name")],
      [utf8("canister"), canister.toUint8Array(), utf8("metadata"), utf8("candid:arguments")],
      [utf8("request_status"), request, utf8("status")],
    ];
    const { verifiedCertificate } = await service.agent().readState({ canisterId: canister }, { paths });
    for (const path of paths) {
      assert.equal(verifiedCertificate.lookup_path(path).status, LookupPathStatus.Absent, Buffer.from(path.at(-1)).toString());
    }
    assert.equal(verifiedCertificate.lookup_path(["request_status", request]).status, LookupPathStatus.Absent);
  });

  test("does not tell what nobody may read", async () => {
    const agent = service.agent();
    for (const [path, status] of [
      [[utf8("canister"), canister.toUint8Array(), utf8("certified_data")], 404],
      [[utf8("canister"), canister.toUint8Array()], 404],
      [[utf8("canister"), otherInRange.toUint8Array(), utf8("module_hash")], 400],
      [[utf8("something else")], 404],
      [[utf8("request_status")], 404],
    ]) {
      await assert.rejects(agent.readState({ canisterId: canister }, { paths: [path] }), (error) => error.code.status === status, path.map((l) => Buffer.from(l).toString("latin1")).join("/"));
    }
    // Nor more than was asked.
    const { verifiedCertificate: certificate } = await agent.readState({ canisterId: canister }, { paths: [StatePaths.time] });
    const shown = hashTreeToString(certificate.cert.tree);
    assert.match(shown, /"time"/);
    assert.doesNotMatch(shown, /"canister"|certified_data/);
  });

  test("of a call is shown to its caller only", async () => {
    const caller = Ed25519KeyIdentity.generate();
    const { requestId } = await service.agent(caller).call(canister, { methodName: "identity_registration_start", arg: utf8("DIDL\0\0") });
    const paths = [[utf8("request_status"), requestId, utf8("status")]];
    const { verifiedCertificate } = await service.agent(caller).readState({ canisterId: canister }, { paths });
    assert.equal(Buffer.from(verifiedCertificate.lookup_path(paths[0]).value).toString(), "replied");
    for (const stranger of [new AnonymousIdentity(), Ed25519KeyIdentity.generate()]) {
      await assert.rejects(service.agent(stranger).readState({ canisterId: canister }, { paths }), (error) => error.code.status === 403);
    }
    await assert.rejects(service.agent(caller).readState({ canisterId: otherInRange }, { paths }), (error) => error.code.status === 403);
  });

  test("is certified with both layouts of ranges", async () => {
    const request = await service.agent().createReadStateRequest({ paths: [[utf8("time")]] });
    for (const version of ["v2", "v3"]) {
      const response = await fetch(`${service.url}/api/${version}/canister/${canister.toText()}/read_state`, {
        method: "POST", headers: { "Content-Type": "application/cbor" }, body: Cbor.encode(request.body),
      });
      const { certificate } = Cbor.decode(new Uint8Array(await response.arrayBuffer()));
      for (const id of [canister, otherInRange]) {
        await Certificate.create({ certificate, rootKey: service.rootKey, principal: { canisterId: id } });
      }
      const outside = Principal.fromUint8Array(Uint8Array.of(0));
      await assert.rejects(Certificate.create({ certificate, rootKey: service.rootKey, principal: { canisterId: outside } }));
    }
  });
});

describe("a clock", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("is set by the service's, with and without naming a canister", async () => {
    const subnetId = await service.agent().getSubnetIdFromCanister(canister);
    for (const target of [undefined, { canisterId: canister }, { subnetId }]) {
      const agent = service.agent();
      await agent.syncTime(target);
      assert.ok(agent.hasSyncedTime());
      assert.ok(Math.abs(agent.getTimeDiffMsecs()) < 60_000);
    }
  });

  for (const hours of [-1, 1]) {
    test(`that is wrong by ${hours} hour is set, and the agent goes on`, async () => {
      const real = Date.now();
      mock.timers.enable({ apis: ["Date"], now: real + hours * 3_600_000 });
      try {
        const key = Ed25519KeyIdentity.generate();
        const { seen, fetch } = recorder();
        const agent = service.agent(key, { fetch, retryTimes: 3 });
        const { Ok } = await actorOf(agent).identity_registration_start();
        assert.ok("Finish" in Ok.next_step);
        assert.ok(agent.hasSyncedTime());
        assert.ok(Math.abs(agent.getTimeDiffMsecs() + hours * 3_600_000) < 60_000, `${agent.getTimeDiffMsecs()} ms`);
        assert.deepEqual(seen.filter((s) => s.path.endsWith("/call")).map((s) => s.status), [400, 200], "the first call has expired");
        assert.equal((await actorOf(agent).whoami()).toText(), key.getPrincipal().toText());
      } finally {
        mock.timers.reset();
      }
    });
  }

  test("that a request has passed makes it refused, in words that libraries know", async () => {
    for (const minutes of [-1, 30]) {
      const agent = service.agent(Ed25519KeyIdentity.generate());
      const late = new Expiry(BigInt(Date.now() + minutes * 60_000) * 1_000_000n);
      for (const kind of ["update", "query"]) agent.addTransform(kind, async (request) => { request.body.ingress_expiry = late; });
      const actor = actorOf(agent);
      for (const send of [actor.identity_registration_start, actor.whoami]) {
        await assert.rejects(send(), (error) => error.code.name === "IngressExpiryInvalidErrorCode" && /Invalid request expiry: /.test(error.code.message), `${minutes} minutes`);
      }
      assert.ok(agent.hasSyncedTime(), "the library has set its clock before it gave up");
    }
  });

});
