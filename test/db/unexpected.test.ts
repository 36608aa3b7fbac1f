import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { listRecorded } from '../../src/db/write/unexpected.ts'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { buildEvent } from '../event.ts'
import { faultyDatabase } from '../faulty.ts'
import { messagesOf } from '../messages-of.ts'
import { PATIENCE_MS } from '../patience.ts'
import { store } from '../store-events.ts'

const LETTERS = 'a b c d e f g h i j k l m n o p q r s t u v w x y z'.split(' ')

/** As many words as letters, all of which begin alike. */
const wordsOf = (beginning: string) => LETTERS.map((letter) => `${beginning}_${letter}`)

const namesOf = async (kind: string) =>
  (await listRecorded(env.DB, 0)).filter((each) => each.kind === kind).map(({ name }) => name)

it('records fifty of each kind, so that a flood of one leaves room for the others', async () => {
  const flood = [...wordsOf('STATUSES'), ...wordsOf('OTHERS'), ...wordsOf('MORE')]
  await store(...flood.slice(0, 30).map((activityStatus) => buildEvent({ activityStatus })))
  expect(await namesOf('status')).toHaveLength(30)
  await store(...flood.slice(30).map((activityStatus) => buildEvent({ activityStatus })))
  expect(await namesOf('status')).toHaveLength(50)
  await store(buildEvent({ mediaType: 'fax' }), buildEvent({ newThing: 1 }))
  expect(await namesOf('channel')).toEqual(['fax'])
  expect(await namesOf('parameter')).toEqual(['newThing'])
})

it('does not write again what it has recorded', async () => {
  const bound: string[] = []
  const db = faultyDatabase(env.DB, (_call, text) => {
    bound.push(...text.split('\n'))
    return undefined
  })
  for (let times = 0; times < 2; times++) {
    for (const text of await messagesOf([buildEvent({ mediaType: 'pigeon' })])) {
      await storeMessages(db, [{ text, quarantineOnFailure: false }], PATIENCE_MS)
    }
  }
  expect(bound.filter((text) => text === 'channel')).toHaveLength(1)
})
