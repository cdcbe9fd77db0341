import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DelegationChain, DelegationIdentity, ECDSAKeyIdentity, Ed25519KeyIdentity, isDelegationValid } from "@icp-sdk/core/identity";
import { Principal } from "@icp-sdk/core/principal";
import { actorOf, keys, register, signIn, signInForQueries, unlock } from "./people.mjs";
import { canister, startService } from "./service.mjs";
import { verifyChain } from "./verify.mjs";

const app = "https://app.example";
const other = Principal.fromText("ryjl3-tyaaa-aaaaa-aaaba-cai");

describe("a sign-in", () => {
  let service;
  before(async () => { service = await startService(); });
  after(() => service.stop());

  for (const [kind, make] of Object.entries(keys)) {
    test(`with ${kind}, from the registration to the app`, async () => {
      const key = await make();
      const number = await register(service, key, kind);
      // The key itself may ask; for the rest, one touch lets the page's key act.
      const { Ok: info } = await actorOf(service.agent(key)).identity_info(number);
      assert.deepEqual([info.name, info.authn_methods.length], [[kind], 1]);
      const person = await unlock(key);
      const session = await ECDSAKeyIdentity.generate();
      const chain = await signIn(service, person, number, app, session);

      const who = await verifyChain(chain, service.rootKey, canister);
      assert.ok(isDelegationValid(chain));
      assert.ok(isDelegationValid(chain, { scope: [canister, other] }), "the delegation has no targets");
      // Thirty minutes, unless the app asks for something else.
      const left = Number(chain.delegations[0].delegation.expiration / 1_000_000n) - Date.now();
      assert.ok(left > 29 * 60_000 && left <= 30 * 60_000, `${left} ms`);

      // The app acts for that principal, also after the chain was stored.
      const stored = DelegationChain.fromJSON(JSON.stringify(chain.toJSON()));
      const visitor = DelegationIdentity.fromDelegation(session, stored);
      assert.equal(visitor.getPrincipal().toText(), who.toText());
      assert.equal((await actorOf(service.agent(visitor)).whoami()).toText(), who.toText());
      assert.equal((await actorOf(service.agent(person)).get_principal(number, app)).toText(), who.toText());

      // Again: the same; at another app: another.
      const again = await signIn(service, person, number, app, Ed25519KeyIdentity.generate());
      assert.equal((await verifyChain(again, service.rootKey, canister)).toText(), who.toText());
      const elsewhere = await signIn(service, person, number, "https://other.example", session);
      assert.notEqual((await verifyChain(elsewhere, service.rootKey, canister)).toText(), who.toText());
    });
  }

  test("lasts as long as the app asks, and 30 days at most", async () => {
    const key = Ed25519KeyIdentity.generate();
    const number = await register(service, key);
    for (const [asked, minutes] of [[5, 5], [60 * 24 * 365, 60 * 24 * 30]]) {
      const chain = await signIn(service, key, number, app, Ed25519KeyIdentity.generate(), [BigInt(asked) * 60_000_000_000n]);
      const left = Number(chain.delegations[0].delegation.expiration / 1_000_000n) - Date.now();
      assert.ok(left <= minutes * 60_000 && left > (minutes - 1) * 60_000, `${left} ms`);
      await verifyChain(chain, service.rootKey, canister);
    }
  });

  test("is refused to a stranger, with a certified reject that says why", async () => {
    const number = await register(service, Ed25519KeyIdentity.generate());
    const stranger = Ed25519KeyIdentity.generate();
    const actor = actorOf(service.agent(stranger));
    await assert.rejects(signIn(service, stranger, number, app, stranger), (error) => {
      assert.equal(error.name, "RejectError");
      assert.equal(error.code.name, "CertifiedRejectErrorCode");
      assert.match(error.code.rejectMessage, new RegExp(`${stranger.getPrincipal().toText()} could not be authenticated`));
      assert.match(error.code.rejectErrorCode, /^IC0[0-9]{3}$/);
      return true;
    });
    assert.equal((await actor.identity_info(number)).Err.Unauthorized.toText(), stranger.getPrincipal().toText());
  });

  test("does not verify when anything is changed", async () => {
    const key = Ed25519KeyIdentity.generate();
    const number = await register(service, key);
    const chain = await signIn(service, key, number, app, Ed25519KeyIdentity.generate());
    const changed = (change) => {
      const json = chain.toJSON();
      change(json, json.delegations[0]);
      return DelegationChain.fromJSON(json);
    };
    const flip = (hex) => hex.slice(0, -1) + (hex.endsWith("0") ? "1" : "0");
    for (const [what, change] of Object.entries({
      "a longer life": (_, d) => { d.delegation.expiration = (BigInt(`0x${d.delegation.expiration}`) + 1n).toString(16); },
      "another session key": (_, d) => { d.delegation.pubkey = flip(d.delegation.pubkey); },
      "a target": (_, d) => { d.delegation.targets = [canister.toHex()]; },
      "permissions": (_, d) => { d.delegation.permissions = "all"; },
      "another seed": (c) => { c.publicKey = flip(c.publicKey); },
      "the signature": (_, d) => { d.signature = flip(d.signature); },
    })) {
      await assert.rejects(verifyChain(changed(change), service.rootKey, canister), `${what} must not verify`);
    }
    const mainnet = Uint8Array.from(service.rootKey);
    mainnet[mainnet.length - 1] ^= 1;
    await assert.rejects(verifyChain(chain, mainnet, canister), "another root key");
  });
});

describe("a delegation", () => {
  let service;
  let key;
  let session;
  let number;
  let chain;
  before(async () => {
    service = await startService();
    key = Ed25519KeyIdentity.generate();
    session = Ed25519KeyIdentity.generate();
    number = await register(service, key);
    chain = await signIn(service, key, number, app, session);
  });
  after(() => service.stop());

  // further lets another key act for the session key.
  async function further(options, expiration = new Date(Date.now() + 60_000)) {
    const last = Ed25519KeyIdentity.generate();
    return DelegationIdentity.fromDelegation(last, await DelegationChain.create(session, last.getPublicKey(), expiration, { previous: chain, ...options }));
  }
  const who = () => Principal.selfAuthenticating(chain.publicKey).toText();

  test("with the right target is enough for queries and calls", async () => {
    const actor = actorOf(service.agent(await further({ targets: [other, canister] })));
    assert.equal((await actor.whoami()).toText(), who());
    // The call is run; that the app may not see the identity is the rules' word.
    assert.equal((await actor.identity_info(number)).Err.Unauthorized.toText(), who());
  });

  test("with other targets is refused, and the answer names the canister", async () => {
    const actor = actorOf(service.agent(await further({ targets: [other] })));
    for (const send of [() => actor.whoami(), () => actor.identity_info(number)]) {
      await assert.rejects(send(), (error) => {
        assert.equal(error.code.name, "HttpErrorCode");
        assert.equal(error.code.status, 400);
        assert.match(error.code.bodyText, new RegExp(`Canister ${canister.toText()} is not one of the delegation targets`));
        return true;
      });
    }
  });

  test("for queries only answers queries and no calls", async () => {
    const page = Ed25519KeyIdentity.generate();
    const queries = await signInForQueries(service, key, number, app, page);
    assert.equal(queries.delegations[0].delegation.permissions, "queries");
    await verifyChain(queries, service.rootKey, canister);
    const actor = actorOf(service.agent(DelegationIdentity.fromDelegation(page, queries)));
    assert.equal((await actor.whoami()).toText(), Principal.selfAuthenticating(queries.publicKey).toText());
    await assert.rejects(actor.identity_info(number), (error) => error.code.name === "HttpErrorCode" && error.code.status === 400);
  });

  test("that has expired is refused", async () => {
    const actor = actorOf(service.agent(await further({}, new Date(Date.now() - 1000))));
    await assert.rejects(actor.whoami(), (error) => error.code.status === 400 && /delegation has expired/.test(error.code.bodyText));
  });

  test("of another key is refused", async () => {
    const actor = actorOf(service.agent(DelegationIdentity.fromDelegation(Ed25519KeyIdentity.generate(), chain)));
    await assert.rejects(actor.whoami(), (error) => error.code.status === 400 && /Invalid signature/.test(error.code.bodyText));
  });
});
