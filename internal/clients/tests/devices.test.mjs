// Registration and devices in the first version of the interface.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { near, now, later, picture, shutOut, traps } from "./answers.mjs";
import { actorOf, derOf, device, join, newKey, seed } from "./people.mjs";
import { startService } from "./service.mjs";

const bytes = (text) => new TextEncoder().encode(text);
const hex = (key) => Buffer.from(derOf(key)).toString("hex");
const text = (key) => key.getPrincipal().toText();
const anything = { key: "", chars: "a" };

// passkey is a device with a credential id.
const passkey = (key, id, more = {}) => device(key, { credential_id: [bytes(id)], ...more });

describe("in the first version", () => {
  let service;
  let nobody;
  const as = (key) => actorOf(service.agent(key));
  before(async () => {
    service = await startService();
    nobody = actorOf(service.agent());
  });
  after(() => service.stop());

  // enrol registers a key there.
  async function enrol(key, made = device(key)) {
    const { registered } = await as(key).register(made, anything, []);
    return { me: as(key), number: registered.user_number };
  }

  test("a device registers an identity of its own", async () => {
    const key = newKey();
    const { png_base64: png, challenge_key: challenge } = await as(key).create_challenge();
    picture(png);
    assert.match(challenge, /^[a-y]{10}$/);
    // No captcha is asked for on this machine, so any answer is right.
    const made = passkey(key, "first", { alias: "Laptop", aaguid: [new Uint8Array(16).fill(7)], key_type: { platform: null }, origin: ["https://id.example"] });
    const { registered } = await as(key).register(made, { key: challenge, chars: "?" }, []);
    const number = registered.user_number;
    const info = await as(key).get_anchor_info(number);
    const { last_usage: [used], ...shown } = info.devices[0];
    assert.deepEqual(shown, made);
    near(used, now());
    assert.deepEqual({ ...info, devices: info.devices.length }, {
      devices: 1, device_registration: [], openid_credentials: [[]], name: [], created_at: info.created_at,
    });
    assert.ok(info.created_at[0] < used, "reading counts as use");
    // Everybody sees what a sign-in needs, and no names.
    assert.deepEqual(await nobody.lookup(number), [{ ...made, alias: "", aaguid: [] }]);
    assert.deepEqual(await nobody.get_anchor_credentials(number), {
      credentials: [{ credential_id: bytes("first"), pubkey: derOf(key) }], recovery_credentials: [], recovery_phrases: [],
    });
    // The same device may have several.
    assert.equal((await enrol(key)).number, number + 1n);
  });

  test("a registration is by the device, or by a temporary key that it names", async () => {
    const key = newKey();
    const other = newKey();
    const mismatched = `${text(other)} could not be authenticated against ${text(key)}`;
    await traps(as(other).register(device(key), anything, []), mismatched);
    await traps(as(other).register(device(key), anything, [newKey().getPrincipal()]), mismatched);
    await traps(as(key).register(device(key), anything, [key.getPrincipal()]), "temp_key and device key must not be equal");
    assert.ok("registered" in (await as(other).register(device(key), anything, [other.getPrincipal()])));
  });

  test("a temporary key acts as its device, for its identity, as long as the device is there", async () => {
    const key = newKey();
    const temporary = newKey();
    const { registered } = await as(temporary).register(device(key), anything, [temporary.getPrincipal()]);
    const number = registered.user_number;
    const phone = newKey();
    await as(temporary).add(number, device(phone, { alias: "Phone" }));
    const { devices } = await as(temporary).get_anchor_info(number);
    assert.deepEqual(devices.map((d) => [d.alias, d.last_usage.length]), [["", 1], ["Phone", 0]]);
    // Not for another identity, also when it has the same device.
    const second = await enrol(key);
    await shutOut(temporary, as(temporary).get_anchor_info(second.number));
    // Gone with its device, it does not come back with it.
    await as(key).remove(number, derOf(key));
    await shutOut(temporary, as(temporary).get_anchor_info(number));
    await as(phone).add(number, device(key));
    await shutOut(temporary, as(temporary).get_anchor_info(number));
  });

  test("devices are added, changed, replaced and removed", async () => {
    const key = newKey();
    const phone = newKey();
    const { me, number } = await enrol(key, device(key, { alias: "Laptop" }));
    const full = passkey(phone, "phone", {
      alias: "Phone", purpose: { recovery: null }, key_type: { cross_platform: null }, origin: ["https://id.example"],
      metadata: [[["nested", { map: [["text", { string: "x" }], ["bytes", { bytes: bytes("y") }]] }]]],
    });
    await me.add(number, full);
    const find = async (k) => (await me.get_anchor_info(number)).devices.find((d) => Buffer.compare(d.pubkey, derOf(k)) === 0);
    assert.deepEqual(await find(phone), { ...full, last_usage: [] });
    await traps(me.add(number, full), `failed to add device: Device with key ${hex(phone)} already exists on this anchor.`);

    // An update overwrites everything but the key and the last use.
    await as(phone).get_anchor_info(number);
    const used = (await find(phone)).last_usage;
    await me.update(number, derOf(phone), device(phone, { alias: "Old phone" }));
    assert.deepEqual(await find(phone), { ...device(phone, { alias: "Old phone" }), last_usage: used });
    await traps(me.update(number, derOf(phone), device(key)), "failed to modify device: Device key cannot be updated.");
    const stranger = newKey();
    await traps(me.update(number, derOf(stranger), device(stranger)), "Could not find device to update, check device key");

    const next = newKey();
    await me.replace(number, derOf(phone), device(next, { alias: "New phone" }));
    assert.deepEqual(await find(next), { ...device(next, { alias: "New phone" }), last_usage: [] });
    await shutOut(phone, as(phone).get_anchor_info(number));
    await traps(me.replace(number, derOf(stranger), device(phone)), `failed to replace device: Device with key ${hex(stranger)} not found.`);
    await traps(me.replace(number, derOf(next), device(key)), `failed to replace device: Device with key ${hex(key)} already exists on this anchor.`);

    await me.remove(number, derOf(next));
    await traps(me.remove(number, derOf(next)), `failed to remove device: Device with key ${hex(next)} not found.`);
    // The last one can be removed, by itself; then nobody gets in.
    await me.remove(number, derOf(key));
    await shutOut(key, me.get_anchor_info(number));
    assert.deepEqual(await nobody.lookup(number), []);
  });

  test("the device that acts is stamped, and the one used last is shown first", async () => {
    const key = newKey();
    const phone = newKey();
    const { me, number } = await enrol(key);
    const stampOf = async (reader, k) => (await as(reader).get_anchor_info(number)).devices.find((d) => Buffer.compare(d.pubkey, derOf(k)) === 0).last_usage[0];
    await me.add(number, device(phone));
    const first = await stampOf(phone, key);
    const stamps = [];
    for (const act of [
      () => as(phone).enter_device_registration_mode(number),
      () => as(phone).exit_device_registration_mode(number),
      () => as(phone).prepare_delegation(number, "https://app.example", derOf(phone), []),
      () => as(phone).update(number, derOf(key), device(key)),
    ]) {
      await act();
      stamps.push(await stampOf(key, phone));
    }
    later(first, ...stamps);
    await as(phone).get_anchor_info(number);
    assert.deepEqual((await nobody.lookup(number)).map((d) => Buffer.from(d.pubkey).toString("hex")), [hex(phone), hex(key)]);
  });

  test("nobody else manages the devices", async () => {
    const key = newKey();
    const stranger = newKey();
    const { number } = await enrol(key);
    const other = as(stranger);
    await shutOut(stranger,
      other.add(number, device(stranger)), other.update(number, derOf(key), device(key)), other.replace(number, derOf(key), device(stranger)),
      other.remove(number, derOf(key)), other.get_anchor_info(number), other.enter_device_registration_mode(number),
      other.exit_device_registration_mode(number), other.verify_tentative_device(number, "000000"),
      other.prepare_delegation(number, "https://app.example", derOf(stranger), []), other.get_delegation(number, "https://app.example", derOf(stranger), 1n),
      other.get_principal(number, "https://app.example"),
    );
    await traps(nobody.get_anchor_info(number), "2vxsx-fae could not be authenticated.");
    const absent = (await nobody.stats()).users_registered + 10_000n + 1_000n;
    await traps(other.get_anchor_info(absent), `failed to read device data of user ${absent}: bad Identity Anchor ${absent}`);
    await traps(other.get_anchor_info(1n), "failed to read device data of user 1: Identity Anchor 1 is out of range [10000, 67116816)");
    // Who only reads finds nothing.
    assert.deepEqual(await nobody.lookup(absent), []);
    assert.deepEqual(await nobody.get_anchor_credentials(absent), { credentials: [], recovery_credentials: [], recovery_phrases: [] });
  });

  test("every field has its limit, and metadata keeps off the fields", async () => {
    const key = newKey();
    const { me, number } = await enrol(key);
    const x = newKey();
    for (const [fields, why] of [
      [{ pubkey: new Uint8Array(301) }, "pubkey limit exceeded: length 301, limit 300"],
      [{ alias: "é".repeat(33) }, "alias limit exceeded: length 66, limit 64"],
      [{ credential_id: [new Uint8Array(351)] }, "credential_id limit exceeded: length 351, limit 350"],
      [{ origin: ["x".repeat(51)] }, "origin limit exceeded: length 51, limit 50"],
      [{ metadata: [[["big", { bytes: new Uint8Array(10_000) }]]] }, /'failed to add device: Cumulative size of variable sized fields exceeds limit: length \d+, limit 10000\.'/],
      ...["pubkey", "last_usage_timestamp", "usage"].map((name) => [{ metadata: [[[name, { string: "x" }]]] }, `Metadata key '${name}' is reserved and cannot be used.`]),
    ]) await traps(me.add(number, device(x, fields)), why instanceof RegExp ? why : `failed to add device: ${why}`);
    await me.add(number, device(x, { alias: "é".repeat(32), credential_id: [new Uint8Array(350)], origin: ["x".repeat(50)], metadata: [[["mine", { string: "x" }]]] }));
  });

  test("a phrase can be protected, and gives way to itself only", async () => {
    const key = newKey();
    const words = newKey();
    const { me, number } = await enrol(key);
    const locked = seed(words, { protection: { protected: null } });
    await traps(me.add(number, device(newKey(), { protection: { protected: null } })), "failed to add device: Only recovery phrases can be locked but key type is Unknown");
    await traps(me.add(number, passkey(newKey(), "y", { key_type: { cross_platform: null }, protection: { protected: null } })),
      "failed to add device: Only recovery phrases can be locked but key type is CrossPlatform");
    await traps(me.add(number, { ...locked, credential_id: [bytes("z")] }), "failed to add device: Devices with key type seed_phrase must not have a credential id.");
    await me.add(number, locked);
    await traps(me.add(number, seed(newKey())), "failed to add device: There is already a recovery phrase and only one is allowed.");
    const why = (verb) => `failed to ${verb} device: Device is locked. Must be authenticated with this device to mutate: authorized principal ${text(words)}, actual principal ${text(key)}`;
    await traps(me.update(number, derOf(words), seed(words)), why("modify"));
    await traps(me.replace(number, derOf(words), device(newKey())), why("replace"));
    await traps(me.remove(number, derOf(words)), why("remove"));
    await as(words).update(number, derOf(words), seed(words));
    await me.remove(number, derOf(words));
    await shutOut(words, as(words).get_anchor_info(number));
  });

  test("a protected phrase that registered an identity does not give way to the temporary key", async () => {
    const words = newKey();
    const temporary = newKey();
    const { registered } = await as(temporary).register(seed(words, { protection: { protected: null } }), anything, [temporary.getPrincipal()]);
    await traps(as(temporary).remove(registered.user_number, derOf(words)), new RegExp(`Device is locked\\. .* authorized principal ${text(words)}, actual principal ${text(temporary)}`));
    await as(words).remove(registered.user_number, derOf(words));
  });

  test("credentials are told apart by what they are for", async () => {
    const [key, usb, words, plain] = [newKey(), newKey(), newKey(), newKey()];
    const { me, number } = await enrol(key, passkey(key, "laptop"));
    await me.add(number, passkey(usb, "usb", { purpose: { recovery: null } }));
    await me.add(number, seed(words));
    await me.add(number, device(plain));
    assert.deepEqual(await nobody.get_anchor_credentials(number), {
      credentials: [{ credential_id: bytes("laptop"), pubkey: derOf(key) }],
      recovery_credentials: [{ credential_id: bytes("usb"), pubkey: derOf(usb) }],
      recovery_phrases: [derOf(words)],
    });
  });

  test("a passkey of one identity is not another's, until it is free", async () => {
    const shared = newKey();
    const ada = await enrol(newKey());
    const bob = await enrol(newKey());
    await ada.me.add(ada.number, passkey(shared, "shared"));
    await traps(bob.me.add(bob.number, passkey(shared, "shared")), "failed to add device: passkey with this public key is already used");
    await ada.me.remove(ada.number, derOf(shared));
    await bob.me.add(bob.number, passkey(shared, "shared"));
    const person = await join(service, "Joan");
    await traps(person.me.add(person.number, passkey(shared, "shared")), "failed to add device: passkey with this public key is already used");
  });
});
