import * as z from 'zod'

/** What is answered about what was set aside. */
export function makeQuarantineResponses() {
  const quarantined = makeQuarantined()
  const next = z.string().nullable().meta({ description: 'The `cursor` that goes on, if any.' })
  const counts = z.object({
    replayed: z.int().meta({ description: 'How many are set aside no more.' }),
    events: z.int().meta({ description: 'How many events that were.' }),
    still: z.int().meta({ description: 'How many can be no event yet, and stay set aside.' }),
  })
  const reasons = z
    .array(z.object({ reason: z.string(), elements: z.int() }))
    .nullable()
    .meta({
      description:
        'How many for which reason: the 50 most frequent, of the newest 10,000 elements. Null with a `cursor`.',
    })
  const complete = z.boolean().nullable().meta({
    description:
      'Whether `reasons` counts all that is set aside; false: there are at least so many, and maybe other reasons. Null with a `cursor`.',
  })
  return {
    Quarantined: quarantined,
    QuarantinePage: z.object({ quarantine: z.array(quarantined), reasons, complete, next }),
    ReplayStep: counts.extend({ next }),
    Replay: counts.extend({
      reason: z
        .string()
        .nullable()
        .meta({ description: 'Why it can be no event, as of today; null where it is one.' }),
    }),
    DiscardStep: z.object({
      deleted: z.int().meta({ description: 'How many are gone.' }),
      next,
    }),
  }
}

function makeQuarantined() {
  return z.object({
    id: z.string().meta({ description: 'Its request and its place there, from 0.' }),
    kind: z.enum(['element', 'bytes', 'body', 'bodyBytes', 'message']).meta({
      description:
        'An element of a request; one that is not UTF-8, in `sent` with a character for each byte; a body that cannot be read, or an array of many elements of one; one that is not UTF-8, in the same way; or a message of the queue.',
    }),
    reason: z.string().meta({ description: 'Why it is no event.' }),
    receivedAt: z.int().meta({
      description: 'When it came in, or a message was set aside: UTC milliseconds.',
    }),
    origin: z.string().meta({ description: 'What confirmed it: `webhook`.' }),
    labels: z
      .record(z.string(), z.string())
      .meta({ description: 'The headers that `LABEL_HEADERS` names, as they came with it.' }),
    sent: z.string().meta({ description: 'What was sent, as it was; in a list its beginning.' }),
    complete: z.boolean().meta({ description: 'Whether `sent` is all of it.' }),
    expiresAt: z.int().nullable().meta({
      description: 'When it is deleted by itself, by `QUARANTINE_DAYS`: UTC milliseconds.',
    }),
  })
}
