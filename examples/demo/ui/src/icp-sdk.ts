import { AuthClient } from "@icp-sdk/auth/client";
import { DelegationIdentity } from "@icp-sdk/core/identity";
import type { Library, Session } from "./session";

// The library's own rule is to sign people out when they do nothing for ten
// minutes. Here the delegation's end is the only one.
const idleOptions = { disableIdle: true };

// Sign in with @icp-sdk/auth: JSON-RPC over window messages (ICRC-29, ICRC-34).
export const icpSdk: Library = {
  async signIn({ identityProvider, derivationOrigin, maxTimeToLive }) {
    const client = new AuthClient({
      identityProvider: `${identityProvider}/authorize`,
      derivationOrigin,
      idleOptions,
    });
    await client.signIn({ maxTimeToLive });
    return session(client);
  },
  async restore() {
    const client = new AuthClient({ idleOptions });
    return client.isAuthenticated() ? session(client) : undefined;
  },
};

async function session(client: AuthClient): Promise<Session> {
  const identity = await client.getIdentity();
  if (!(identity instanceof DelegationIdentity)) {
    throw new Error("the sign-in returned no delegation");
  }
  return {
    chain: identity.getDelegation().toJSON(),
    sign: (message) => identity.sign(message),
    signOut: () => client.signOut(),
  };
}
