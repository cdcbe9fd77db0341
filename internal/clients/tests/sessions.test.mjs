// Sessions: delegations with which a browser may see the accounts, and nothing
// else.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DelegationIdentity } from "@icp-sdk/core/identity";
import { minutes, near, now, ok, refused, shutOut, traps, unauthorized } from "./answers.mjs";
import { actorOf, chainOf, derOf, device, join, method, newKey } from "./people.mjs";
import { canister, startService } from "./service.mjs";
import { verifyChain } from "./verify.mjs";

const app = "https://app.example";
const unrestricted = { protection: { Unprotected: null }, purpose: { Authentication: null } };

describe("a session", () => {
  let service;
  const as = (key) => actorOf(service.agent(key));
  before(async () => { service = await startService(); });
  after(() => service.stop());

  // open gets a session for a browser's key, which then acts with it.
  async function open({ number, me }, browser = newKey(), life = []) {
    const { user_key: userKey, expiration } = ok(await me.prepare_session_delegation(number, derOf(browser), life));
    const signed = ok(await me.get_session_delegation(number, derOf(browser), expiration));
    assert.deepEqual(signed.delegation, { pubkey: derOf(browser), expiration, targets: [], permissions: [] });
    const chain = chainOf(userKey, signed);
    const who = await verifyChain(chain, service.rootKey, canister);
    const identity = DelegationIdentity.fromDelegation(browser, chain);
    assert.equal(identity.getPrincipal().toText(), who.toText());
    return { identity, expiration, me: as(identity) };
  }

  test("sees the accounts", async () => {
    const ada = await join(service);
    const work = ok(await ada.me.create_account(ada.number, app, "Work"));
    ok(await ada.me.set_default_account(ada.number, app, work.account_number));
    const session = await open(ada);
    assert.equal((await session.me.whoami()).toText(), session.identity.getPrincipal().toText());
    assert.deepEqual(ok(await session.me.get_accounts(ada.number, app)), ok(await ada.me.get_accounts(ada.number, app)));
    assert.deepEqual(ok(await session.me.get_default_account(ada.number, app)), work);
    // Of its own identity, which is the same in every browser, and no app's.
    const bob = await join(service);
    unauthorized(await session.me.get_accounts(bob.number, app), session.identity);
    unauthorized(await session.me.get_default_account(bob.number, app), session.identity);
    const other = await open(ada);
    assert.equal(other.identity.getPrincipal().toText(), session.identity.getPrincipal().toText());
    assert.notEqual((await open(bob)).identity.getPrincipal().toText(), session.identity.getPrincipal().toText());
    assert.notEqual((await ada.me.get_principal(ada.number, app)).toText(), session.identity.getPrincipal().toText());
  });

  test("does nothing else", async () => {
    const ada = await join(service);
    const { number } = ada;
    const browser = newKey();
    const { identity, expiration, me } = await open(ada, browser);
    const before = ok(await ada.me.identity_activity(number, { before: [], limit: [] }));
    const key = derOf(browser);
    for (const answer of [
      await me.create_account(number, app, "x"), await me.update_account(number, app, [], { name: ["x"] }), await me.set_default_account(number, app, []),
      await me.list_applications(number), await me.identity_info(number), await me.identity_activity(number, { before: [], limit: [] }),
      await me.identity_metadata_replace(number, []), await me.identity_properties_replace(number, { name: ["x"] }),
      await me.prepare_account_delegation(number, app, [], key, [], []), await me.get_account_delegation(number, app, [], key, 1n, []),
      await me.prepare_session_delegation(number, key, []), await me.get_session_delegation(number, key, expiration),
      await me.authn_method_registration_mode_enter(number, []), await me.authn_method_registration_mode_exit(number, []),
      await me.authn_method_confirm(number, "000000"),
    ]) unauthorized(answer, identity);
    await shutOut(identity,
      me.get_anchor_info(number), me.add(number, device(browser)), me.remove(number, derOf(ada.key)), me.enter_device_registration_mode(number),
      me.prepare_delegation(number, app, key, []), me.get_delegation(number, app, key, 1n), me.get_principal(number, app),
      me.authn_method_add(number, method(browser)), me.authn_method_remove(number, derOf(ada.key)),
      me.authn_method_security_settings_replace(number, derOf(ada.key), unrestricted),
    );
    assert.deepEqual(ok(await ada.me.identity_activity(number, { before: [], limit: [] })), before, "a session leaves no trace");
  });

  test("lasts thirty days, unless less is asked for", async () => {
    const ada = await join(service);
    for (const [asked, life] of [[[], 60 * 24 * 30], [[minutes(60 * 24 * 90)], 60 * 24 * 30], [[minutes(5)], 5]]) {
      near((await open(ada, newKey(), asked)).expiration, now() + minutes(life));
    }
    const { expiration } = ok(await ada.me.prepare_session_delegation(ada.number, derOf(ada.key), [0n]));
    refused(await ada.me.get_session_delegation(ada.number, derOf(ada.key), expiration), "NoSuchDelegation", null);
  });

  test("is had by the identity itself, and as it was prepared", async () => {
    const ada = await join(service);
    const stranger = newKey();
    unauthorized(await as(stranger).prepare_session_delegation(ada.number, derOf(stranger), []), stranger);
    unauthorized(await as(stranger).get_session_delegation(ada.number, derOf(stranger), 1n), stranger);
    const browser = newKey();
    const { expiration } = await open(ada, browser);
    refused(await ada.me.get_session_delegation(ada.number, derOf(browser), expiration - 1n), "NoSuchDelegation");
    refused(await ada.me.get_session_delegation(ada.number, derOf(stranger), expiration), "NoSuchDelegation");
    await traps(ada.me.prepare_session_delegation(99_999n, derOf(browser), []), "failed to read device data of user 99999: bad Identity Anchor 99999");
  });
});
