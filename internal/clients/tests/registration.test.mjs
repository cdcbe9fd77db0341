// Registration in the second version of the interface; captchas and limits in
// both.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { near, now, ok, picture, refused, shutOut, traps } from "./answers.mjs";
import { actorOf, device, join, method, newKey, phrase, register } from "./people.mjs";
import { startService } from "./service.mjs";

const anything = { key: "", chars: "a" };

describe("a registration", () => {
  let service;
  const as = (key) => actorOf(service.agent(key));
  before(async () => { service = await startService(); });
  after(() => service.stop());

  test("goes to the finish at once, and its session acts for the new identity", async () => {
    const session = newKey();
    const key = newKey();
    const me = as(session);
    assert.deepEqual(ok(await me.identity_registration_start()), { next_step: { Finish: null } });
    refused(await me.identity_registration_start(), "AlreadyInProgress");
    refused(await me.check_captcha({ solution: "abcde" }), "UnexpectedCall", { next_step: { Finish: null } });
    const made = method(key, { passkey: "phone", metadata: [["alias", { String: "Phone" }], ["authenticator_attachment", { String: "platform" }], ["mine", { Bytes: new Uint8Array([1, 2]) }]] });
    const number = ok(await me.identity_registration_finish({ name: ["Ada"], authn_method: made })).identity_number;
    refused(await me.identity_registration_finish({ name: [], authn_method: method(newKey()) }), "NoRegistrationFlow");

    const info = ok(await me.identity_info(number));
    assert.deepEqual([info.name, info.metadata, info.authn_method_registration, info.openid_credentials], [["Ada"], [], [], [[]]]);
    near(info.created_at[0], now());
    const [{ last_authentication: [used], metadata, ...shown }] = info.authn_methods;
    assert.deepEqual(shown, { authn_method: made.authn_method, security_settings: made.security_settings });
    assert.deepEqual(Object.fromEntries(metadata), Object.fromEntries(made.metadata));
    assert.ok(used > info.created_at[0]);
    // It is the session of this identity only, and its owner needs none.
    const other = await join(service);
    await shutOut(session, me.get_anchor_info(other.number));
    assert.deepEqual((await as(key).get_anchor_info(number)).devices[0].key_type, { platform: null });
  });

  test("is of one caller, who has a key", async () => {
    refused(await actorOf(service.agent()).identity_registration_start(), "InvalidCaller");
    const [ada, bob] = [newKey(), newKey()];
    ok(await as(ada).identity_registration_start());
    refused(await as(bob).identity_registration_finish({ name: [], authn_method: method(bob) }), "NoRegistrationFlow");
    refused(await as(bob).check_captcha({ solution: "abcde" }), "NoRegistrationFlow");
  });

  test("that fails can be tried again", async () => {
    const taken = newKey();
    const key = newKey();
    const owner = await join(service);
    ok(await owner.me.authn_method_add(owner.number, method(taken, { passkey: "taken" })));
    const me = as(key);
    ok(await me.identity_registration_start());
    const finish = (authn_method, name = []) => me.identity_registration_finish({ name, authn_method });
    refused(await finish(method(key, { metadata: [["usage", { Bytes: new Uint8Array([1, 2]) }]] })),
      "InvalidAuthnMethod", "Invalid metadata type for key 'usage': expected string, got value Bytes([1, 2])");
    refused(await finish(method(key, { metadata: [["pubkey", { String: "x" }]] })), "InvalidAuthnMethod", "Metadata key 'pubkey' is reserved and cannot be used.");
    refused(await finish(method(key, { protection: "Protected" })), "InvalidAuthnMethod", "Only recovery phrases can be locked but key type is Unknown");
    refused(await finish(method(taken, { passkey: "taken" })), "InvalidAuthnMethod", "passkey with this public key is already used");
    const long = await finish(method(key), ["x".repeat(129)]);
    assert.equal(typeof long.Err.StorageError, "string");
    const before = (await me.stats()).users_registered;
    ok(await finish(phrase(key, { protection: "Protected" }), ["x".repeat(128)]));
    // No number was lost on the way.
    assert.equal((await me.stats()).users_registered, before + 1n);
  });
});

describe("with captchas", () => {
  let service;
  let key;
  let me;
  before(async () => {
    service = await startService({ args: ["--captcha", "on"] });
    key = newKey();
    me = actorOf(service.agent(key));
  });
  after(() => service.stop());

  test("the first version shows a picture, and a wrong answer uses it up", async () => {
    const one = await me.create_challenge();
    const two = await me.create_challenge();
    assert.notEqual(one.challenge_key, two.challenge_key);
    assert.notDeepEqual(picture(one.png_base64), picture(two.png_base64));
    for (const answer of [
      // No captcha has a line of text like these.
      { key: one.challenge_key, chars: "" },
      { key: one.challenge_key, chars: "00000" },
      { key: two.challenge_key, chars: "longer than any" },
      { key: "unheard-of", chars: "abcde" },
    ]) assert.deepEqual(await me.register(device(key), answer, []), { bad_challenge: null });
    assert.equal((await me.stats()).users_registered, 0n);
  });

  test("the second version shows a picture, and another one after a wrong answer", async () => {
    const { next_step: step } = ok(await me.identity_registration_start());
    const first = step.CheckCaptcha.captcha_png_base64;
    picture(first);
    refused(await me.identity_registration_finish({ name: [], authn_method: method(key) }), "UnexpectedCall", { next_step: { CheckCaptcha: { captcha_png_base64: first } } });
    const pictures = new Set([first]);
    for (const solution of ["00000", "longer than any"]) {
      const { Err: { WrongSolution: again } } = await me.check_captcha({ solution });
      picture(again.new_captcha_png_base64);
      pictures.add(again.new_captcha_png_base64);
    }
    assert.equal(pictures.size, 3);
    assert.equal((await me.config()).captcha_config[0].captcha_trigger.Static.CaptchaEnabled, null);
  });
});

describe("with few of everything", () => {
  let service;
  before(async () => {
    service = await startService({ settings: `
      captcha = "init"
      init = "(opt record { captcha_config = opt record { max_unsolved_captchas = 2; captcha_trigger = variant { Static = variant { CaptchaDisabled } } } })"
      registrations = { time_per_token = "1000h", max_tokens = 5 }
      identity_numbers = { first = 127, end = 129 }` });
  });
  after(() => service.stop());

  test("numbers are given one after the other, to the end, and registrations until there are too many", async () => {
    const key = newKey();
    const me = actorOf(service.agent(key));
    assert.equal((await join(service)).number, 127n);
    const late = newKey();
    ok(await actorOf(service.agent(late)).identity_registration_start());
    const { registered } = await me.register(device(key), anything, []);
    assert.equal(registered.user_number, 128n);
    assert.deepEqual(await me.register(device(key), anything, []), { canister_full: null });
    refused(await actorOf(service.agent(late)).identity_registration_finish({ name: [], authn_method: method(late) }), "IdentityLimitReached");
    assert.ok((await me.get_anchor_info(128n)).devices.length === 1);
    // Failed ones count too, and this is the fifth.
    refused(await actorOf(service.agent()).identity_registration_start(), "InvalidCaller");
    refused(await me.identity_registration_start(), "RateLimitExceeded");
    await traps(me.register(device(key), anything, []), "rate limit reached, try again later");
    const config = await me.config();
    assert.deepEqual(config.assigned_user_number_range, [[127n, 129n]]);
    assert.deepEqual(config.register_rate_limit, [{ time_per_token_ns: 3_600_000_000_000_000n, max_tokens: 5n }]);
    assert.equal((await me.stats()).users_registered, 2n);
    await assert.rejects(register(service, newKey()));
  });

  test("captchas wait for their answers", async () => {
    const me = actorOf(service.agent(newKey()));
    await me.create_challenge();
    await me.create_challenge();
    await traps(me.create_challenge(), "too many inflight captchas");
  });
});
