import { AuthClient } from "@dfinity/auth-client";
import { DelegationIdentity } from "@dfinity/identity";
import type { SignIn } from "./session";

// AuthClient.create is asynchronous, and a window may be opened only in the
// click itself: so the client is made when the page loads, and again after
// signing out, since a client keeps its session key for as long as it lives.
let client: AuthClient | undefined;
async function prepare(): Promise<void> {
  client = undefined;
  client = await AuthClient.create({ idleOptions: { disableIdle: true } });
}
void prepare();

// Sign in with @dfinity/auth-client: the legacy window messages.
export const signInWithDfinity: SignIn = (options) =>
  new Promise((resolve, reject) => {
    const auth = client;
    if (auth === undefined) {
      reject(new Error("the client library is still loading, try again"));
      return;
    }
    void auth.login({
      identityProvider: options.identityProvider,
      maxTimeToLive: options.maxTimeToLive,
      derivationOrigin: options.derivationOrigin,
      onError: (text) => reject(new Error(text ?? "the sign-in failed")),
      onSuccess: () => {
        const identity = auth.getIdentity();
        if (!(identity instanceof DelegationIdentity)) {
          reject(new Error("the sign-in returned no delegation"));
          return;
        }
        const chain = identity.getDelegation();
        resolve({
          chain: chain.toJSON(),
          expiration: chain.delegations[0].delegation.expiration,
          sign: (message) => identity.sign(message as never),
          signOut: async () => {
            await auth.logout();
            await prepare();
          },
        });
      },
    });
  });
