// Taking another device in, in both versions of the interface.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { minutes, near, now, ok, refused, shutOut, traps, unauthorized } from "./answers.mjs";
import { actorOf, derOf, device, join, method, newKey, phrase, seed } from "./people.mjs";
import { startService } from "./service.mjs";

const wrongOf = (code) => (code === "000000" ? "000001" : "000000");
const keysOf = (info) => info.devices.map((d) => Buffer.from(d.pubkey).toString("hex")).sort();
const hexes = (...keys) => keys.map((k) => Buffer.from(derOf(k)).toString("hex")).sort();

describe("another device, first version", () => {
  let service;
  const as = (key) => actorOf(service.agent(key));
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("is offered by itself, and taken in by its code", async () => {
    const { key, number, me } = await join(service);
    const phone = newKey();
    assert.deepEqual(await as(phone).add_tentative_device(number, device(phone)), { device_registration_mode_off: null });
    assert.deepEqual(await me.verify_tentative_device(number, "000000"), { device_registration_mode_off: null });
    const end = await me.enter_device_registration_mode(number);
    near(end, now() + minutes(15));
    assert.equal(await me.enter_device_registration_mode(number), end);
    assert.deepEqual(await me.verify_tentative_device(number, "000000"), { no_device_to_verify: null });
    assert.deepEqual((await me.get_anchor_info(number)).device_registration, []);

    const offered = device(phone, { alias: "Phone" });
    const { added_tentatively: added } = await as(phone).add_tentative_device(number, offered);
    assert.match(added.verification_code, /^[0-9]{6}$/);
    assert.equal(added.device_registration_timeout, end);
    assert.deepEqual(await as(newKey()).add_tentative_device(number, device(newKey())), { another_device_tentatively_added: null });
    assert.deepEqual((await me.get_anchor_info(number)).device_registration, [{ expiration: end, tentative_device: [offered], tentative_session: [] }]);
    // It is not in yet, and does not take itself in.
    await shutOut(phone, as(phone).get_anchor_info(number), as(phone).verify_tentative_device(number, added.verification_code));
    assert.deepEqual(await me.verify_tentative_device(number, wrongOf(added.verification_code)), { wrong_code: { retries_left: 2 } });
    assert.deepEqual(await me.verify_tentative_device(number, added.verification_code), { verified: null });
    const info = await as(phone).get_anchor_info(number);
    assert.deepEqual(keysOf(info), hexes(key, phone));
    assert.deepEqual(info.device_registration, []);
    assert.deepEqual(await me.verify_tentative_device(number, added.verification_code), { device_registration_mode_off: null });
  });

  test("is not taken in after three wrong codes, nor when the mode was left", async () => {
    const { key, number, me } = await join(service);
    const phone = newKey();
    await me.enter_device_registration_mode(number);
    await as(phone).add_tentative_device(number, device(phone));
    for (const [code, left] of [["", 2], ["1234567", 1], ["00000x", 0]]) {
      assert.deepEqual(await me.verify_tentative_device(number, code), { wrong_code: { retries_left: left } });
    }
    assert.deepEqual(await me.verify_tentative_device(number, "000000"), { device_registration_mode_off: null });

    await me.enter_device_registration_mode(number);
    const { added_tentatively: added } = await as(phone).add_tentative_device(number, device(phone));
    await me.exit_device_registration_mode(number);
    assert.deepEqual(await me.verify_tentative_device(number, added.verification_code), { device_registration_mode_off: null });
    assert.deepEqual(keysOf(await me.get_anchor_info(number)), hexes(key));
    await me.exit_device_registration_mode(number);
  });

  test("obeys the rules of devices, and a passkey that is somebody's is not offered", async () => {
    const { number, me } = await join(service);
    const owner = await join(service);
    const taken = device(newKey(), { credential_id: [new Uint8Array([1, 2, 3])] });
    await owner.me.add(owner.number, taken);
    await me.add(number, seed(newKey()));
    await me.enter_device_registration_mode(number);
    assert.deepEqual(await as(newKey()).add_tentative_device(number, taken), { passkey_with_this_public_key_is_already_used: null });
    // Anybody may offer: what could not be kept is refused at once.
    let deep = [["x", { string: "y" }]];
    for (let i = 0; i < 20; i++) deep = [["x", { map: deep }]];
    for (const fields of [{ metadata: [deep] }, { alias: "x".repeat(65) }]) {
      await traps(as(newKey()).add_tentative_device(number, device(newKey(), fields)), /limit exceeded/);
    }
    // The rules of the identity are looked at when the code is right.
    const { added_tentatively: added } = await as(newKey()).add_tentative_device(number, seed(newKey()));
    await traps(me.verify_tentative_device(number, added.verification_code), "failed to add device: There is already a recovery phrase and only one is allowed.");
  });
});

describe("another device", () => {
  let service;
  const as = (key) => actorOf(service.agent(key));
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("finds the identity by its id, registers, and is confirmed", async () => {
    const { number, me } = await join(service);
    const phone = newKey();
    refused(await as(phone).authn_method_register(number, method(phone)), "RegistrationModeOff");
    refused(await me.authn_method_confirm(number, "000000"), "RegistrationModeOff");
    const { expiration: end } = ok(await me.authn_method_registration_mode_enter(number, ["aB3xY"]));
    near(end, now() + minutes(15));
    assert.deepEqual(await actorOf(service.agent()).lookup_by_registration_mode_id("aB3xY"), [number]);
    refused(await me.authn_method_confirm(number, "000000"), "NoAuthnMethodToConfirm");

    refused(await as(phone).authn_method_register(number, method(phone, { metadata: [["alias", { Map: [] }]] })),
      "InvalidMetadata", "Invalid metadata type for key 'alias': expected string, got value Map");
    const offered = method(phone, { passkey: "phone", aaguid: [new Uint8Array(16).fill(7)], metadata: [["alias", { String: "Phone" }]] });
    const { confirmation_code: code, expiration } = ok(await as(phone).authn_method_register(number, offered));
    assert.match(code, /^[0-9]{6}$/);
    assert.equal(expiration, end);
    refused(await as(newKey()).authn_method_register(number, method(newKey())), "RegistrationAlreadyInProgress");
    const waiting = ok(await me.identity_info(number));
    assert.deepEqual(waiting.authn_method_registration, [{ authn_method: [offered], session: [], expiration: end }]);
    assert.equal(waiting.authn_methods.length, 1);

    refused(await me.authn_method_confirm(number, wrongOf(code)), "WrongCode", { retries_left: 2 });
    unauthorized(await as(phone).authn_method_confirm(number, code), phone);
    ok(await me.authn_method_confirm(number, code));
    const { authn_methods: methods, authn_method_registration: registration } = ok(await as(phone).identity_info(number));
    assert.deepEqual(methods.map((m) => m.authn_method).find((m) => m.WebAuthn), offered.authn_method);
    assert.deepEqual(registration, []);
    assert.deepEqual(await actorOf(service.agent()).lookup_by_registration_mode_id("aB3xY"), []);
  });

  test("is let in by no wrong code, three times", async () => {
    const { number, me } = await join(service);
    ok(await me.authn_method_registration_mode_enter(number, []));
    ok(await as(newKey()).authn_method_session_register(number));
    for (const left of [2, 1, 0]) refused(await me.authn_method_confirm(number, "nope"), "WrongCode", { retries_left: left });
    refused(await me.authn_method_confirm(number, "nope"), "RegistrationModeOff");
    refused(await as(newKey()).authn_method_session_register(number), "RegistrationModeOff");
  });

  test("reads ids of five letters and digits, of one identity each", async () => {
    const ada = await join(service);
    const bob = await join(service);
    const enter = (who, id) => who.me.authn_method_registration_mode_enter(who.number, id);
    refused(await enter(ada, ["abc1"]), "InvalidRegistrationId", "RegistrationId must be exactly 5 characters");
    refused(await enter(ada, ["abc-1"]), "InvalidRegistrationId", "RegistrationId must only contain characters from base62 encoding (0-9, A-Z, a-z)");
    unauthorized(await bob.me.authn_method_registration_mode_enter(ada.number, ["abc12"]), bob.key);
    const first = ok(await enter(ada, ["abc12"]));
    assert.deepEqual(ok(await enter(ada, ["abc12"])), first);
    refused(await enter(ada, ["xyz12"]), "AlreadyInProgress");
    refused(await enter(ada, []), "AlreadyInProgress");
    await traps(ada.me.enter_device_registration_mode(ada.number), /Already in progress/);
    refused(await enter(bob, ["abc12"]), "AlreadyInProgress");
    ok(await enter(bob, ["xyz12"]));
    for (const [id, found] of [["abc12", [ada.number]], ["xyz12", [bob.number]], ["ABC12", []], ["abc1", []], ["abc123", []], ["äbc1", []]]) {
      assert.deepEqual(await ada.me.lookup_by_registration_mode_id(id), found, id);
    }
    ok(await ada.me.authn_method_registration_mode_exit(ada.number, []));
    assert.deepEqual(await ada.me.lookup_by_registration_mode_id("abc12"), []);
    assert.deepEqual(await ada.me.lookup_by_registration_mode_id("xyz12"), [bob.number]);
    unauthorized(await ada.me.authn_method_registration_mode_exit(bob.number, []), ada.key);
  });

  test("as a session is confirmed first, and then brings a method of its own", async () => {
    const { key, number, me } = await join(service, "Ada");
    const owner = await join(service);
    const taken = newKey();
    ok(await owner.me.authn_method_add(owner.number, method(taken, { passkey: "taken" })));
    const browser = newKey();
    const passkey = newKey();
    const session = as(browser);
    refused(await session.authn_method_session_register(number), "RegistrationModeOff");
    const { expiration: end } = ok(await me.authn_method_registration_mode_enter(number, ["s3ss1"]));
    refused(await actorOf(service.agent()).authn_method_session_register(number), "NotSelfAuthenticating", "2vxsx-fae");
    const { confirmation_code: code, expiration } = ok(await session.authn_method_session_register(number));
    assert.equal(expiration, end);
    assert.deepEqual(await session.authn_method_session_info(number), []);
    refused(await as(newKey()).authn_method_session_register(number), "RegistrationAlreadyInProgress");
    const [waiting] = ok(await me.identity_info(number)).authn_method_registration;
    assert.deepEqual([waiting.authn_method, waiting.session[0].toText(), waiting.expiration], [[], browser.getPrincipal().toText(), end]);
    const [shown] = (await me.get_anchor_info(number)).device_registration;
    assert.deepEqual([shown.tentative_device, shown.tentative_session[0].toText()], [[], browser.getPrincipal().toText()]);
    refused(await me.authn_method_confirm(number, wrongOf(code)), "WrongCode", { retries_left: 2 });
    ok(await me.authn_method_confirm(number, code));
    refused(await me.authn_method_confirm(number, code), "NoAuthnMethodToConfirm");

    const [info] = await session.authn_method_session_info(number);
    assert.deepEqual(info.name, ["Ada"]);
    near(info.created_at[0], now());
    assert.deepEqual(await as(newKey()).authn_method_session_info(number), []);
    // It is not in: it may only bring its method.
    await shutOut(browser, session.get_anchor_info(number), session.authn_method_add(number, method(passkey)));
    unauthorized(await session.identity_info(number), browser);
    const stranger = newKey();
    unauthorized(await as(stranger).authn_method_registration_mode_exit(number, [method(stranger)]), stranger);
    refused(await session.authn_method_registration_mode_exit(number, [method(taken, { passkey: "taken" })]), "PasskeyWithThisPublicKeyIsAlreadyUsed");
    refused(await session.authn_method_registration_mode_exit(number, [method(passkey, { metadata: [["origin", { Bytes: new Uint8Array() }]] })]),
      "InvalidMetadata", "Invalid metadata type for key 'origin': expected string, got value Bytes([])");
    ok(await session.authn_method_registration_mode_exit(number, [method(passkey, { passkey: "browser" })]));
    assert.deepEqual(await session.authn_method_session_info(number), []);
    assert.deepEqual(await session.lookup_by_registration_mode_id("s3ss1"), []);
    // From now on the session acts as the method, which is used by that.
    const stamps = async (reader) => new Map((await reader.get_anchor_info(number)).devices.map((d) => [Buffer.from(d.pubkey).toString("hex"), d.last_usage[0]]));
    const [mine, its] = hexes(key).concat(hexes(passkey));
    const before = await stamps(me);
    assert.deepEqual([...before.keys()].sort(), hexes(key, passkey));
    assert.equal(before.get(its), undefined);
    const after = await stamps(session);
    assert.equal(after.get(mine), before.get(mine));
    near(after.get(its), now());
    ok(await as(passkey).authn_method_remove(number, derOf(passkey)));
    await shutOut(browser, session.get_anchor_info(number));
  });

  test("brings nothing when it was not confirmed", async () => {
    const { key, number, me } = await join(service);
    const browser = newKey();
    ok(await me.authn_method_registration_mode_exit(number, [method(browser)]));
    ok(await me.authn_method_registration_mode_enter(number, []));
    ok(await as(browser).authn_method_session_register(number));
    unauthorized(await as(browser).authn_method_registration_mode_exit(number, [method(browser)]), browser);
    ok(await me.authn_method_registration_mode_exit(number, [phrase(browser)]));
    assert.deepEqual(keysOf(await me.get_anchor_info(number)), hexes(key));
  });
});
