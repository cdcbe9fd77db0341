import { beforeEach, describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../src/bytes";
import { Channel, isRefusal } from "../src/protocol/channel";
import type { DelegationResult } from "../src/protocol/request";
import { app, key, Memory, Opener } from "./surroundings";

const delegationResult: DelegationResult = {
  userPublicKey: new Uint8Array(64).subarray(10, 20).fill(5),
  delegations: [
    {
      pubkey: new Uint8Array(64).subarray(4, 8).fill(6),
      expiration: 1_700_000_000_000_000_001n,
      signature: new Uint8Array(64).subarray(1, 4).fill(7),
    },
  ],
};

let opener: Opener;
let storage: Memory;
let now: number;

function open(reloaded = false): Channel {
  const channel = new Channel({
    opener,
    ownOrigin: "https://ii.example",
    storage,
    reloaded,
    now: () => now,
  });
  channel.open();
  return channel;
}

function call(method: string, params?: unknown, id: unknown = "1"): unknown {
  return { jsonrpc: "2.0", id, method, params };
}

function delegation(id: unknown = "1", params: object = {}): unknown {
  return call("icrc34_delegation", { publicKey: toBase64(key), ...params }, id);
}

function legacy(fields: object = {}): unknown {
  return { kind: "authorize-client", sessionPublicKey: key, ...fields };
}

function send(channel: Channel, data: unknown, origin = app, source: unknown = opener): void {
  channel.receive({ data, origin, source });
}

beforeEach(() => {
  opener = new Opener();
  storage = new Memory();
  now = 1_000_000;
});

describe("opening", () => {
  it("says that it listens, to anyone", () => {
    open();
    expect(opener.posted).toEqual([{ message: { kind: "authorize-ready" }, target: "*" }]);
  });

  it("is silent without an opener", () => {
    const channel = new Channel({
      opener: null,
      ownOrigin: "https://ii.example",
      storage,
      reloaded: true,
      now: () => now,
    });
    channel.open();
    channel.receive({ data: legacy(), origin: app, source: null });
    expect(channel.current).toBeUndefined();
  });
});

describe("whom it hears", () => {
  it.each([
    ["another window", app, {}],
    ["no window", app, null],
    ["its own origin", "https://ii.example", undefined],
    ["an opaque origin", "null", undefined],
  ])("does not hear %s", (_, origin, source) => {
    const channel = open();
    const from = source === undefined ? opener : source;
    send(channel, call("icrc29_status"), origin, from);
    send(channel, delegation(), origin, from);
    send(channel, legacy(), origin, from);
    expect(opener.posted).toHaveLength(1);
    expect(channel.origin).toBeUndefined();
    expect(channel.current).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    "authorize-client",
    7,
    [],
    {},
    { kind: "authorize-ready" },
    { jsonrpc: "2.0", id: "1", result: "ready" },
    { jsonrpc: "1.0", id: "1", method: "icrc29_status" },
    { jsonrpc: "2.0", method: "icrc34_delegation" },
    { jsonrpc: "2.0", id: null, method: "icrc29_status" },
    { jsonrpc: "2.0", id: "1", method: 7 },
    { jsonrpc: "2.0", id: Number.NaN, method: "icrc34_delegation" },
    { jsonrpc: "2.0", id: Number.POSITIVE_INFINITY, method: "icrc29_status" },
  ])("makes nothing of %j", (data) => {
    const channel = open();
    send(channel, data);
    expect(opener.posted).toHaveLength(1);
    expect(channel.origin).toBeUndefined();
  });

  it("is locked to the first origin that speaks", () => {
    const channel = open();
    send(channel, call("icrc29_status"));
    expect(channel.origin).toBe(app);
    send(channel, delegation(), "https://other.example");
    send(channel, call("icrc29_status"), "https://other.example");
    expect(channel.current).toBeUndefined();
    expect(opener.posted).toHaveLength(2);
    send(channel, delegation());
    expect(channel.current?.origin).toBe(app);
  });
});

describe("what needs no person", () => {
  it("answers every heartbeat at once", () => {
    const channel = open();
    send(channel, call("icrc29_status", undefined, "a"));
    send(channel, delegation("b"));
    send(channel, call("icrc29_status", undefined, 3));
    expect(opener.posted.slice(1)).toEqual([
      { message: { jsonrpc: "2.0", id: "a", result: "ready" }, target: app },
      { message: { jsonrpc: "2.0", id: 3, result: "ready" }, target: app },
    ]);
  });

  it("names the standards", () => {
    const channel = open();
    send(channel, call("icrc25_supported_standards", { icrc95DerivationOrigin: app }));
    const supportedStandards = opener.last?.message.result.supportedStandards;
    expect(supportedStandards.map((s: { name: string }) => s.name)).toEqual([
      "ICRC-25",
      "ICRC-29",
      "ICRC-34",
      "ICRC-95",
    ]);
  });

  it("grants the one permission there is", () => {
    const granted = { scopes: [{ scope: { method: "icrc34_delegation" }, state: "granted" }] };
    const channel = open();
    send(channel, call("icrc25_permissions"));
    expect(opener.last?.message.result).toEqual(granted);
    send(channel, call("icrc25_request_permissions", { scopes: [{ method: "icrc27_accounts" }] }));
    expect(opener.last?.message.result).toEqual(granted);
    for (const params of [undefined, {}, { scopes: "x" }, { scopes: [null] }, { scopes: [{}] }]) {
      send(channel, call("icrc25_request_permissions", params));
      expect(opener.last?.message.error.code).toBe(-32602);
    }
  });

  it("refuses unknown methods", () => {
    const channel = open();
    send(channel, call("icrc49_call_canister", {}, "x"));
    expect(opener.last).toEqual({
      message: {
        jsonrpc: "2.0",
        id: "x",
        error: { code: -32601, message: "The method icrc49_call_canister is not supported." },
      },
      target: app,
    });
    expect(channel.current).toBeUndefined();
  });
});

describe("delegation requests", () => {
  it("reads JSON-RPC", () => {
    const channel = open();
    send(
      channel,
      delegation(7, {
        maxTimeToLive: "60000000000",
        targets: ["aaaaa-aa"],
        icrc95DerivationOrigin: "https://main.example",
      }),
    );
    expect(channel.current).toEqual({
      address: { protocol: "icrc", id: 7 },
      origin: app,
      request: {
        sessionPublicKey: key,
        maxTimeToLive: 60_000_000_000n,
        derivationOrigin: "https://main.example",
      },
    });
  });

  it("reads legacy messages, with what older clients add", () => {
    const channel = open();
    send(
      channel,
      legacy({
        maxTimeToLive: 60_000_000_000n,
        allowPinAuthentication: true,
        autoSelectionPrincipal: "aaaaa-aa",
        derivationOrigin: "https://main.example",
      }),
    );
    expect(channel.current).toEqual({
      address: { protocol: "legacy" },
      origin: app,
      request: {
        sessionPublicKey: key,
        maxTimeToLive: 60_000_000_000n,
        derivationOrigin: "https://main.example",
      },
    });
  });

  it.each([
    ["a bad TTL", { maxTimeToLive: "soon" }, { maxTimeToLive: -1 }],
    ["a trailing slash", { icrc95DerivationOrigin: `${app}/` }, { derivationOrigin: `${app}/` }],
    ["no key", { publicKey: undefined }, { sessionPublicKey: undefined }],
    ["no DER", { publicKey: "AAAA" }, { sessionPublicKey: Uint8Array.of(4) }],
  ])("shows %s before it answers", (_, params, fields) => {
    for (const [data, toError] of [
      [delegation("1", params), (m: { error: object }) => m.error],
      [legacy(fields), (m: { text: string }) => ({ code: -32602, message: m.text })],
    ] as const) {
      opener = new Opener();
      const channel = open();
      send(channel, data);
      const request = channel.current?.request;
      expect(request !== undefined && isRefusal(request) && request.code).toBe(-32602);
      expect(opener.posted).toHaveLength(1);
      channel.fail(request as never);
      expect(toError(opener.last?.message)).toEqual(request);
      expect(channel.current).toBeUndefined();
    }
  });

  it("answers one after the other, in order", () => {
    const channel = open();
    let changes = 0;
    channel.onChange(() => changes++);
    send(channel, delegation("a"));
    send(channel, delegation("b"));
    send(channel, legacy());
    expect(channel.current?.address).toEqual({ protocol: "icrc", id: "a" });
    channel.succeed(delegationResult);
    expect(opener.last?.message.id).toBe("a");
    expect(channel.current?.address).toEqual({ protocol: "icrc", id: "b" });
    channel.fail({ code: 3001, message: "no" });
    expect(opener.last?.message).toEqual({
      jsonrpc: "2.0",
      id: "b",
      error: { code: 3001, message: "no" },
    });
    channel.succeed(delegationResult);
    expect(opener.last?.message.kind).toBe("authorize-client-success");
    expect(channel.current).toBeUndefined();
    const posted = opener.posted.length;
    channel.succeed(delegationResult);
    expect(opener.posted).toHaveLength(posted);
    expect(changes).toBe(7);
  });

  it("keeps a bounded number of them", () => {
    const channel = open();
    for (let id = 0; id < 20; id++) {
      send(channel, delegation(id));
    }
    const refused = opener.posted.slice(1).map(({ message }) => [message.id, message.error.code]);
    expect(refused).toEqual([
      [16, 1000],
      [17, 1000],
      [18, 1000],
      [19, 1000],
    ]);
    // One that is there already may still be repeated.
    send(channel, delegation(15));
    expect(opener.posted).toHaveLength(5);
    expect(channel.current?.address).toEqual({ protocol: "icrc", id: 0 });
  });

  it("takes a repeated request as the newest word", () => {
    const channel = open();
    send(channel, legacy());
    send(channel, legacy({ sessionPublicKey: Uint8Array.of(0x30, 9) }));
    send(channel, delegation("a"));
    send(channel, delegation("a"));
    expect(channel.current?.request).toMatchObject({ sessionPublicKey: Uint8Array.of(0x30, 9) });
    channel.succeed(delegationResult);
    channel.succeed(delegationResult);
    expect(channel.current).toBeUndefined();
  });
});

describe("answers", () => {
  it("fit JSON-RPC", () => {
    const channel = open();
    send(channel, delegation("a"));
    channel.succeed(delegationResult);
    const { message, target } = opener.last ?? {};
    expect(target).toBe(app);
    expect(JSON.parse(JSON.stringify(message))).toEqual(message);
    expect(message.result).toEqual({
      publicKey: toBase64(delegationResult.userPublicKey),
      signerDelegation: [
        {
          delegation: { pubkey: "BgYGBg==", expiration: "1700000000000000001" },
          signature: "BwcH",
        },
      ],
    });
    expect(fromBase64(message.result.publicKey)).toHaveLength(10);
  });

  it("fit legacy apps, which read whole buffers", () => {
    const channel = open();
    send(channel, legacy());
    channel.succeed(delegationResult);
    const { message, target } = opener.last ?? {};
    expect(target).toBe(app);
    expect(message.authnMethod).toBe("passkey");
    expect(message.userPublicKey.buffer.byteLength).toBe(10);
    const [{ delegation, signature }] = message.delegations;
    expect(delegation.pubkey.buffer.byteLength).toBe(4);
    expect(delegation.expiration).toBe(1_700_000_000_000_000_001n);
    expect(signature.buffer.byteLength).toBe(3);
    channel.fail({ code: 1, message: "x" });
    expect(opener.last?.message).toBe(message);
  });
});

describe("a reload", () => {
  it("takes up what is unanswered", () => {
    const first = open();
    send(
      first,
      delegation("a", { maxTimeToLive: "5", icrc95DerivationOrigin: "https://m.example" }),
    );
    send(first, delegation("b", { maxTimeToLive: "x" }));
    send(first, delegation("c"));
    first.succeed(delegationResult);
    opener = new Opener();
    now += 1000;
    const second = open(true);
    expect(second.origin).toBe(app);
    expect(opener.posted).toEqual([
      { message: { jsonrpc: "2.0", id: "wake-up-client", result: "ready" }, target: app },
      { message: { kind: "authorize-ready" }, target: "*" },
    ]);
    const refused = second.current?.request;
    expect(refused !== undefined && isRefusal(refused)).toBe(true);
    second.fail(refused as never);
    expect(opener.last?.message.id).toBe("b");
    expect(second.current?.request).toEqual({
      sessionPublicKey: key,
      maxTimeToLive: undefined,
      derivationOrigin: undefined,
    });
    second.succeed(delegationResult);
    expect(opener.last?.message.id).toBe("c");
    expect(storage.map.size).toBe(0);
  });

  it("does not take up what belongs to an earlier visit", () => {
    send(open(), delegation("a"));
    expect(open(false).current).toBeUndefined();
    expect(storage.map.size).toBe(0);
  });

  it("does not take up what is too old", () => {
    send(open(), delegation("a"));
    now += 10 * 60 * 1000;
    expect(open(true).current).toBeUndefined();
  });

  it.each([
    "",
    "x",
    "{}",
    "[]",
    '{"now":1000000}',
    '{"now":1000000,"entries":[{}]}',
    '{"now":1000000,"entries":[{"address":{"protocol":"legacy"},"origin":"x","request":{"code":1}}]}',
    '{"now":1000000,"entries":[{"address":{"protocol":"icrc","id":null},"origin":"https://app.example","request":{"code":1}}]}',
    '{"now":1000000,"entries":[{"address":{},"origin":"https://app.example","request":{"code":1}}]}',
    '{"now":"soon","entries":[]}',
  ])("survives a storage that holds %j", (text) => {
    storage.map.set("ii:unanswered", text);
    const channel = open(true);
    expect(channel.current).toBeUndefined();
    expect(channel.origin).toBeUndefined();
  });
});
