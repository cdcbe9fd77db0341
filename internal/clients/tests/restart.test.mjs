// Everything is kept when the service is stopped and started, and when it is
// killed.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DelegationIdentity } from "@icp-sdk/core/identity";
import { near, now, ok, refused, shutOut } from "./answers.mjs";
import { actorOf, chainOf, derOf, device, join, method, newKey, phrase } from "./people.mjs";
import { canister, startService } from "./service.mjs";
import { verifyChain } from "./verify.mjs";

const app = "https://app.example";
const bytes = (text) => new TextEncoder().encode(text);

describe("a service that begins again", () => {
  let service;
  const as = (key) => actorOf(service.agent(key));
  const keys = { ada: newKey(), session: newKey(), phone: newKey(), words: newKey(), app: newKey(), browser: newKey(), newcomer: newKey(), starter: newKey() };
  const made = {};

  // whole is all that can be seen of the identity, of its sign-ins and of the
  // service, but for when the identity looked itself up.
  async function whole() {
    const { number } = made;
    const me = as(keys.ada);
    const nobody = actorOf(service.agent());
    const activity = ok(await me.identity_activity(number, { before: [], limit: [] })).entries.map((e) => ({ ...e, caller: e.caller.toText() }));
    const { authn_method_registration: [waiting], ...info } = ok(await me.identity_info(number));
    const config = await nobody.config();
    const fetched = await me.get_delegation(number, app, derOf(keys.app), made.expiration);
    const chain = chainOf(made.userKey, fetched.signed_delegation);
    const session = ok(await me.get_session_delegation(number, derOf(keys.browser), made.sessionEnd));
    const browser = as(DelegationIdentity.fromDelegation(keys.browser, chainOf(made.sessionKey, session)));
    return {
      rootKey: service.rootKey,
      info: { ...info, authn_methods: info.authn_methods.map(({ last_authentication: _, ...m }) => m) },
      waiting: { ...waiting, session: waiting.session.map((p) => p.toText()) },
      devices: (await nobody.lookup(number)).map((d) => Buffer.from(d.pubkey).toString("hex")).sort(),
      credentials: await nobody.get_anchor_credentials(number),
      byCredential: await nobody.lookup_device_key(bytes("phone")),
      byPhrase: await as(keys.words).lookup_caller_identity_by_recovery_phrase(),
      byID: await nobody.lookup_by_registration_mode_id("abc12"),
      accounts: ok(await me.get_accounts(number, app)),
      byBrowser: ok(await browser.get_accounts(number, app)),
      standard: ok(await me.get_default_account(number, app)),
      applications: ok(await me.list_applications(number)),
      principal: (await me.get_principal(number, app)).toText(),
      delegation: fetched.signed_delegation.delegation,
      who: (await verifyChain(chain, service.rootKey, canister)).toText(),
      activity,
      stats: await nobody.stats(),
      config: { ...config, backend_canister_id: config.backend_canister_id[0].toText() },
    };
  }

  before(async () => {
    service = await startService({ settings: `related_origins = ["https://a.example"]` });
    const session = as(keys.session);
    ok(await session.identity_registration_start());
    const { identity_number: number } = ok(await session.identity_registration_finish({ name: ["Ada"], authn_method: method(keys.ada) }));
    const me = as(keys.ada);
    ok(await me.authn_method_add(number, method(keys.phone, { passkey: "phone", aaguid: [new Uint8Array(16).fill(7)], metadata: [["alias", { String: "Phone" }]] })));
    ok(await me.authn_method_add(number, phrase(keys.words, { protection: "Protected" })));
    ok(await me.identity_metadata_replace(number, [["a", { Map: [["b", { Bytes: bytes("c") }]] }]]));
    const { account_number: work } = ok(await me.create_account(number, app, "Work"));
    ok(await me.set_default_account(number, app, work));
    const [userKey, expiration] = await me.prepare_delegation(number, app, derOf(keys.app), []);
    const { user_key: sessionKey, expiration: sessionEnd } = ok(await me.prepare_session_delegation(number, derOf(keys.browser), []));
    ok(await me.authn_method_registration_mode_enter(number, ["abc12"]));
    const { confirmation_code: code } = ok(await as(keys.newcomer).authn_method_register(number, method(keys.newcomer, { passkey: "newcomer" })));
    ok(await as(keys.starter).identity_registration_start());
    Object.assign(made, { number, userKey, expiration, sessionKey, sessionEnd, code, seen: undefined });
    made.seen = await whole();
    assert.equal(made.seen.principal, made.seen.who);
    assert.deepEqual([made.seen.byCredential.length, made.seen.byPhrase.length, made.seen.byID.length, made.seen.activity.length], [1, 1, 1, 6]);
  });
  after(() => service.stop());

  test("in good order has everything", async () => {
    service = await service.restart();
    assert.deepEqual(await whole(), made.seen);
  });

  test("after it was killed has everything", async () => {
    service = await service.crash();
    assert.deepEqual(await whole(), made.seen);
  });

  test("has what was answered a moment before it was killed", async () => {
    const { me, number, key } = await join(service, "Bob");
    await me.add(number, device(newKey(), { alias: "Last words" }));
    service = await service.crash();
    const { devices, name } = await as(key).get_anchor_info(number);
    assert.deepEqual([name, devices.map((d) => d.alias)], [["Bob"], ["", "Last words"]]);
  });

  test("goes on with what had begun", async () => {
    const { number, code } = made;
    // The session of the registration acts still, and the wrong keys do not.
    assert.equal((await as(keys.session).get_anchor_info(number)).devices.length, 3);
    await shutOut(keys.newcomer, as(keys.newcomer).get_anchor_info(number));
    refused(await as(keys.ada).authn_method_confirm(number, code === "000000" ? "1" : "000000"), "WrongCode", { retries_left: 2 });
    ok(await as(keys.ada).authn_method_confirm(number, code));
    assert.equal((await as(keys.newcomer).get_anchor_info(number)).devices.length, 4);
    const { identity_number: next } = ok(await as(keys.starter).identity_registration_finish({ name: [], authn_method: method(keys.starter) }));
    assert.equal(next, (await as(keys.ada).stats()).users_registered + 10_000n - 1n);
    const account = ok(await as(keys.ada).create_account(number, app, "Play"));
    assert.equal(account.account_number[0], made.seen.standard.account_number[0] + 1n);
  });

  test("with other settings keeps what people have, and forgets what was under way", async () => {
    const me = as(keys.ada);
    ok(await me.authn_method_registration_mode_enter(made.number, ["xyz12"]));
    const before = await me.identity_activity(made.number, { before: [], limit: [] });
    service = await service.restart({ settings: `related_origins = ["https://b.example"]` });
    const again = as(keys.ada);
    assert.deepEqual((await again.config()).related_origins, [["https://b.example"]]);
    const { body } = await again.http_request({ method: "GET", url: "/metrics", headers: [], body: new Uint8Array(), certificate_version: [] });
    near(BigInt(/^internet_identity_last_upgrade_timestamp ([0-9]+)/m.exec(Buffer.from(body).toString())[1]), now());
    assert.deepEqual((await again.identity_activity(made.number, { before: [], limit: [] })).Ok.entries.length, before.Ok.entries.length);
    assert.equal((await again.get_principal(made.number, app)).toText(), made.seen.principal);
    assert.deepEqual(ok(await again.get_default_account(made.number, app)), made.seen.standard);
    // As an upgrade does: prepared delegations, temporary keys and pairings.
    assert.deepEqual(await again.get_delegation(made.number, app, derOf(keys.app), made.expiration), { no_such_delegation: null });
    assert.deepEqual(await again.lookup_by_registration_mode_id("xyz12"), []);
    await shutOut(keys.session, as(keys.session).get_anchor_info(made.number));
  });
});
