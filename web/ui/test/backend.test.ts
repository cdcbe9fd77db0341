import { IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR, requestIdOf } from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import type { DelegationIdentity } from "@icp-sdk/core/identity";
import { Principal } from "@icp-sdk/core/principal";
import { describe, expect, it } from "vitest";
import { isPrincipal, Registration } from "../src/backend";
import { delegationChallenge } from "../src/backend/delegation";
import { describe as describeError, RegistrationRefused } from "../src/backend/errors";
import { service } from "../src/backend/idl";
import { SessionKey } from "../src/backend/session";
import type { AuthnMethodData, Next, NextStep, Service } from "../src/backend/types";
import { concat, toHex } from "../src/bytes";

describe("what a passkey signs", () => {
  // The hash of this delegation is also pinned by the service's own tests.
  it("is the delegation, known answer", () => {
    const pubkey = new TextEncoder().encode("test session public key");
    const challenge = delegationChallenge(pubkey, 1_700_000_000_000_000_000n);
    expect(challenge).toHaveLength(59);
    expect(toHex(challenge)).toBe(
      "1a69632d726571756573742d617574682d64656c65676174696f6e" +
        "78411620d67633b61bc461e91dc65dec38475e5c36275fca69a5fb147a18be3a",
    );
  });
});

describe("sessions", () => {
  const now = Date.UTC(2026, 0, 1);

  it("by passkey last half an hour and sign as the passkey", async () => {
    const key = await SessionKey.generate();
    const passkey = concat(Uint8Array.of(0x30, 1, 2));
    const grant = key.grant(now);
    const session = grant.signed(10_000n, passkey, {
      credentialId: Uint8Array.of(1),
      signature: Uint8Array.of(7, 7),
    });
    expect(session.expires).toBe(now + 29 * 60 * 1000);
    expect(session.identity.getPrincipal().toText()).toBe(
      Principal.selfAuthenticating(passkey).toText(),
    );
    const chain = (session.identity as DelegationIdentity).getDelegation();
    expect(chain.delegations).toHaveLength(1);
    const { delegation, signature } = chain.delegations[0] ?? {};
    expect(signature).toEqual(Uint8Array.of(7, 7));
    expect(delegation?.expiration).toBe(BigInt(now + 30 * 60 * 1000) * 1_000_000n);
    expect(
      concat(
        IC_REQUEST_AUTH_DELEGATION_DOMAIN_SEPARATOR,
        requestIdOf({ ...delegation } as Record<string, unknown>),
      ),
    ).toEqual(grant.challenge);
  });

  it("by registration last ten minutes and sign as themselves", async () => {
    const key = await SessionKey.generate();
    const session = key.registered(10_000n, Uint8Array.of(0x30), now);
    expect(session.expires).toBe(now + 9 * 60 * 1000);
    expect(session.identity).toBe(key.identity);
    expect(session.identity.getPublicKey().toDer()).toHaveLength(91);
  });

  it("use keys that cannot be taken out of the browser", async () => {
    const { identity } = await SessionKey.generate();
    const pair = (identity as unknown as { getKeyPair(): CryptoKeyPair }).getKeyPair();
    expect(pair.privateKey.extractable).toBe(false);
  });
});

describe("registration", () => {
  const finish: Next = { next_step: { Finish: null } };
  const captcha = (image: string): Next => ({
    next_step: { CheckCaptcha: { captcha_png_base64: image } } as NextStep,
  });

  async function registration(script: [keyof Service, unknown][]) {
    const calls: string[] = [];
    const actor = new Proxy({} as Service, {
      get: (_, method: string) => async (arg: unknown) => {
        const [expected, answer] = script[calls.length] ?? [];
        calls.push(arg === undefined ? method : `${method} ${JSON.stringify(arg)}`);
        if (expected !== method) {
          throw new Error(`called ${method}, expected ${String(expected)}`);
        }
        return answer;
      },
    });
    const key = await SessionKey.generate();
    const method = { authn_method: { PubKey: { pubkey: Uint8Array.of(7) } } };
    const flow = new Registration(actor as never, key, "Ada", method as AuthnMethodData);
    return { flow, key, calls };
  }

  it("needs two calls", async () => {
    const { flow, key, calls } = await registration([
      ["identity_registration_start", { Ok: finish }],
      ["identity_registration_finish", { Ok: { identity_number: 10_007n } }],
    ]);
    const step = await flow.proceed();
    expect("session" in step && step.session.number).toBe(10_007n);
    expect("session" in step && step.session.identity).toBe(key.identity);
    expect("session" in step && step.session.method).toEqual(Uint8Array.of(7));
    expect(calls[1]).toContain("identity_registration_finish");
    expect(calls[1]).toContain('"name":["Ada"]');
  });

  it("may need a captcha, as often as it takes", async () => {
    const { flow, calls } = await registration([
      ["identity_registration_start", { Ok: captcha("A") }],
      ["check_captcha", { Err: { WrongSolution: { new_captcha_png_base64: "B" } } }],
      ["check_captcha", { Ok: finish }],
      ["identity_registration_finish", { Ok: { identity_number: 1n } }],
    ]);
    expect(await flow.proceed()).toEqual({ captcha: "A", wrong: false });
    expect(await flow.solve("x")).toEqual({ captcha: "B", wrong: true });
    expect(await flow.solve("y")).toHaveProperty("session");
    expect(calls[2]).toBe('check_captcha {"solution":"y"}');
  });

  it("starts again when the service has forgotten it", async () => {
    const { flow } = await registration([
      ["identity_registration_start", { Ok: captcha("A") }],
      ["check_captcha", { Err: { NoRegistrationFlow: null } }],
      ["identity_registration_start", { Ok: finish }],
      ["identity_registration_finish", { Err: { UnexpectedCall: captcha("B") } }],
      ["check_captcha", { Ok: finish }],
      ["identity_registration_finish", { Err: { NoRegistrationFlow: null } }],
      ["identity_registration_start", { Err: { AlreadyInProgress: null } }],
      ["identity_registration_finish", { Ok: { identity_number: 1n } }],
    ]);
    await flow.proceed();
    expect(await flow.solve("x")).toEqual({ captcha: "B", wrong: false });
    expect(await flow.solve("x")).toHaveProperty("session");
  });

  it("does not go on forever", async () => {
    const again: [keyof Service, unknown][] = [
      ["identity_registration_start", { Ok: finish }],
      ["identity_registration_finish", { Err: { NoRegistrationFlow: null } }],
    ];
    const { flow, calls } = await registration([...again, ...again, ...again, ...again, ...again]);
    await expect(flow.proceed()).rejects.toMatchObject({ reason: "expired" });
    expect(calls).toHaveLength(8);
  });

  it.each([
    ["identity_registration_start", { RateLimitExceeded: null }, "busy"],
    ["identity_registration_start", { InvalidCaller: null }, "invalid"],
    ["identity_registration_finish", { IdentityLimitReached: null }, "full"],
    ["identity_registration_finish", { InvalidAuthnMethod: "used" }, "invalid"],
    ["identity_registration_finish", { StorageError: "full" }, "invalid"],
  ] as const)("says why %s failed: %j", async (method, error, reason) => {
    const script: [keyof Service, unknown][] =
      method === "identity_registration_start"
        ? [[method, { Err: error }]]
        : [
            ["identity_registration_start", { Ok: finish }],
            [method, { Err: error }],
          ];
    const { flow } = await registration(script);
    const failed = flow.proceed();
    await expect(failed).rejects.toBeInstanceOf(RegistrationRefused);
    await expect(failed).rejects.toMatchObject({ reason });
  });

  it("can be tried again with the same passkey", async () => {
    const { flow } = await registration([
      ["identity_registration_start", { Err: { RateLimitExceeded: null } }],
      ["identity_registration_start", { Ok: finish }],
      ["identity_registration_finish", { Ok: { identity_number: 1n } }],
    ]);
    await expect(flow.proceed()).rejects.toThrow();
    expect(await flow.proceed()).toHaveProperty("session");
  });
});

describe("the interface", () => {
  const methods = new Map(service._fields as [string, IDL.FuncClass][]);

  // Hashes of names decide what Candid encodes, so a misspelt name is a silent
  // loss; these bytes were checked against the service's .did.
  it("encodes a registration", () => {
    const method = methods.get("identity_registration_finish");
    const bytes = IDL.encode(method?.argTypes ?? [], [
      {
        authn_method: {
          authn_method: { PubKey: { pubkey: Uint8Array.of(1) } },
          security_settings: {
            protection: { Unprotected: null },
            purpose: { Authentication: null },
          },
          metadata: [["alias", { String: "x" }]],
          last_authentication: [],
        },
        name: ["Ada"],
      },
    ]);
    expect(toHex(bytes.subarray(0, 4))).toBe("4449444c");
    expect(IDL.decode(method?.argTypes ?? [], bytes)).toMatchObject([{ name: ["Ada"] }]);
  });

  it("has twelve methods, four of them queries", () => {
    const kinds = [...methods].map(([name, { annotations }]) => `${name} ${annotations}`);
    expect(kinds.sort()).toEqual([
      "check_captcha ",
      "create_account ",
      "get_account_delegation query",
      "get_accounts query",
      "get_default_account query",
      "identity_info ",
      "identity_registration_finish ",
      "identity_registration_start ",
      "lookup_device_key query",
      "prepare_account_delegation ",
      "set_default_account ",
      "update_account ",
    ]);
  });
});

describe("errors", () => {
  it.each<[unknown, string]>([
    [{ code: { rejectMessage: "no\nmore", toErrorMessage: () => "x" }, message: "y" }, "no"],
    [{ code: { toErrorMessage: () => "gone\nfor good" } }, "gone"],
    [new Error("lost"), "lost"],
    ["text", ""],
    [{}, ""],
  ])("are described in one line", (error, expected) => {
    expect(describeError(error)).toBe(expected);
  });
});

describe("principals", () => {
  it("are recognised in their one text form", () => {
    expect(isPrincipal("rdmx6-jaaaa-aaaaa-aaadq-cai")).toBe(true);
    for (const text of ["", "www", "rdmx6-jaaaa-aaaaa-aaadq-cab", "rdmx6jaaaaaaaaaaaadqcai"]) {
      expect(isPrincipal(text)).toBe(false);
    }
  });
});
