// Identities and their methods in the second version of the interface.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { later, near, now, ok, refused, shutOut, traps, unauthorized } from "./answers.mjs";
import { actorOf, derOf, join, method, newKey, phrase } from "./people.mjs";
import { startService } from "./service.mjs";

const bytes = (text) => new TextEncoder().encode(text);
const hex = (key) => Buffer.from(derOf(key)).toString("hex");
const text = (key) => key.getPrincipal().toText();
const settings = (protection, purpose) => ({ protection: { [protection]: null }, purpose: { [purpose]: null } });

describe("an identity", () => {
  let service;
  let nobody;
  const as = (key) => actorOf(service.agent(key));
  before(async () => {
    service = await startService();
    nobody = actorOf(service.agent());
  });
  after(() => service.stop());

  // find is a method of an identity, as the identity sees it.
  async function find(me, number, key) {
    const { authn_methods: all } = ok(await me.identity_info(number));
    const found = all.find(({ authn_method: m }) => Buffer.compare((m.PubKey ?? m.WebAuthn).pubkey, derOf(key)) === 0);
    return found && { ...found, metadata: Object.fromEntries(found.metadata) };
  }

  test("shows everybody what a sign-in needs, by purpose", async () => {
    const { key, number, me } = await join(service, "Ada");
    const [usb, words] = [newKey(), newKey()];
    const made = method(usb, { passkey: "usb", aaguid: [new Uint8Array(16).fill(7)], purpose: "Recovery", metadata: [["alias", { String: "USB" }]] });
    ok(await me.authn_method_add(number, made));
    ok(await me.authn_method_add(number, phrase(words)));
    assert.deepEqual(ok(await nobody.identity_authn_info(number)), {
      authn_methods: [{ PubKey: { pubkey: derOf(key) } }],
      recovery_authn_methods: [{ WebAuthn: { pubkey: derOf(usb), credential_id: bytes("usb"), aaguid: [] } }, { PubKey: { pubkey: derOf(words) } }],
    });
    assert.deepEqual(ok(await nobody.identity_authn_info(99_999n)), { authn_methods: [], recovery_authn_methods: [] });
    // The identity sees the rest.
    assert.deepEqual((await find(me, number, usb)).authn_method, made.authn_method);
  });

  test("sees itself, and the method that asks is used now", async () => {
    const { key, number, me } = await join(service, "Ada");
    const phone = newKey();
    ok(await me.authn_method_add(number, method(phone, { metadata: [["alias", { String: "Phone" }]] })));
    const before = await find(me, number, key);
    assert.deepEqual((await find(me, number, phone)).last_authentication, []);
    const used = (await find(as(phone), number, phone)).last_authentication[0];
    near(used, now());
    later(before.last_authentication[0], used, (await find(me, number, key)).last_authentication[0]);
    const stranger = newKey();
    unauthorized(await as(stranger).identity_info(number), stranger);
    // Also here, an identity that there is not is a trap.
    await traps(me.identity_info(99_999n), "failed to read device data of user 99999: bad Identity Anchor 99999");
  });

  test("has metadata of its own, with any keys", async () => {
    const { number, me } = await join(service);
    const map = [["alias", { String: "free here" }], ["nested", { Map: [["bytes", { Bytes: bytes("b") }], ["empty", { Map: [] }]] }]];
    ok(await me.identity_metadata_replace(number, map));
    assert.deepEqual(ok(await me.identity_info(number)).metadata, map);
    const { Err: { StorageSpaceExceeded: space } } = await me.identity_metadata_replace(number, [["big", { Bytes: new Uint8Array(10_000) }]]);
    assert.equal(space.space_available, 10_000n);
    assert.ok(space.space_required > 10_000n);
    const stranger = newKey();
    unauthorized(await as(stranger).identity_metadata_replace(number, []), stranger);
    assert.deepEqual(ok(await me.identity_info(number)).metadata, map);
    ok(await me.identity_metadata_replace(number, []));
    assert.deepEqual(ok(await me.identity_info(number)).metadata, []);
  });

  test("has a name of 128 bytes at most", async () => {
    const { number, me } = await join(service, "Ada");
    const nameOf = async () => ok(await me.identity_info(number)).name;
    for (const name of [["é".repeat(64)], [""], []]) {
      ok(await me.identity_properties_replace(number, { name }));
      assert.deepEqual(await nameOf(), name);
    }
    refused(await me.identity_properties_replace(number, { name: ["é".repeat(65)] }), "NameTooLong", { limit: 128n });
    const stranger = newKey();
    unauthorized(await as(stranger).identity_properties_replace(number, { name: ["Eve"] }), stranger);
    assert.deepEqual(await nameOf(), []);
  });

  test("gets, replaces and loses methods", async () => {
    const { key, number, me } = await join(service);
    const [old, next, stranger] = [newKey(), newKey(), newKey()];
    refused(await me.authn_method_add(number, method(old, { metadata: [["usage", { Bytes: new Uint8Array([1, 2]) }]] })),
      "InvalidMetadata", "Invalid metadata type for key 'usage': expected string, got value Bytes([1, 2])");
    ok(await me.authn_method_add(number, method(old, { metadata: [["usage", { String: "browser_storage_key" }], ["mine", { Bytes: bytes("b") }]] })));
    assert.deepEqual(await find(me, number, old), {
      ...method(old), metadata: { usage: { String: "browser_storage_key" }, mine: { Bytes: bytes("b") } },
    });
    await traps(me.authn_method_add(number, method(key)), `failed to add device: Device with key ${hex(key)} already exists on this anchor.`);
    await traps(me.authn_method_add(number, method(newKey(), { passkey: "x", aaguid: [new Uint8Array(17)] })), "failed to add device: aaguid limit exceeded: length 17, limit 16");
    await shutOut(stranger, as(stranger).authn_method_add(number, method(stranger)), as(stranger).authn_method_replace(number, derOf(old), method(stranger)),
      as(stranger).authn_method_remove(number, derOf(old)), as(stranger).authn_method_metadata_replace(number, derOf(old), []),
      as(stranger).authn_method_security_settings_replace(number, derOf(old), settings("Unprotected", "Recovery")));

    refused(await me.authn_method_replace(number, derOf(old), method(next, { metadata: [["origin", { Map: [] }]] })),
      "InvalidMetadata", "Invalid metadata type for key 'origin': expected string, got value Map");
    await traps(me.authn_method_replace(number, derOf(stranger), method(next)), `failed to replace device: Device with key ${hex(stranger)} not found.`);
    await traps(me.authn_method_replace(number, derOf(old), method(key)), `failed to replace device: Device with key ${hex(key)} already exists on this anchor.`);
    ok(await me.authn_method_replace(number, derOf(old), method(next, { passkey: "next" })));
    assert.deepEqual(await find(me, number, next), { ...method(next, { passkey: "next" }), metadata: {} });
    await shutOut(old, as(old).get_anchor_info(number));

    await traps(me.authn_method_remove(number, derOf(old)), `failed to remove device: Device with key ${hex(old)} not found.`);
    ok(await me.authn_method_remove(number, derOf(next)));
    ok(await me.authn_method_remove(number, derOf(key)));
    unauthorized(await me.identity_info(number), key);
  });

  test("has the same methods as devices of the first version", async () => {
    const { number, me } = await join(service);
    const kinds = [
      ["platform", { authenticator_attachment: "platform" }], ["cross_platform", { authenticator_attachment: "cross_platform" }],
      ["browser_storage_key", { usage: "browser_storage_key" }], ["seed_phrase", { usage: "recovery_phrase" }], ["unknown", { usage: "unheard of" }],
      // The attachment is read first, unless it is unheard of.
      ["browser_storage_key", { authenticator_attachment: "floating", usage: "browser_storage_key" }],
    ];
    for (const [kind, texts] of kinds) {
      const key = newKey();
      const metadata = Object.entries({ alias: kind, origin: "https://id.example", mine: "x", ...texts }).map(([name, String]) => [name, { String }]);
      ok(await me.authn_method_add(number, method(key, { metadata, purpose: "Recovery" })));
      const device = (await me.get_anchor_info(number)).devices.find((d) => Buffer.compare(d.pubkey, derOf(key)) === 0);
      assert.deepEqual(device, {
        pubkey: derOf(key), alias: kind, credential_id: [], aaguid: [], purpose: { recovery: null }, key_type: { [kind]: null }, protection: { unprotected: null },
        origin: ["https://id.example"], metadata: [[["mine", { string: "x" }]]], last_usage: [],
      });
    }
    await traps(me.authn_method_add(number, method(newKey(), { metadata: [["authenticator_attachment", { String: "platform" }], ["usage", { String: "browser_storage_key" }]] })),
      "failed to add device: Metadata key 'usage' is reserved and cannot be used.");
  });

  test("changes a method's metadata as a whole", async () => {
    const { number, me } = await join(service);
    const [phone, words] = [newKey(), newKey()];
    ok(await me.authn_method_add(number, method(phone, { passkey: "phone", metadata: [
      ["alias", { String: "Phone" }], ["origin", { String: "https://id.example" }], ["authenticator_attachment", { String: "platform" }], ["mine", { String: "x" }],
    ] })));
    ok(await me.authn_method_metadata_replace(number, derOf(phone), [["alias", { String: "Renamed" }], ["other", { Map: [["a", { String: "b" }]] }]]));
    assert.deepEqual((await find(me, number, phone)).metadata, { alias: { String: "Renamed" }, other: { Map: [["a", { String: "b" }]] } });
    // A recovery phrase loses its kind with its usage.
    ok(await me.authn_method_add(number, phrase(words)));
    assert.deepEqual((await nobody.get_anchor_credentials(number)).recovery_phrases, [derOf(words)]);
    ok(await me.authn_method_metadata_replace(number, derOf(words), []));
    assert.deepEqual((await nobody.get_anchor_credentials(number)).recovery_phrases, []);

    refused(await me.authn_method_metadata_replace(number, derOf(newKey()), []), "AuthnMethodNotFound");
    refused(await me.authn_method_metadata_replace(number, derOf(phone), [["alias", { Bytes: bytes("b") }]]),
      "InvalidMetadata", "Invalid metadata type for key 'alias': expected string, got value Bytes([98])");
    await traps(me.authn_method_metadata_replace(number, derOf(phone), [["pubkey", { String: "x" }]]), "failed to modify device: Metadata key 'pubkey' is reserved and cannot be used.");
    await traps(me.authn_method_metadata_replace(number, derOf(phone), [["big", { Bytes: new Uint8Array(10_000) }]]),
      /'failed to modify device: Cumulative size of variable sized fields exceeds limit: length \d+, limit 10000\.'/);
    assert.deepEqual((await find(me, number, phone)).metadata.alias, { String: "Renamed" });
  });

  test("protects a phrase, which then gives way to itself only", async () => {
    const { key, number, me } = await join(service);
    const words = newKey();
    ok(await me.authn_method_add(number, phrase(words)));
    const replace = (who, k, to) => who.authn_method_security_settings_replace(number, derOf(k), to);
    ok(await replace(me, words, settings("Protected", "Recovery")));
    const locked = /Device is locked\. Must be authenticated with this device to mutate/;
    for (const sent of [
      () => replace(me, words, settings("Unprotected", "Recovery")),
      () => me.authn_method_metadata_replace(number, derOf(words), [["usage", { String: "recovery_phrase" }], ["alias", { String: "Words" }]]),
      () => me.authn_method_replace(number, derOf(words), phrase(newKey())),
      () => me.authn_method_remove(number, derOf(words)),
    ]) await traps(sent(), locked);
    await traps(replace(me, words, settings("Unprotected", "Recovery")),
      `failed to modify device: Device is locked. Must be authenticated with this device to mutate: authorized principal ${text(words)}, actual principal ${text(key)}`);
    await traps(me.authn_method_add(number, phrase(newKey())), "failed to add device: There is already a recovery phrase and only one is allowed.");
    ok(await replace(as(words), words, settings("Unprotected", "Authentication")));
    assert.deepEqual((await find(me, number, words)).security_settings, settings("Unprotected", "Authentication"));
    await traps(replace(me, key, settings("Protected", "Authentication")), "failed to modify device: Only recovery phrases can be locked but key type is Unknown");
    refused(await replace(me, newKey(), settings("Unprotected", "Recovery")), "AuthnMethodNotFound");
  });

  test("is found by a credential, and by its recovery phrase", async () => {
    const { number, me } = await join(service);
    const [phone, words] = [newKey(), newKey()];
    ok(await me.authn_method_add(number, method(phone, { passkey: "found" })));
    ok(await me.authn_method_add(number, phrase(words)));
    assert.deepEqual(await nobody.lookup_device_key(bytes("found")), [{ pubkey: derOf(phone), anchor_number: number }]);
    assert.deepEqual(await nobody.lookup_device_key(bytes("nowhere")), []);
    assert.deepEqual(await nobody.lookup_device_key(new Uint8Array()), []);
    assert.deepEqual(await as(words).lookup_caller_identity_by_recovery_phrase(), [number]);
    for (const actor of [as(phone), nobody, as(newKey())]) assert.deepEqual(await actor.lookup_caller_identity_by_recovery_phrase(), []);
    ok(await me.authn_method_remove(number, derOf(phone)));
    ok(await me.authn_method_remove(number, derOf(words)));
    assert.deepEqual(await nobody.lookup_device_key(bytes("found")), []);
    assert.deepEqual(await as(words).lookup_caller_identity_by_recovery_phrase(), []);
  });
});
