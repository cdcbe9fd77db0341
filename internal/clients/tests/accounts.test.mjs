// Several accounts of an identity at an app.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { later, minutes, near, now, ok, refused, traps, unauthorized } from "./answers.mjs";
import { actorOf, chainOf, derOf, join, newKey, signIn } from "./people.mjs";
import { canister, startService } from "./service.mjs";
import { verifyChain } from "./verify.mjs";

const app = "https://app.example";
const account = (more) => ({ account_number: [], origin: app, last_used: [], name: [], ...more });

describe("accounts", () => {
  let service;
  const as = (key) => actorOf(service.agent(key));
  before(async () => { service = await startService(); });
  after(() => service.stop());

  // principalAt signs in with an account and returns whom the app sees, after
  // the delegation was verified.
  async function principalAt({ number, me }, which, { origin = app, life = [], permissions = [] } = {}) {
    const session = newKey();
    const { user_key: userKey, expiration } = ok(await me.prepare_account_delegation(number, origin, which, derOf(session), life, permissions));
    const signed = ok(await me.get_account_delegation(number, origin, which, derOf(session), expiration, permissions));
    assert.deepEqual([signed.delegation.pubkey, signed.delegation.expiration, signed.delegation.targets], [derOf(session), expiration, []]);
    return (await verifyChain(chainOf(userKey, signed), service.rootKey, canister)).toText();
  }

  test("are made beside the default one, renamed, and listed in that order", async () => {
    const ada = await join(service);
    const bob = await join(service);
    assert.deepEqual(ok(await ada.me.get_accounts(ada.number, app)), [account()]);
    const work = ok(await ada.me.create_account(ada.number, app, "Work"));
    const theirs = ok(await bob.me.create_account(bob.number, app, "Mine"));
    const play = ok(await ada.me.create_account(ada.number, app, ""));
    assert.deepEqual(work, account({ account_number: work.account_number, name: ["Work"] }));
    // Numbers are of the whole service, and go up.
    later(0n, work.account_number[0], theirs.account_number[0], play.account_number[0]);
    ok(await ada.me.create_account(ada.number, "https://other.example", "Elsewhere"));
    const job = ok(await ada.me.update_account(ada.number, app, work.account_number, { name: ["Job"] }));
    assert.deepEqual(job, { ...work, name: ["Job"] });
    assert.deepEqual(ok(await ada.me.get_accounts(ada.number, app)), [account(), job, play]);
    assert.deepEqual(ok(await bob.me.get_accounts(bob.number, app)), [account(), theirs]);
    // Of others they are neither changed nor used.
    const [n] = theirs.account_number;
    refused(await ada.me.update_account(ada.number, app, [n], { name: ["x"] }), "InternalCanisterError", `Account not found for account number ${n}`);
    refused(await ada.me.update_account(ada.number, "https://other.example", work.account_number, { name: ["x"] }),
      "InternalCanisterError", `Account not found for account number ${work.account_number[0]}`);
    unauthorized(await ada.me.prepare_account_delegation(ada.number, app, [n], derOf(ada.key), [], []), ada.key);
    unauthorized(await ada.me.get_account_delegation(ada.number, app, [n], derOf(ada.key), 1n, []), ada.key);
    refused(await ada.me.set_default_account(ada.number, app, [n]), "NoSuchAccount", { anchor_number: ada.number, origin: app });
  });

  test("are each a principal of their own, and the default one is that of the first version", async () => {
    const ada = await join(service);
    const bob = await join(service);
    const one = ok(await ada.me.create_account(ada.number, app, "One")).account_number;
    const two = ok(await ada.me.create_account(ada.number, app, "Two")).account_number;
    const three = ok(await ada.me.create_account(ada.number, "https://other.example", "Three")).account_number;
    const legacy = await verifyChain(await signIn(service, ada.key, ada.number, app, newKey()), service.rootKey, canister);
    const whole = [
      await principalAt(ada, []), await principalAt(ada, one), await principalAt(ada, two), await principalAt(ada, three, { origin: "https://other.example" }),
      await principalAt(ada, [], { origin: "https://other.example" }), await principalAt(bob, []),
    ];
    assert.equal(new Set(whole).size, whole.length);
    assert.equal(whole[0], legacy.toText());
    assert.equal(whole[0], (await ada.me.get_principal(ada.number, app)).toText());
    // The same again: after a new name, with any permissions, as the default.
    ok(await ada.me.update_account(ada.number, app, one, { name: ["Renamed"] }));
    ok(await ada.me.set_default_account(ada.number, app, one));
    assert.equal(await principalAt(ada, one), whole[1]);
    assert.equal(await principalAt(ada, one, { permissions: [{ all: null }] }), whole[1]);
    assert.equal(await principalAt(ada, one, { permissions: [{ queries: null }] }), whole[1]);
    assert.equal(await principalAt(ada, []), whole[0]);
  });

  test("that the default one becomes when it is named, keeps its principal", async () => {
    const ada = await join(service);
    const { number, me } = ada;
    const before = await principalAt(ada, []);
    const used = ok(await me.get_accounts(number, app))[0].last_used;
    const home = ok(await me.update_account(number, app, [], { name: ["Home"] }));
    assert.deepEqual(home, account({ account_number: home.account_number, name: ["Home"], last_used: used }));
    assert.deepEqual(ok(await me.get_accounts(number, app)), [home]);
    assert.deepEqual(ok(await me.get_default_account(number, app)), home);
    assert.equal(await principalAt(ada, home.account_number), before);
    assert.equal((await me.get_principal(number, app)).toText(), before);
    // Nothing goes by no number any more.
    refused(await me.update_account(number, app, [], { name: ["Again"] }), "InternalCanisterError", "The default account has a number already.");
    unauthorized(await me.prepare_account_delegation(number, app, [], derOf(ada.key), [], []), ada.key);
    unauthorized(await me.get_account_delegation(number, app, [], derOf(ada.key), 1n, []), ada.key);
    await traps(me.prepare_delegation(number, app, derOf(ada.key), []), `Unauthorized(${ada.key.getPrincipal().toText()})`);
    assert.deepEqual(await me.get_delegation(number, app, derOf(ada.key), 1n), { no_such_delegation: null });
  });

  test("have a default one, which is chosen and not used", async () => {
    const { number, me } = await join(service);
    const work = ok(await me.create_account(number, app, "Work"));
    assert.deepEqual(ok(await me.get_default_account(number, app)), account());
    assert.deepEqual(ok(await me.set_default_account(number, app, work.account_number)), work);
    assert.deepEqual(ok(await me.get_default_account(number, app)), work);
    assert.deepEqual(ok(await me.set_default_account(number, app, [])), account());
    assert.deepEqual(ok(await me.get_default_account(number, app)), account());
    assert.deepEqual(ok(await me.list_applications(number)), [], "choosing is not signing in");
    refused(await me.set_default_account(number, "https://new.example", [999_999n]), "NoSuchAccount", { anchor_number: number, origin: "https://new.example" });
  });

  test("tell when they were used last, and the apps where", async () => {
    const ada = await join(service);
    const { number, me } = ada;
    const work = ok(await me.create_account(number, app, "Work")).account_number;
    await principalAt(ada, work);
    await principalAt(ada, []);
    await principalAt(ada, [], { origin: "https://other.example" });
    const [home, used] = ok(await me.get_accounts(number, app)).map((a) => a.last_used[0]);
    near(home, now());
    later(used, home);
    const apps = ok(await me.list_applications(number));
    assert.deepEqual(apps.map((a) => [a.origin, a.notifications_allowed]), [["https://other.example", false], [app, false]]);
    assert.equal(apps[1].last_used, home);
    assert.deepEqual(ok(await me.get_accounts(number, "https://other.example"))[0].last_used, [apps[0].last_used]);
  });

  test("have delegations of the life that was asked for, thirty days at most", async () => {
    const { number, me } = await join(service);
    const key = derOf(newKey());
    for (const [asked, life] of [[[], 30], [[minutes(60)], 60], [[minutes(60 * 24 * 31)], 60 * 24 * 30]]) {
      near(ok(await me.prepare_account_delegation(number, app, [], key, asked, [])).expiration, now() + minutes(life));
    }
    const { expiration } = ok(await me.prepare_account_delegation(number, app, [], key, [], [{ queries: null }]));
    const get = (k, at, permissions) => me.get_account_delegation(number, app, [], k, at, permissions);
    assert.deepEqual(ok(await get(key, expiration, [{ queries: null }])).delegation.permissions, ["queries"]);
    // Only what was prepared is there.
    for (const [k, at, permissions] of [
      [key, expiration, []], [key, expiration, [{ all: null }]], [key, expiration + 1n, [{ queries: null }]], [derOf(newKey()), expiration, [{ queries: null }]],
    ]) refused(await get(k, at, permissions), "NoSuchDelegation");
  });

  test("are nobody else's", async () => {
    const { number } = await join(service);
    const stranger = newKey();
    const me = as(stranger);
    for (const answer of [
      await me.get_accounts(number, app), await me.create_account(number, app, "x"), await me.update_account(number, app, [], { name: ["x"] }),
      await me.get_default_account(number, app), await me.set_default_account(number, app, []), await me.list_applications(number),
      await me.prepare_account_delegation(number, app, [], derOf(stranger), [], []), await me.get_account_delegation(number, app, [], derOf(stranger), 1n, []),
    ]) unauthorized(answer, stranger);
  });

  test("have names and origins of 255 bytes at most", async () => {
    const { number, me } = await join(service);
    const long = "x".repeat(256);
    ok(await me.create_account(number, long.slice(1), long.slice(1)));
    refused(await me.create_account(number, app, long), "NameTooLong");
    refused(await me.update_account(number, app, [], { name: [long] }), "NameTooLong");
    refused(await me.update_account(number, app, [], { name: [] }), "InternalCanisterError", "No name was provided.");
    for (const sent of [
      () => me.create_account(number, long, "x"), () => me.get_accounts(number, long), () => me.set_default_account(number, long, []),
      () => me.get_default_account(number, long), () => me.prepare_delegation(number, long, derOf(newKey()), []), () => me.get_principal(number, long),
    ]) await traps(sent(), "frontend hostname 256 exceeds the limit of 255 bytes");
  });
});
