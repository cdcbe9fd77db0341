// The texts about losing access, before and after.

import { pick } from "../language";
import { recoveryDe } from "./recovery-de";

export const recoveryEn = {
  title: "Recovery",
  text: "For the day when every passkey is gone. Nobody else can let you back in, not even the people who run this service.",

  phrase: {
    title: "Recovery phrase",
    text: "24 words on paper. They open this identity from any device, without its number.",
    none: "Not activated",
    unproven: "Not verified",
    unprovenText: "Nobody knows yet whether you have written it down correctly.",
    active: "Activated",
    isLocked: "Locked",
    activate: "Activate",
    verify: "Verify",
    reset: "Reset",
    unlockReset: "Unlock and reset",
    lock: "Lock",
    unlock: "Unlock",
    locked: "The recovery phrase is locked.",
    unlocked: "The recovery phrase is no longer locked.",
    proven: "The recovery phrase works.",
    resetTitle: "Are you sure?",
    resetText:
      "The old 24 words stop working at once and for good. You get new ones, to be written down again.",
    lockTitle: "Lock the recovery phrase?",
    lockText:
      "Then it can be changed or removed only by somebody who enters its 24 words. That protects it from whoever gets hold of one of your devices. Without the words you cannot change it either.",
  },

  key: {
    title: "Security key",
    text: "A YubiKey or another key that you keep in a safe place, just for this.",
    add: "Add security key",
    adding: "Waiting for the key...",
    remember: (number: string) => `To use it you also need the identity number: ${number}.`,
    removeText: (name: string) => `${name} will no longer open this identity.`,
    remove: "Remove security key",
  },

  before: {
    title: "Before you continue",
    lines: [
      "Anybody with these words has everything: every account in every app.",
      "Write them on paper. Not in a photo, not in a mail, not in the cloud.",
      "They are shown once. Lost words can be replaced only while you have another way in.",
    ],
    acknowledge: "I acknowledge",
    continue: "Continue",
    making: "Making the words...",
  },

  words: {
    title: "Save your recovery phrase",
    text: "Write the words down in this order, and look once more whether they are right.",
    reveal: "Click to reveal",
    list: "Recovery phrase",
    written: "I have written it down",
    later: "Leave for now",
  },

  order: {
    title: "Verify your recovery phrase",
    text: "Press the words in their order, from your notes.",
    progress: (count: number) => `${count} of 24`,
    chosen: "Chosen so far",
    choices: "Words",
    undo: "Take the last one back",
    checking: "Checking...",
  },

  wrong: {
    title: "Something is wrong!",
    text: "This is not the order of your phrase. Compare your notes with the words once more.",
    retry: "Retry",
  },

  type: {
    title: { verify: "Verify your recovery phrase", reset: "Unlock and reset", unlock: "Unlock" },
    text: {
      verify: "Enter the words from your notes.",
      reset: "The phrase is locked: enter its words to get new ones.",
      unlock: "Enter the words of the phrase to unlock it.",
    },
    word: (number: number) => `Word ${number}`,
    clear: "Clear all",
    submit: "Submit",
    checking: "Checking...",
    unknown: "There is no such word in recovery phrases.",
    invalid: "These 24 words are no recovery phrase. Look for a wrong word or a wrong order.",
    other: "This is the recovery phrase of another identity, or an old one.",
    paste: "You can paste all the words at once.",
  },

  recover: {
    title: "Recover your identity",
    text: "Any way in that you still have is enough.",
    phrase: "Recover with phrase",
    phraseText: "The 24 words from your notes.",
    device: "Use another device",
    deviceText: "One that can still sign in lets this one in.",
    key: "Recover with security key",
    keyText: "A security key or an old device, together with your identity number.",
    nothing: "Without any of these, nobody can restore the identity.",
    phraseTitle: "Recover with phrase",
    phraseBody: "Enter the words in their order.",
  },

  number: {
    title: "Let's get started",
    text: "With the number, this device can ask your security key or old passkey.",
    label: "Internet Identity number",
    continue: "Continue",
    waiting: "Waiting for the key...",
    invalid: "An identity number has digits only, like 10042.",
  },

  none: {
    title: "No identity found",
    phrase: "These words are a recovery phrase, but of no identity here. It may have been reset.",
    number: "There is no identity of this number with a key that could be asked.",
    again: "Try again",
  },

  found: {
    title: "We have found your identity",
    text: "Give it a passkey on this device now, so that you need not do this again.",
    number: "Identity number",
    name: "Identity name",
    create: "Create a passkey here",
    creating: "Creating passkey...",
    skip: "Continue without one",
  },

  upgrade: {
    ask: "Still have an identity number?",
    link: "Upgrade",
    text: "Bring your identity from the time of numbers along. Its principals in all apps stay the same.",
    already: "Identity already upgraded",
    alreadyText:
      "It has a name and can sign in without its number. You can add another passkey anyway.",
    again: "Upgrade again",
    title: "Upgrade identity",
    titleText: "It gets a name and a passkey that needs no number.",
    action: "Upgrade identity",
    doing: "Upgrading...",
    doneTitle: "Identity upgraded",
    doneText: "From now on your passkey is enough.",
    continue: "Continue",
  },
} as const;

export const r = pick({ en: recoveryEn, de: recoveryDe });
