// What was changed about an identity, which it alone can read.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { later, near, now, ok, refused, traps, unauthorized } from "./answers.mjs";
import { actorOf, derOf, device, join, method, newKey, phrase } from "./people.mjs";
import { startService } from "./service.mjs";

const app = "https://app.example";

describe("the history", () => {
  let service;
  const as = (key) => actorOf(service.agent(key));
  before(async () => { service = await startService(); });
  after(() => service.stop());

  const read = async ({ number, me }, before = [], limit = []) => ok(await me.identity_activity(number, { before, limit }));

  test("has every change, newest first, and no private words", async () => {
    const session = newKey();
    const [key, phone, laptop, words] = [newKey(), newKey(), newKey(), newKey()];
    ok(await as(session).identity_registration_start());
    const { identity_number: number } = ok(await as(session).identity_registration_finish({
      name: ["secret"], authn_method: method(key, { passkey: "key", metadata: [["alias", { String: "secret" }], ["note", { String: "secret" }]] }),
    }));
    const me = as(key);
    ok(await as(session).authn_method_add(number, phrase(words)));
    await me.add(number, device(phone, { alias: "secret" }));
    await me.update(number, derOf(phone), device(phone, { alias: "secret too", purpose: { recovery: null }, origin: ["https://id.example"], metadata: [[["b", { string: "secret" }], ["a", { string: "secret" }]]] }));
    ok(await me.authn_method_security_settings_replace(number, derOf(words), { protection: { Protected: null }, purpose: { Recovery: null } }));
    ok(await me.authn_method_replace(number, derOf(phone), method(laptop, { passkey: "laptop" })));
    ok(await me.authn_method_remove(number, derOf(laptop)));
    ok(await me.identity_metadata_replace(number, [["b", { String: "secret" }], ["a", { String: "secret" }]]));
    for (const name of [["secret two"], [], ["secret"]]) ok(await me.identity_properties_replace(number, { name }));
    const { account_number: account } = ok(await me.create_account(number, app, "secret"));
    ok(await me.update_account(number, app, account, { name: ["secret"] }));
    ok(await me.update_account(number, app, account, { name: ["secret three"] }));
    ok(await me.update_account(number, app, [], { name: ["secret four"] }));
    ok(await me.set_default_account(number, app, account));

    const { entries, next_before: next } = await read({ number, me });
    assert.deepEqual(next, []);
    const shown = entries.map((e) => e.operation).reverse();
    const bare = (k, more = {}) => ({
      pubkey: derOf(k), credential_id: [], purpose: { authentication: null }, key_type: { unknown: null }, protection: { unprotected: null }, origin: [], metadata_keys: [], ...more,
    });
    const bytes = (text) => new TextEncoder().encode(text);
    const unchanged = { alias: [], credential_id: [], purpose: [], key_type: [], protection: [], origin: [], metadata_keys: [] };
    assert.deepEqual(shown, [
      { register_anchor: { device: bare(key, { credential_id: [bytes("key")], metadata_keys: [["note"]] }) } },
      { add_device: { device: bare(words, { purpose: { recovery: null }, key_type: { seed_phrase: null }, metadata_keys: [[]] }) } },
      { add_device: { device: bare(phone) } },
      { update_device: { device: derOf(phone), new_values: { ...unchanged, alias: [{ redacted: null }], purpose: [{ recovery: null }], origin: ["https://id.example"], metadata_keys: [["a", "b"]] } } },
      { update_device: { device: derOf(words), new_values: { ...unchanged, protection: [{ protected: null }] } } },
      { replace_device: { old_device: derOf(phone), new_device: bare(laptop, { credential_id: [bytes("laptop")], metadata_keys: [[]] }) } },
      { remove_device: { device: derOf(laptop) } },
      { identity_metadata_replace: { metadata_keys: ["a", "b"] } },
      { update_name: null }, { remove_name: null }, { add_name: null },
      { create_account: { name: { redacted: null } } },
      { update_account: { name: [] } },
      { update_account: { name: [{ redacted: null }] } },
      { create_account: { name: { redacted: null } } }, { update_account: { name: [{ redacted: null }] } },
      { set_default_account: null },
    ]);
    // Who did it: the session at first, then the key.
    const callers = entries.map((e) => e.caller.toText()).reverse();
    assert.deepEqual(callers, [...Array(2).fill(session), ...Array(15).fill(key)].map((k) => k.getPrincipal().toText()));
    later(...entries.map((e) => e.sequence_number).reverse());
    for (const e of entries) near(e.timestamp, now());
  });

  test("is read in pages", async () => {
    const ada = await join(service, "0");
    const bob = await join(service, "0");
    for (let i = 1; i < 5; i++) {
      for (const { number, me } of [ada, bob]) ok(await me.identity_properties_replace(number, { name: [`${i}`] }));
    }
    const whole = (await read(ada)).entries;
    assert.equal(whole.length, 5);
    const pages = [];
    for (let before = []; ;) {
      const page = await read(ada, before, [2]);
      pages.push(...page.entries);
      assert.ok(page.entries.length <= 2);
      if (page.next_before.length === 0) break;
      assert.equal(page.next_before[0], page.entries.at(-1).sequence_number);
      before = page.next_before;
    }
    assert.deepEqual(pages, whole);
    assert.deepEqual(await read(ada, [whole.at(-1).sequence_number]), { entries: [], next_before: [] });
    assert.deepEqual((await read(ada, [], [0])).entries.length, 1, "a page has an entry at least");
  });

  test("is nobody else's, also on the pages of another identity", async () => {
    const ada = await join(service);
    const bob = await join(service);
    unauthorized(await bob.me.identity_activity(ada.number, { before: [], limit: [] }), bob.key);
    refused(await actorOf(service.agent()).identity_activity(ada.number, { before: [], limit: [] }), "Unauthorized", "2vxsx-fae");
    const mine = (await read(ada)).entries;
    assert.deepEqual(mine.map((e) => Object.keys(e.operation)), [["register_anchor"]]);
    await traps(ada.me.identity_activity(99_999n, { before: [], limit: [] }), "failed to read device data of user 99999: bad Identity Anchor 99999");
  });

  test("has nothing of what failed, nor of what changed nothing", async () => {
    const { key, number, me } = await join(service);
    const stranger = newKey();
    await traps(me.add(number, device(key)), /already exists/);
    await traps(as(stranger).add(number, device(stranger)), /could not be authenticated/);
    refused(await me.update_account(number, app, [7n], { name: ["x"] }), "InternalCanisterError", "Account not found for account number 7");
    await me.prepare_delegation(number, app, derOf(stranger), []);
    ok(await me.prepare_session_delegation(number, derOf(stranger), []));
    ok(await me.authn_method_registration_mode_enter(number, []));
    ok(await as(stranger).authn_method_session_register(number));
    ok(await me.authn_method_registration_mode_exit(number, []));
    ok(await me.identity_info(number));
    assert.deepEqual((await read({ number, me })).entries.length, 1);
  });
});
