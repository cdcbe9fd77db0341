// What a sign-in gives an app, whichever client library made it.
export interface Session {
  // The delegation chain in the ecosystem's JSON form: from the person's key
  // for this origin to the session key that this browser holds.
  chain: unknown;
  // When the chain stops working, in nanoseconds since 1970.
  expiration: bigint;
  // Signs with the session key. Only the holder of the chain can do it.
  sign(message: Uint8Array): Promise<Uint8Array>;
  signOut(): Promise<void>;
}

export interface SignInOptions {
  identityProvider: string;
  // Nanoseconds.
  maxTimeToLive: bigint;
  derivationOrigin?: string;
}

// signIn must be called directly in a click handler: browsers open a window
// only then.
export type SignIn = (options: SignInOptions) => Promise<Session>;
