import { Cbor as AgentCbor } from "@icp-sdk/core/agent";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../src/bytes";
import {
  MalformedAttestation,
  readAttestation,
  readAuthenticatorData,
} from "../src/crypto/authenticator";
import {
  type Cbor,
  decodeFirst,
  encodeBytes,
  encodeInt,
  encodeMap,
  encodeText,
  MalformedCbor,
} from "../src/crypto/cbor";
import { canonicalCose, EdDSA, ES256, encodeDer, RS256, UnsupportedKey } from "../src/crypto/cose";
import { encodeAssertion } from "../src/crypto/envelope";
import { providerName } from "../src/crypto/providers";

const hex = (text: string) =>
  Uint8Array.from(text.match(/../g) ?? [], (b) => Number.parseInt(b, 16));
const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte);

function cose(entries: [number, number | Uint8Array][]): Uint8Array {
  return encodeMap(
    entries.map(([label, value]) => [
      encodeInt(label),
      typeof value === "number" ? encodeInt(value) : encodeBytes(value),
    ]),
  );
}

const es256 = cose([
  [1, 2],
  [3, ES256],
  [-1, 1],
  [-2, fill(32, 0xaa)],
  [-3, fill(32, 0xbb)],
]);
const eddsa = cose([
  [1, 1],
  [3, EdDSA],
  [-1, 6],
  [-2, fill(32, 0xcc)],
]);
const rs256 = cose([
  [1, 3],
  [3, RS256],
  [-1, fill(256, 0xdd)],
  [-2, hex("010001")],
]);

describe("CBOR", () => {
  // RFC 8949, appendix A.
  it.each<[string, Cbor]>([
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["1903e8", 1000],
    ["1a000f4240", 1_000_000],
    ["1b000000e8d4a51000", 1_000_000_000_000],
    ["20", -1],
    ["3903e7", -1000],
    ["f4", false],
    ["f5", true],
    ["f6", null],
    ["40", fill(0, 0)],
    ["4401020304", hex("01020304")],
    ["6449455446", "IETF"],
    ["62c3bc", "ü"],
    ["83010203", [1, 2, 3]],
    ["8301820203820405", [1, [2, 3], [4, 5]]],
    [
      "a201020304",
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    [
      "a26161016162820203",
      new Map<string, Cbor>([
        ["a", 1],
        ["b", [2, 3]],
      ]),
    ],
    ["c11a514b67b0", 1363896240],
  ])("reads %s", (text, expected) => {
    expect(decodeFirst(hex(text))).toEqual({ value: expected, end: text.length / 2 });
  });

  it.each([
    "",
    "18",
    "42ff",
    "5f42010243030405ff",
    "9fff",
    "61ff",
    "a1f500",
    "f97e00",
    "1bffffffffffffffff",
    "9bffffffffffffffff",
    "81".repeat(12),
  ])("refuses %s", (text) => {
    expect(() => decodeFirst(hex(text))).toThrow();
  });

  it("says where the next item begins", () => {
    expect(decodeFirst(hex("0102")).end).toBe(1);
  });

  it("writes what it reads", () => {
    for (const n of [0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, -1, -24, -25, -257]) {
      expect(decodeFirst(encodeInt(n)).value).toBe(n);
    }
    for (const length of [0, 23, 24, 255, 256, 70_000]) {
      expect(decodeFirst(encodeBytes(fill(length, 1))).value).toEqual(fill(length, 1));
    }
    expect(decodeFirst(encodeText("ünï")).value).toBe("ünï");
    expect(MalformedCbor.prototype).toBeInstanceOf(Error);
  });
});

describe("COSE keys", () => {
  it("have the usual sizes", () => {
    expect(es256).toHaveLength(77);
    expect(encodeDer(es256)).toHaveLength(96);
  });

  it("become DER, known answers", () => {
    expect(toHex(encodeDer(es256))).toBe(
      `305e300c060a2b0601040183b8430101034e00a5010203262001215820${"aa".repeat(32)}225820${"bb".repeat(32)}`,
    );
    expect(toHex(encodeDer(eddsa))).toBe(
      `303b300c060a2b0601040183b8430101032b00a4010103272006215820${"cc".repeat(32)}`,
    );
    expect(toHex(encodeDer(rs256))).toBe(
      `30820123300c060a2b0601040183b843010103820111` +
        `00a401030339010020590100${"dd".repeat(256)}2143010001`,
    );
  });

  it("keep only what says which key it is", () => {
    for (const key of [es256, eddsa, rs256]) {
      expect(canonicalCose(key)).toEqual(key);
      const { value } = decodeFirst(key);
      const entries = [...(value as Map<number, number | Uint8Array>)];
      const shuffled = cose([[2, fill(3, 1)], [4, 7], ...entries.reverse(), [-70, 1]]);
      expect(canonicalCose(shuffled)).toEqual(key);
    }
  });

  it("must be of a supported kind", () => {
    for (const bad of [
      cose([
        [1, 2],
        [3, -35],
        [-1, 2],
        [-2, fill(48, 1)],
        [-3, fill(48, 1)],
      ]),
      cose([
        [1, 3],
        [3, -37],
        [-1, fill(256, 1)],
        [-2, hex("010001")],
      ]),
      cose([
        [1, 1],
        [3, ES256],
        [-1, 6],
        [-2, fill(32, 1)],
      ]),
      cose([
        [1, 2],
        [3, ES256],
        [-1, 1],
        [-2, fill(32, 1)],
      ]),
      cose([]),
      hex("01"),
    ]) {
      expect(() => canonicalCose(bad)).toThrow(UnsupportedKey);
    }
  });
});

describe("attestations", () => {
  const aaguid = hex("01020304050607080102030405060708");
  const data = (flags: number, id: Uint8Array, rest: Uint8Array, guid = aaguid) =>
    concat(
      fill(32, 1),
      Uint8Array.of(flags),
      fill(4, 0),
      guid,
      Uint8Array.of(id.length >> 8, id.length & 255),
      id,
      rest,
    );

  it("lead to the key and the maker", () => {
    const auth = data(0x45, fill(300, 9), es256);
    const object = AgentCbor.encode({ fmt: "none", attStmt: {}, authData: auth });
    expect(readAttestation(new Uint8Array(object))).toEqual({ aaguid, cose: es256 });
  });

  it("may have extensions after the key, and no maker", () => {
    const auth = data(0xc5, fill(16, 9), concat(rs256, hex("a0")), fill(16, 0));
    expect(readAuthenticatorData(auth)).toEqual({ aaguid: undefined, cose: rs256 });
  });

  it("must contain a credential", () => {
    expect(() => readAuthenticatorData(data(0x05, fill(16, 9), es256))).toThrow(
      MalformedAttestation,
    );
    expect(() => readAuthenticatorData(fill(40, 0xff))).toThrow(MalformedAttestation);
    expect(() => readAuthenticatorData(data(0x45, fill(16, 9), fill(0, 0)))).toThrow();
    expect(() => readAttestation(hex("a0"))).toThrow(MalformedAttestation);
  });
});

describe("signatures", () => {
  it("travel in the Internet Computer's envelope", () => {
    const clientData = '{"type":"webauthn.get","challenge":"AAA","origin":"https://ii.example"}';
    const envelope = encodeAssertion({
      authenticatorData: fill(37, 1),
      clientDataJSON: new TextEncoder().encode(clientData),
      signature: fill(70, 2),
    });
    expect(toHex(envelope.subarray(0, 4))).toBe("d9d9f7a3");
    expect(AgentCbor.decode(envelope)).toEqual({
      authenticator_data: fill(37, 1),
      client_data_json: clientData,
      signature: fill(70, 2),
    });
  });
});

describe("makers of passkeys", () => {
  it("have names where they are known", () => {
    expect(providerName(hex("fbfc3007154e4ecc8c0b6e020557d7bd"))).toBe("Apple Passwords");
    expect(providerName(hex("ee882879721c491397753dfcce97072a"))).toBe("YubiKey");
    expect(providerName(fill(16, 3))).toBeUndefined();
    expect(providerName(undefined)).toBeUndefined();
  });
});
