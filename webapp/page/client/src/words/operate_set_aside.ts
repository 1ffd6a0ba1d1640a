// What an operator reads of parked aggregates and dead letters.
import type { Text } from "./words.ts";

export const en = {
  "ops.skip": "Skip",
  "ops.discard": "Discard",
  "ops.doing.skip": "Skipping…",
  "ops.doing.discard": "Discarding…",
  "ops.aggregate": "Aggregate",
  "ops.parked.about":
    "RabbitMQ would not take an event of these, eight times. They wait with all that follows; everything else flows.",
  "ops.parked.none": "Nothing is parked.",
  "ops.parked.count": { one: "{n} aggregate for this reason", other: "{n} aggregates for this reason" },
  "ops.parked.waiting": "Waiting",
  "ops.parked.events": { one: "{n} event", other: "{n} events" },
  "ops.parked.since": "Since",
  "ops.parked.retried": "Let go; it is published again. If it fails once more, it comes back here.",
  "ops.parked.skip_title": "Skip this event?",
  "ops.parked.skip_says": "The event of {what} that would not go is never published. What waits behind it follows.",
  "ops.parked.skip_then": "Readers never hear of it; it stays in the log. The reason it waits: {reason}",
  "ops.parked.skip_understood": "I know that this cannot be taken back",
  "ops.parked.skipped": "Skipped. What waited behind it follows.",
  "ops.parked.event": "The event that could not be published",
  "ops.dead.about": "Messages set aside because they can never be handled, or were tried too often.",
  "ops.dead.none": "There are no dead letters.",
  "ops.dead.about_what": "About",
  "ops.dead.died": "Set aside",
  "ops.dead.body": "Body, from {queue}",
  "ops.dead.retried": "Sent again, as its log has it by now.",
  "ops.dead.discarded": "Discarded.",
  "ops.dead.discard_title": "Discard this message?",
  "ops.dead.discard_says": "The message about {what} is forgotten and cannot be sent again from here.",
  "ops.dead.discard_then":
    "An event stays in its application's log; taskpool reconcile says whether the views lack it.",
};

export const de: Record<keyof typeof en, Text> = {
  "ops.skip": "Überspringen",
  "ops.discard": "Verwerfen",
  "ops.doing.skip": "Wird übersprungen…",
  "ops.doing.discard": "Wird verworfen…",
  "ops.aggregate": "Aggregat",
  "ops.parked.about":
    "RabbitMQ nahm ein Ereignis von diesen achtmal nicht an. Sie warten mit allem, was folgt; alles andere fließt.",
  "ops.parked.none": "Nichts ist geparkt.",
  "ops.parked.count": { one: "{n} Aggregat aus diesem Grund", other: "{n} Aggregate aus diesem Grund" },
  "ops.parked.waiting": "Wartet",
  "ops.parked.events": { one: "{n} Ereignis", other: "{n} Ereignisse" },
  "ops.parked.since": "Seit",
  "ops.parked.retried": "Freigegeben; es wird erneut veröffentlicht. Scheitert es wieder, steht es wieder hier.",
  "ops.parked.skip_title": "Dieses Ereignis überspringen?",
  "ops.parked.skip_says":
    "Das Ereignis von {what}, das nicht hinausging, wird nie veröffentlicht. Was dahinter wartet, folgt.",
  "ops.parked.skip_then": "Leser erfahren nie davon; im Protokoll bleibt es. Warum es wartet: {reason}",
  "ops.parked.skip_understood": "Mir ist klar, dass sich das nicht zurücknehmen lässt",
  "ops.parked.skipped": "Übersprungen. Was dahinter wartete, folgt.",
  "ops.parked.event": "Das Ereignis, das nicht hinausging",
  "ops.dead.about": "Nachrichten, die nie verarbeitet werden können oder zu oft versucht wurden.",
  "ops.dead.none": "Nichts ist unzustellbar.",
  "ops.dead.about_what": "Worum es geht",
  "ops.dead.died": "Aussortiert",
  "ops.dead.body": "Inhalt, aus {queue}",
  "ops.dead.retried": "Erneut gesendet, so wie es jetzt im Protokoll steht.",
  "ops.dead.discarded": "Verworfen.",
  "ops.dead.discard_title": "Diese Nachricht verwerfen?",
  "ops.dead.discard_says": "Die Nachricht über {what} wird vergessen und lässt sich von hier nicht erneut senden.",
  "ops.dead.discard_then":
    "Ein Ereignis bleibt im Protokoll seiner Anwendung; taskpool reconcile sagt, ob es den Ansichten fehlt.",
};
