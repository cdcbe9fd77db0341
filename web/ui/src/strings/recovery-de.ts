// The German texts of recovery.ts.

import type { Texts } from "../language";
import type { recoveryEn } from "./recovery";

export const recoveryDe: Texts<typeof recoveryEn> = {
  title: "Notfall",
  text: "Für den Tag, an dem alle Passkeys weg sind. Niemand sonst kann Sie wieder hineinlassen, auch nicht die Menschen, die diesen Dienst betreiben.",

  phrase: {
    title: "Wiederherstellungsphrase",
    text: "24 Wörter auf Papier. Sie öffnen diese Identität von jedem Gerät aus, ohne ihre Nummer.",
    none: "Nicht eingerichtet",
    unproven: "Nicht geprüft",
    unprovenText: "Noch weiß niemand, ob Sie sie richtig aufgeschrieben haben.",
    active: "Eingerichtet",
    isLocked: "Gesperrt",
    activate: "Einrichten",
    verify: "Prüfen",
    reset: "Ersetzen",
    unlockReset: "Entsperren und ersetzen",
    lock: "Sperren",
    unlock: "Entsperren",
    locked: "Die Wiederherstellungsphrase ist gesperrt.",
    unlocked: "Die Wiederherstellungsphrase ist nicht mehr gesperrt.",
    proven: "Die Wiederherstellungsphrase funktioniert.",
    resetTitle: "Sind Sie sicher?",
    resetText:
      "Die alten 24 Wörter gelten sofort und endgültig nicht mehr. Sie bekommen neue, die Sie wieder aufschreiben müssen.",
    lockTitle: "Wiederherstellungsphrase sperren?",
    lockText:
      "Dann kann sie nur noch ändern oder entfernen, wer ihre 24 Wörter eingibt. Das schützt sie vor allen, die eines Ihrer Geräte in die Hand bekommen. Ohne die Wörter können auch Sie sie nicht mehr ändern.",
  },

  key: {
    title: "Sicherheitsschlüssel",
    text: "Ein YubiKey oder ein anderer Schlüssel, den Sie nur dafür an einem sicheren Ort aufheben.",
    add: "Sicherheitsschlüssel hinzufügen",
    adding: "Warten auf den Schlüssel ...",
    remember: (number: string) =>
      `Um ihn zu benutzen, brauchen Sie auch die Nummer der Identität: ${number}.`,
    removeText: (name: string) => `${name} öffnet diese Identität dann nicht mehr.`,
    remove: "Sicherheitsschlüssel entfernen",
  },

  before: {
    title: "Bevor es weitergeht",
    lines: [
      "Wer diese Wörter hat, hat alles: jedes Konto in jeder App.",
      "Schreiben Sie sie auf Papier. Kein Foto, keine Mail, keine Cloud.",
      "Sie werden ein einziges Mal gezeigt. Verlorene Wörter lassen sich nur ersetzen, solange Sie einen anderen Zugang haben.",
    ],
    acknowledge: "Ich habe verstanden",
    continue: "Weiter",
    making: "Die Wörter entstehen ...",
  },

  words: {
    title: "Schreiben Sie Ihre Wiederherstellungsphrase auf",
    text: "Schreiben Sie die Wörter in dieser Reihenfolge auf und vergleichen Sie sie noch einmal.",
    reveal: "Zum Zeigen klicken",
    list: "Wiederherstellungsphrase",
    written: "Ich habe sie aufgeschrieben",
    later: "Vorerst verlassen",
  },

  order: {
    title: "Prüfen Sie Ihre Wiederherstellungsphrase",
    text: "Drücken Sie die Wörter in ihrer Reihenfolge, nach Ihren Notizen.",
    progress: (count: number) => `${count} von 24`,
    chosen: "Bisher gewählt",
    choices: "Wörter",
    undo: "Das letzte zurücknehmen",
    checking: "Wird geprüft ...",
  },

  wrong: {
    title: "Da stimmt etwas nicht!",
    text: "Das ist nicht die Reihenfolge Ihrer Phrase. Vergleichen Sie Ihre Notizen noch einmal mit den Wörtern.",
    retry: "Noch einmal",
  },

  type: {
    title: {
      verify: "Prüfen Sie Ihre Wiederherstellungsphrase",
      reset: "Entsperren und ersetzen",
      unlock: "Entsperren",
    },
    text: {
      verify: "Geben Sie die Wörter aus Ihren Notizen ein.",
      reset: "Die Phrase ist gesperrt: Geben Sie ihre Wörter ein, um neue zu bekommen.",
      unlock: "Geben Sie die Wörter der Phrase ein, um sie zu entsperren.",
    },
    word: (number: number) => `Wort ${number}`,
    clear: "Alle löschen",
    submit: "Absenden",
    checking: "Wird geprüft ...",
    unknown: "Dieses Wort gibt es in Wiederherstellungsphrasen nicht.",
    invalid:
      "Diese 24 Wörter sind keine Wiederherstellungsphrase. Suchen Sie nach einem falschen Wort oder einer falschen Reihenfolge.",
    other: "Das ist die Wiederherstellungsphrase einer anderen Identität oder eine alte.",
    paste: "Sie können alle Wörter auf einmal einfügen.",
  },

  recover: {
    title: "Identität wiederherstellen",
    text: "Ein Zugang, den Sie noch haben, genügt.",
    phrase: "Mit der Phrase",
    phraseText: "Die 24 Wörter aus Ihren Notizen.",
    device: "Mit einem anderen Gerät",
    deviceText: "Eines, das sich noch anmelden kann, lässt dieses hinein.",
    key: "Mit einem Sicherheitsschlüssel",
    keyText:
      "Ein Sicherheitsschlüssel oder ein altes Gerät, zusammen mit der Nummer Ihrer Identität.",
    nothing: "Ohne all das kann niemand die Identität wiederherstellen.",
    phraseTitle: "Mit der Phrase wiederherstellen",
    phraseBody: "Geben Sie die Wörter in ihrer Reihenfolge ein.",
  },

  number: {
    title: "Los geht es",
    text: "Mit der Nummer kann dieses Gerät Ihren Sicherheitsschlüssel oder alten Passkey fragen.",
    label: "Nummer der Internet Identity",
    continue: "Weiter",
    waiting: "Warten auf den Schlüssel ...",
    invalid: "Die Nummer einer Identität hat nur Ziffern, etwa 10042.",
  },

  none: {
    title: "Keine Identität gefunden",
    phrase:
      "Diese Wörter sind eine Wiederherstellungsphrase, aber keiner Identität hier. Vielleicht wurde sie ersetzt.",
    number:
      "Zu dieser Nummer gibt es keine Identität mit einem Schlüssel, der gefragt werden könnte.",
    again: "Noch einmal versuchen",
  },

  found: {
    title: "Ihre Identität ist gefunden",
    text: "Geben Sie ihr jetzt einen Passkey auf diesem Gerät, damit Sie das nicht noch einmal brauchen.",
    number: "Nummer der Identität",
    name: "Name der Identität",
    create: "Hier einen Passkey anlegen",
    creating: "Passkey wird angelegt ...",
    skip: "Ohne weiter",
  },

  upgrade: {
    ask: "Noch eine Identität mit Nummer?",
    link: "Umstellen",
    text: "Nehmen Sie Ihre Identität aus der Zeit der Nummern mit. Ihre Principals bleiben in allen Apps gleich.",
    already: "Schon umgestellt",
    alreadyText:
      "Die Identität hat einen Namen und meldet sich ohne Nummer an. Einen weiteren Passkey können Sie trotzdem anlegen.",
    again: "Noch einmal umstellen",
    title: "Identität umstellen",
    titleText: "Sie bekommt einen Namen und einen Passkey, der keine Nummer braucht.",
    action: "Identität umstellen",
    doing: "Wird umgestellt ...",
    doneTitle: "Identität umgestellt",
    doneText: "Von jetzt an genügt Ihr Passkey.",
    continue: "Weiter",
  },
};
