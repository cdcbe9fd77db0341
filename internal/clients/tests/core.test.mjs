// The whole core interface through the published library: both versions of the
// API, pairing, accounts, sessions, and the person's own history.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Delegation, DelegationChain, DelegationIdentity, Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { published } from "./interface.mjs";
import { register } from "./people.mjs";
import { canister, startService } from "./service.mjs";
import { verifyChain } from "./verify.mjs";

const app = "https://app.example";
const minute = 60_000_000_000n;
const newKey = () => Ed25519KeyIdentity.generate();
const der = (key) => new Uint8Array(key.getPublicKey().toDer());

const device = (key, more = {}) => ({
  pubkey: der(key), alias: "Laptop", credential_id: [], purpose: { authentication: null }, key_type: { unknown: null },
  protection: { unprotected: null }, origin: [], metadata: [], ...more,
});
const method = (key, more = {}) => ({
  authn_method: { PubKey: { pubkey: der(key) } },
  security_settings: { protection: { Unprotected: null }, purpose: { Authentication: null } },
  metadata: [["alias", { String: "Phone" }]],
  last_authentication: [],
  ...more,
});
const ok = (result) => {
  assert.ok("Ok" in result, JSON.stringify(result, (_, v) => (typeof v === "bigint" ? String(v) : v)));
  return result.Ok;
};
const rejects = (promise, text, code = "IC0503") =>
  assert.rejects(promise, ({ code: { rejectCode, rejectMessage, rejectErrorCode } }) => {
    assert.deepEqual([rejectCode, rejectErrorCode], [5, code]);
    assert.match(rejectMessage, text);
    return true;
  });

describe("the core interface", () => {
  let service, as;
  before(async () => {
    service = await startService();
    as = await published(service);
  });
  after(() => service.stop());

  const person = async (name) => {
    const key = newKey();
    const number = await register(service, key, name);
    return { key, number, me: as(key) };
  };

  test("manages devices, first version", async () => {
    const { number, me } = await person("Ada");
    const [second, third] = [newKey(), newKey()];
    await me.add(number, device(second));
    await me.update(number, der(second), device(second, { alias: "Old laptop" }));
    const info = await me.get_anchor_info(number);
    assert.deepEqual(info.name, ["Ada"]);
    assert.deepEqual(info.devices.map((d) => d.alias).sort(), ["", "Old laptop"]);
    await me.replace(number, der(second), device(third, { alias: "New laptop" }));
    // Where no caller has to be believed, aliases are not told.
    assert.deepEqual((await as(newKey()).lookup(number)).map((d) => d.alias), ["", ""]);
    await rejects(me.add(number, device(third)), /./);
    await me.remove(number, der(third));
    assert.equal((await me.get_anchor_info(number)).devices.length, 1);
    await rejects(as(third).get_anchor_info(number), new RegExp(`${third.getPrincipal().toText()} could not be authenticated`));
    await rejects(me.add(number + 1_000n, device(second)), new RegExp(`bad Identity Anchor ${number + 1_000n}`));
  });

  test("manages methods, second version", async () => {
    const { key, number, me } = await person("Grace");
    const [second, third] = [newKey(), newKey()];
    ok(await me.authn_method_add(number, method(second)));
    ok(await me.authn_method_metadata_replace(number, der(second), [["alias", { String: "Key ring" }], ["note", { Bytes: new Uint8Array([1, 2]) }]]));
    ok(await me.authn_method_security_settings_replace(number, der(second), { protection: { Unprotected: null }, purpose: { Recovery: null } }));
    const info = ok(await me.identity_info(number));
    const changed = info.authn_methods.find((m) => Buffer.from(m.authn_method.PubKey.pubkey).equals(Buffer.from(der(second))));
    assert.deepEqual(changed.security_settings.purpose, { Recovery: null });
    assert.ok(changed.metadata.some(([name, value]) => name === "alias" && value.String === "Key ring"));
    assert.equal(ok(await as(newKey()).identity_authn_info(number)).recovery_authn_methods.length, 1);
    ok(await me.authn_method_replace(number, der(second), method(third)));
    ok(await me.authn_method_remove(number, der(third)));
    assert.ok("AuthnMethodNotFound" in (await me.authn_method_metadata_replace(number, der(third), [])).Err);
    ok(await me.identity_properties_replace(number, { name: ["Grace H."] }));
    const stranger = newKey();
    assert.equal((await as(stranger).identity_info(number)).Err.Unauthorized.toText(), stranger.getPrincipal().toText());

    // The person's own history has all of that, and is nobody else's.
    const { entries } = ok(await me.identity_activity(number, { before: [], limit: [] }));
    assert.deepEqual(entries.map((e) => Object.keys(e.operation)[0]).reverse(), [
      "register_anchor", "add_device", "update_device", "update_device", "replace_device", "remove_device", "update_name",
    ]);
    assert.ok(entries.every((e) => e.caller.toText() === key.getPrincipal().toText() || e.operation.register_anchor));
    assert.ok("Unauthorized" in (await as(stranger).identity_activity(number, { before: [], limit: [] })).Err);
  });

  test("takes another device in, with a code that the person compares", async () => {
    const { number, me } = await person("Edsger");
    const newcomer = newKey();
    assert.ok("RegistrationModeOff" in (await as(newcomer).authn_method_register(number, method(newcomer))).Err);
    ok(await me.authn_method_registration_mode_enter(number, ["aB3xY"]));
    assert.deepEqual(await as(newcomer).lookup_by_registration_mode_id("aB3xY"), [number]);
    const { confirmation_code: code } = ok(await as(newcomer).authn_method_session_register(number));
    assert.deepEqual(await as(newcomer).authn_method_session_info(number), []);
    const wrong = code === "000000" ? "000001" : "000000";
    assert.deepEqual((await me.authn_method_confirm(number, wrong)).Err, { WrongCode: { retries_left: 2 } });
    ok(await me.authn_method_confirm(number, code));
    assert.deepEqual((await as(newcomer).authn_method_session_info(number))[0].name, ["Edsger"]);
    // The confirmed session may add one method, and ends the mode with that.
    ok(await as(newcomer).authn_method_registration_mode_exit(number, [method(newcomer)]));
    assert.equal(ok(await as(newcomer).identity_info(number)).authn_methods.length, 2);
    assert.deepEqual(await as(newcomer).lookup_by_registration_mode_id("aB3xY"), []);
  });

  test("takes another device in, first version", async () => {
    const { number, me } = await person("Barbara");
    const newcomer = newKey();
    assert.ok("device_registration_mode_off" in (await as(newcomer).add_tentative_device(number, device(newcomer))));
    await me.enter_device_registration_mode(number);
    const { added_tentatively: added } = await as(newcomer).add_tentative_device(number, device(newcomer));
    assert.equal((await me.get_anchor_info(number)).device_registration[0].tentative_device[0].alias, "Laptop");
    assert.ok("verified" in (await me.verify_tentative_device(number, added.verification_code)));
    assert.equal((await as(newcomer).get_anchor_info(number)).devices.length, 2);
    await me.enter_device_registration_mode(number);
    await me.exit_device_registration_mode(number);
    assert.deepEqual((await me.get_anchor_info(number)).device_registration, []);
  });

  test("gives a person several accounts at an app, each with its own principal", async () => {
    const { number, me } = await person("Tony");
    const work = ok(await me.create_account(number, app, "Work"));
    assert.deepEqual(ok(await me.get_accounts(number, app)).map((a) => a.name).sort(), [[], ["Work"]]);
    const renamed = ok(await me.update_account(number, app, work.account_number, { name: ["Job"] }));
    assert.deepEqual(renamed.name, ["Job"]);
    assert.deepEqual(ok(await me.get_default_account(number, app)).account_number, []);
    ok(await me.set_default_account(number, app, work.account_number));
    assert.deepEqual(ok(await me.get_default_account(number, app)).account_number, work.account_number);
    const principals = new Set();
    for (const account of [[], work.account_number]) {
      const session = newKey();
      const prepared = ok(await me.prepare_account_delegation(number, app, account, der(session), [10n * minute], []));
      const { delegation: d, signature } = ok(await me.get_account_delegation(number, app, account, der(session), prepared.expiration, []));
      const chain = DelegationChain.fromDelegations([{ delegation: new Delegation(d.pubkey, d.expiration, d.targets[0]), signature }], prepared.user_key);
      principals.add((await verifyChain(chain, service.rootKey, canister)).toText());
    }
    assert.equal(principals.size, 2);
    assert.ok(principals.has((await me.get_principal(number, app)).toText()));
    assert.deepEqual(ok(await me.list_applications(number)).map((a) => a.origin), [app]);
    const stranger = newKey();
    for (const refused of [
      await as(stranger).get_accounts(number, app), await as(stranger).create_account(number, app, "Mine"),
      await as(stranger).set_default_account(number, app, []), await as(stranger).list_applications(number),
    ]) assert.equal(refused.Err.Unauthorized.toText(), stranger.getPrincipal().toText());
    assert.ok("NameTooLong" in (await me.create_account(number, app, "x".repeat(256))).Err);
  });

  test("lets a session read the accounts, and do nothing else", async () => {
    const { number, me } = await person("Donald");
    const page = newKey();
    const prepared = ok(await me.prepare_session_delegation(number, der(page), [10n * minute]));
    const { delegation: d, signature } = ok(await me.get_session_delegation(number, der(page), prepared.expiration));
    const chain = DelegationChain.fromDelegations(
      [{ delegation: new Delegation(d.pubkey, d.expiration, d.targets[0], d.permissions[0]), signature }], prepared.user_key);
    const session = as(DelegationIdentity.fromDelegation(page, chain));
    ok(await session.get_accounts(number, app));
    ok(await session.get_default_account(number, app));
    const other = newKey();
    for (const refused of [
      await session.identity_info(number), await session.create_account(number, app, "Mine"), await session.set_default_account(number, app, []),
      await session.update_account(number, app, [], { name: ["Mine"] }), await session.prepare_session_delegation(number, der(other), []),
      await session.prepare_account_delegation(number, app, [], der(other), [], []),
    ]) assert.ok("Unauthorized" in refused.Err);
    await rejects(session.authn_method_add(number, method(other)), /could not be authenticated/);
    await rejects(session.add(number, device(other)), /could not be authenticated/);
    await rejects(session.prepare_delegation(number, app, der(other), []), /could not be authenticated/);
  });

  test("tells its configuration and its counts", async () => {
    const config = await as(newKey()).config();
    assert.equal(config.assigned_user_number_range.length, 1);
    const { users_registered: before } = await as(newKey()).stats();
    const { number, me } = await person("Ken");
    const after = await as(newKey()).stats();
    assert.equal(after.users_registered, before + 1n);
    await me.prepare_delegation(number, app, der(newKey()), []);
    const groups = (await as(newKey()).stats()).event_aggregations.map(([name]) => name);
    assert.ok(groups.includes("prepare_delegation_count 24h other"), groups.join());
    await rejects(me.fetch_entries(), /no archive deployed!/);
    await rejects(me.acknowledge_entries(1n), /./);
    assert.ok("failed" in (await me.deploy_archive(new Uint8Array())));
    await rejects(me.init_salt(), /Salt already set/);
  });
});
