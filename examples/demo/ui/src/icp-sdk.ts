import { AuthClient } from "@icp-sdk/auth/client";
import { DelegationIdentity } from "@icp-sdk/core/identity";
import type { SignIn } from "./session";

// Sign in with @icp-sdk/auth: JSON-RPC over window messages (ICRC-29, ICRC-34).
export const signInWithIcpSdk: SignIn = async (options) => {
  const client = new AuthClient({
    identityProvider: `${options.identityProvider}/authorize`,
    derivationOrigin: options.derivationOrigin,
    idleOptions: { disableIdle: true },
  });
  const identity = await client.signIn({ maxTimeToLive: options.maxTimeToLive });
  if (!(identity instanceof DelegationIdentity)) {
    throw new Error("the sign-in returned no delegation");
  }
  const chain = identity.getDelegation();
  return {
    chain: chain.toJSON(),
    expiration: chain.delegations[0].delegation.expiration,
    sign: (message) => identity.sign(message),
    signOut: () => client.signOut(),
  };
};
