// Recovery phrases: 24 words of BIP-39 that lead to one Ed25519 key by
// SLIP-0010, at the path that wallets use for the Internet Computer.

import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { generateMnemonic, mnemonicToSeed, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { concat, owned } from "../bytes";

export const phraseLength = 24;

// Bits of entropy: 24 words.
const strength = 256;

// m/44'/223'/0'/0'/0'
const path = [44, 223, 0, 0, 0];
const hardened = 0x8000_0000;

export function newPhrase(): string[] {
  return generateMnemonic(wordlist, strength).split(" ");
}

// The words of a text: in lower case, without the identity number that older
// versions wrote before them.
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => /^[a-z]+$/.test(word));
}

export function isWord(word: string): boolean {
  return wordlist.includes(word);
}

// The list that words are from, to help with typing.
export function suggestions(beginning: string): string[] {
  return beginning === "" ? [] : wordlist.filter((word) => word.startsWith(beginning)).slice(0, 4);
}

// Whether the last word, which holds a checksum, fits the others.
export function isPhrase(words: string[]): boolean {
  return words.length === phraseLength && validateMnemonic(words.join(" "), wordlist);
}

export async function keyOf(words: string[]): Promise<Ed25519KeyIdentity> {
  let node = await hmac(
    new TextEncoder().encode("ed25519 seed"),
    owned(await mnemonicToSeed(words.join(" "))),
  );
  for (const step of path) {
    const index = new Uint8Array(4);
    new DataView(index.buffer).setUint32(0, step + hardened);
    node = await hmac(node.slice(32), concat(Uint8Array.of(0), node.slice(0, 32), index));
  }
  return Ed25519KeyIdentity.fromSecretKey(node.slice(0, 32));
}

async function hmac(
  key: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey(
    "raw",
    key,
    { name: "HMAC", hash: "SHA-512" },
    false,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}
