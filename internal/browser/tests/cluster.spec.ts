import { expect, test } from "@playwright/test";
import { Authenticator } from "./authenticator";
import { Cluster } from "./cluster";
import { continueWithPasskey, createIdentity, Person, pressContinue, signOut } from "./person";

// A person signs in to the demo app of a cluster while one machine after
// another is killed. The chain is checked against the cluster's root key, by
// the published agent and by the app.
test("a cluster signs people in whichever machine is away", async ({ context }) => {
  test.setTimeout(180_000);
  const cluster = await Cluster.start();
  try {
    const key = await cluster.rootKey();
    const ada = new Person(context, new Authenticator(), cluster);
    const demo = await ada.openDemo();
    let window = await ada.pressSignIn(demo);
    await continueWithPasskey(window);
    await createIdentity(window, "Ada");
    await pressContinue(window);
    const { principal } = await ada.signedIn(demo);
    for (const away of [1, 2, 3]) {
      await cluster.kill(away);
      await signOut(demo);
      await demo.reload();
      window = await ada.pressSignIn(demo);
      await pressContinue(window);
      expect((await ada.signedIn(demo)).principal).toBe(principal);
      cluster.run(away);
      await cluster.healthy(away);
      expect(await cluster.rootKey(away)).toEqual(key);
    }
  } finally {
    await cluster.discard();
  }
});
