import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { Actor, StatePaths } from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { readDid } from "./did.mjs";
import { init, interfaceOf, methods } from "./idl.mjs";
import { actorOf, derOf, device, register } from "./people.mjs";
import { canister, startService } from "./service.mjs";

const did = readFileSync(new URL("../../../canister/internet_identity.did", import.meta.url), "utf8");

// shape is a type in words, without the numbers that the library gives to
// recursive types. Fields are in the order of their hashes.
const shape = (type) => {
  const names = [];
  return type.display().replace(/rec_\d+/g, (name) => {
    if (!names.includes(name)) names.push(name);
    return `rec_${names.indexOf(name)}`;
  });
};
const shapes = (functions) => Object.entries(functions).map(([name, type]) => `${name} : ${shape(type)}`);

describe("the interface", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("that the service publishes is the one in the sources", async () => {
    const path = StatePaths.canisterCandid(canister);
    const { values } = await service.agent().readState({ canisterId: canister }, { paths: [path] });
    assert.equal(values.get(path), did);
  });

  test("has the methods and types that clients are written with, in the same order", () => {
    const read = readDid(did);
    assert.deepEqual(shapes(methods), shapes(read.methods));
    assert.deepEqual(init.map(shape), read.init.map(shape));
    assert.ok(Object.keys(methods).length > 50);
    // The comparison tells what the library's subtypes are too lax for.
    assert.notEqual(shape(IDL.Opt(IDL.Nat8)), shape(IDL.Opt(IDL.Text)));
    assert.ok(IDL.subtype(IDL.Opt(IDL.Nat8), IDL.Opt(IDL.Text)));
  });

  test("is known to the library as one service, each way", () => {
    const read = IDL.Service(readDid(did).methods);
    assert.ok(IDL.subtype(read, interfaceOf()));
    assert.ok(IDL.subtype(interfaceOf(), read));
  });

  test("is called by these tests, every method of it", () => {
    const here = new URL(".", import.meta.url);
    const tests = readdirSync(here).filter((name) => name.endsWith(".test.mjs")).map((name) => readFileSync(new URL(name, here), "utf8")).join("\n");
    const uncalled = Object.keys(methods).filter((name) => !tests.includes(`.${name}(`));
    assert.deepEqual(uncalled, []);
  });
});

// Bindings of other releases, generated when there was less or more.
describe("clients of another release", () => {
  let service;
  let key;
  let number;
  before(async () => {
    service = await startService();
    key = Ed25519KeyIdentity.generate();
    number = await register(service, key);
  });
  after(() => service.stop());

  const { Bool, Func, Nat16, Nat64, Null, Opt, Principal, Record, Text, Variant, Vec, Nat8 } = IDL;
  const Blob = Vec(Nat8);
  const actorWith = (functions) => Actor.createActor(() => IDL.Service(functions), { agent: service.agent(key), canisterId: canister });

  test("may leave out the last arguments, when they are optional", async () => {
    const Prepared = Variant({ Ok: Record({ user_key: Blob, expiration: Nat64 }), Err: Variant({ Unauthorized: Principal }) });
    const older = actorWith({
      prepare_account_delegation: Func([Nat64, Text, Opt(Nat64), Blob, Opt(Nat64)], [Prepared], []),
      authn_method_registration_mode_enter: Func([Nat64], [Variant({ Ok: Record({ expiration: Nat64 }), Err: Variant({ AlreadyInProgress: Null }) })], []),
    });
    assert.ok((await older.prepare_account_delegation(number, "https://app.example", [], derOf(key), [])).Ok);
    assert.ok((await older.authn_method_registration_mode_enter(number)).Ok);
  });

  test("may have fewer fields in a record, and need not read all", async () => {
    // Before devices had an origin and metadata.
    const Older = Record({
      pubkey: Blob, alias: Text, credential_id: Opt(Blob),
      purpose: Variant({ recovery: Null, authentication: Null }),
      key_type: Variant({ unknown: Null, platform: Null, cross_platform: Null, seed_phrase: Null }),
      protection: Variant({ protected: Null, unprotected: Null }),
    });
    const older = actorWith({ add: Func([Nat64, Older], [], []), lookup: Func([Nat64], [Vec(Older)], ["query"]) });
    const second = Ed25519KeyIdentity.generate();
    const { origin, metadata, ...fields } = device(second);
    await older.add(number, fields);
    assert.deepEqual((await older.lookup(number)).map((d) => Buffer.from(d.pubkey).toString("hex")).sort(), [key, second].map((k) => Buffer.from(derOf(k)).toString("hex")).sort());
  });

  test("may know fields that are not here, and read that they are absent", async () => {
    const newer = actorWith({
      identity_info: Func([Nat64], [Variant({
        Ok: Record({ name: Opt(Text), email_recovery: Opt(Vec(Record({ address: Text }))), browsers: Opt(Vec(Record({ id: IDL.Nat32 }))) }),
        Err: Variant({ Unauthorized: Principal, InternalCanisterError: Text, SomethingNew: Null }),
      })], []),
      config: Func([], [Record({ related_origins: Opt(Vec(Text)), notifications_enabled_origins: Opt(Vec(Text)), something_new: Opt(Bool) })], ["query"]),
      http_request: Func([Record({ method: Text, url: Text, headers: Vec(IDL.Tuple(Text, Text)), body: Blob, certificate_version: Opt(Nat16), something_new: Text })], [Record({
        status_code: Nat16, streaming_strategy: Opt(Variant({ Callback: Record({ token: Record({}) }) })), body: Blob,
      })], ["query"]),
    });
    const { Ok: info } = await newer.identity_info(number);
    assert.deepEqual(info, { name: ["Ada"], email_recovery: [], browsers: [] });
    const config = await newer.config();
    assert.deepEqual([config.notifications_enabled_origins, config.something_new], [[], []]);
    const answer = await newer.http_request({ method: "GET", url: "/metrics", headers: [], body: new Uint8Array(), certificate_version: [], something_new: "x" });
    assert.deepEqual([answer.status_code, answer.streaming_strategy], [200, []]);
  });

  test("are told which method is not here", async () => {
    const newer = actorWith({ check_session: Func([], [Bool], ["query"]), app_revoke_session: Func([], [], []) });
    for (const name of ["check_session", "app_revoke_session"]) {
      await assert.rejects(newer[name](), ({ code }) => {
        assert.deepEqual([code.rejectCode, code.rejectErrorCode], [5, "IC0536"]);
        assert.match(code.rejectMessage, new RegExp(name));
        return true;
      });
    }
  });

  test("that send what cannot be understood get a trap that says so", async () => {
    const wrong = actorWith({ lookup: Func([Text], [Vec(Record({}))], ["query"]), add: Func([Nat64], [], []) });
    for (const send of [() => wrong.lookup("x"), () => wrong.add(number)]) {
      await assert.rejects(send(), ({ code }) => {
        assert.deepEqual([code.rejectCode, code.rejectErrorCode], [5, "IC0503"]);
        assert.match(code.rejectMessage, /failed to decode call arguments/);
        return true;
      });
    }
    assert.equal((await actorOf(service.agent(key)).get_anchor_info(number)).devices.length, 2);
  });
});
