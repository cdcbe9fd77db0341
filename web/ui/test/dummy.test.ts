import { Ed25519PublicKey } from "@icp-sdk/core/identity";
import { describe, expect, it } from "vitest";
import { decodeConfig } from "../src/backend/config";
import { toHex } from "../src/bytes";
import { dummyKeys, seedOf } from "../src/crypto/dummy";
import { PasskeyError } from "../src/crypto/passkey";

describe("dummy keys", () => {
  it("follow from their index", async () => {
    expect(toHex(seedOf(258n))).toBe(`0000000000000102${"0".repeat(48)}`);
    const { publicKey, credentialId } = await dummyKeys(() => undefined).create("Test");
    expect(credentialId).toEqual(new Uint8Array(32));
    expect(toHex(Ed25519PublicKey.fromDer(publicKey as never).toRaw())).toBe(
      "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
    );
  });

  it("are asked for if need be", async () => {
    const seven = dummyKeys(() => " 7 ");
    expect((await seven.sign(Uint8Array.of(1), [])).credentialId).toEqual(seedOf(7n));
    expect((await seven.sign(Uint8Array.of(1), [])).signature).toHaveLength(64);
  });

  it.each([null, "", "seven", "-1", "1.5", "18446744073709551616"])(
    "are not made of %s",
    async (answer) => {
      const keys = dummyKeys(() => answer);
      await expect(keys.create("Test")).rejects.toThrow(PasskeyError);
      await expect(keys.sign(Uint8Array.of(1), [])).rejects.toThrow(PasskeyError);
    },
  );
});

describe("the page's configuration", () => {
  it("is nothing unless somebody filled it in", () => {
    expect(decodeConfig("")).toEqual({ dummyAuth: undefined });
    expect(decodeConfig("{{canister_config}}")).toEqual({ dummyAuth: undefined });
  });

  it("that cannot be read is an error, and no silent passkey", () => {
    expect(() => decodeConfig(btoa("DIDL"))).toThrow();
  });
});
