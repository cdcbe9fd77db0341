// The texts of the screens where a person manages their identity.

import { pick } from "../language";
import { manageDe } from "./manage-de";

export const manageEn = {
  nav: {
    label: "Your identity",
    home: "Home",
    access: "Access methods",
    accessShort: "Access",
    recovery: "Recovery",
    apps: "Apps",
    history: "History",
  },
  signOut: "Sign out",
  signOutForget: "Sign out and forget on this device",
  cancel: "Cancel",
  save: "Save changes",
  saving: "Saving...",
  tryAgain: "Try again",
  loading: "One moment",

  gate: {
    title: (name: string) => `Continue as ${name}`,
    text: "Your passkey shows that it is you. Only then can anything be seen or changed here.",
    open: "Continue with passkey",
    opening: "Authenticating...",
    lost: "Lost access to your identity?",
    recover: "Recover",
  },

  home: {
    title: (name: string) => `Welcome, ${name}.`,
    identity: "Identity",
    name: "Name",
    number: "Identity number",
    numberText: "You never need it to sign in. Keep it for the recovery with a security key.",
    since: "Created",
    rename: "Rename identity",
    renameTitle: "Rename identity",
    renamed: "Your identity has a new name.",
    aloneTitle: "One lost device, and this identity is lost",
    aloneText:
      "There is only one way into it. Without that passkey nobody can get back into your accounts in any app: not you, and not the people who run this service. A second way in takes a minute.",
    alonePhrase: "Write down a recovery phrase",
    aloneDevice: "Add another device",
    safeTitle: "You can get back in",
    safeText: (ways: number) =>
      `There are ${ways} ways into this identity. Losing one of them is no harm.`,
    safeLink: "See them all",
  },

  access: {
    title: "Access methods",
    text: "Each of these signs you in by itself, everywhere.",
    passkey: "Passkey",
    key: "Other key",
    unknown: "Unknown",
    lastUsed: (when: string) => `Last used ${when}`,
    never: "Not used yet",
    now: "Right now",
    add: "Add new",
    full: "No more passkeys can be kept.",
    options: "More options",
    optionsOf: (name: string) => `More options: ${name}`,
    rename: "Rename",
    remove: "Remove",
    addTitle: "Add a way in",
    addHere: "A passkey here",
    addHereText: "On this device, in your password manager or on your phone nearby.",
    addThere: "Another device",
    addThereText: "With a code that goes from here to there, over any distance.",
    adding: "Creating passkey...",
    added: (name: string) => `${name} was added.`,
    renameTitle: "Rename passkey",
    label: "Passkey name",
    renamed: (name: string) => `It is called ${name} now.`,
    removeTitle: "Are you sure?",
    removeText: (name: string) =>
      `${name} will no longer open this identity. That cannot be undone.`,
    removeNow: "You are currently signed in with it, so you will be signed out here.",
    removeLeft: (ways: number) =>
      ways === 1
        ? "One way in is left then. Lose that, and this identity is lost with everything in it."
        : `${ways} ways in are left then.`,
    removeAction: "Remove passkey",
    removing: "Removing...",
    removed: (name: string) => `${name} was removed.`,
    last: "The only way in cannot be removed.",
    recoveryTitle: "For the worst day",
    recoveryText: "A recovery phrase or a security key lets you back in when every device is gone.",
    recoveryLink: "Recovery",
  },

  apps: {
    title: "Apps",
    text: "Where this identity has signed in. Each app knows you by an identity of its own.",
    none: "No app has seen you yet.",
    noneText: "Sign in somewhere, and the app will be listed here.",
    lastUsed: (when: string) => `Last used ${when}`,
    show: "Accounts at",
    accounts: "Accounts",
    standard: "Default",
    unnamed: "My account",
    edit: (name: string) => `Rename ${name}`,
    renameTitle: "Rename account",
    label: "Account name",
    renamed: (name: string) => `The account is called ${name} now.`,
  },

  history: {
    title: "History",
    text: "Every change to this identity, newest first. Nobody but you can read this.",
    none: "Nothing has been changed yet.",
    more: "Show more",
    with: (method: string) => `with ${method}`,
    operations: {
      register_anchor: "Identity created",
      add_device: (method: string) => `${method || "A way in"} added`,
      update_device: (method: string) => `${method || "A way in"} changed`,
      replace_device: (method: string) =>
        method === "" ? "A way in replaced" : `Replaced by ${method}`,
      remove_device: "A way in removed",
      identity_metadata_replace: "Details changed",
      add_name: "Name given",
      update_name: "Name changed",
      remove_name: "Name removed",
      create_account: "Account added in an app",
      update_account: "Account changed in an app",
      set_default_account: "Default account of an app chosen",
      other: "Something else changed",
    },
  },

  problems: {
    empty: "Please enter a name.",
    long: "This name is too long.",
    full: "There is no room for more in this identity.",
    used: "This passkey opens another identity already.",
    gone: "This way in is no longer there.",
    refused: "The service did not accept this. Please try again.",
    other: "This passkey belongs to another identity. Choose that one first.",
  },
} as const;

export const m = pick({ en: manageEn, de: manageDe });
