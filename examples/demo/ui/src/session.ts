// What a sign-in gives an app, whichever client library made it.
export interface Session {
  // The delegation chain in the ecosystem's JSON form: from the person's key
  // for this origin to the session key that this browser holds.
  chain: unknown;
  // Signs with the session key. Only the holder of the chain can do it.
  sign(message: Uint8Array): Promise<Uint8Array>;
  signOut(): Promise<void>;
}

export interface SignInOptions {
  identityProvider: string;
  // Nanoseconds.
  maxTimeToLive: bigint;
  // Another origin of the same app, whose principals are wanted.
  derivationOrigin?: string;
}

export interface Library {
  // To be called in a click handler, before anything is awaited: browsers open
  // a window only then.
  signIn(options: SignInOptions): Promise<Session>;
  // The session of an earlier visit, if it has not expired.
  restore(): Promise<Session | undefined>;
}
