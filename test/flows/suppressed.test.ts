import { expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { list, read } from '../receiver.ts'
import { store } from '../store-events.ts'

const ANNA = { contactId: 4711, email: 'anna@example.com' }
const HARD = { ...ANNA, activityStatus: 'UNDELIVERED', hardBounce: true }
const SPAM = { ...ANNA, activityStatus: 'SPAM' }
const NAMELESS = { ...SPAM, contactId: null, email: null }
const PUSH = { ...HARD, email: null, mediaType: 'webpush', webpush: 'token-7' }

const byEmail = (address: string) => ({ address, addressType: 'email', mediaType: 'email' })
const bySms = { address: '380950000903', addressType: 'sms', mediaType: 'sms' }
const NO_ADDRESS = { address: null, addressType: null }

it.each<[what: string, event: Record<string, unknown>, suppression: object | undefined]>([
  ['a hard bounce', HARD, { reason: 'HARD_BOUNCE', contactId: 4711, ...byEmail(ANNA.email) }],
  ['"true"', { ...HARD, hardBounce: 'true' }, { reason: 'HARD_BOUNCE' }],
  ['" True"', { ...HARD, hardBounce: ' True' }, { reason: 'HARD_BOUNCE' }],
  ['1', { ...HARD, hardBounce: 1 }, { reason: 'HARD_BOUNCE' }],
  ['"1"', { ...HARD, hardBounce: '1' }, { reason: 'HARD_BOUNCE' }],
  ['a soft bounce', { ...HARD, hardBounce: false }, undefined],
  ['"false"', { ...HARD, hardBounce: 'false' }, undefined],
  ['0', { ...HARD, hardBounce: 0 }, undefined],
  ['a bounce of unknown type', { ...HARD, hardBounce: null }, undefined],
  ['a word that is not a truth value', { ...HARD, hardBounce: 'maybe' }, undefined],
  ['a hard bounce that was delivered', { ...HARD, activityStatus: 'DELIVERED' }, undefined],
  ['a complaint', SPAM, { reason: 'SPAM' }],
  ['a complaint in lower case', { ...SPAM, activityStatus: 'spam' }, { reason: 'SPAM' }],
  ['an unsubscribe', { ...ANNA, activityStatus: 'UNSUBSCRIBED' }, { reason: 'UNSUBSCRIBED' }],
  ['a changed subscription', { ...ANNA, activityStatus: 'SUBSCRIPTION_CHANGED' }, undefined],
  ['a status with a hyphen', { ...ANNA, activityStatus: 'subscription-changed' }, undefined],
  ['a contact ID as text', { ...HARD, contactId: '4711' }, { contactId: 4711 }],
  ['a number as a number', { ...HARD, email: null, mediaType: 'sms', sms: 380950000903 }, bySms],
  ['a channel in capitals', { ...HARD, mediaType: 'EMAIL' }, byEmail(ANNA.email)],
  [
    'push in two words',
    { ...PUSH, mediaType: 'Web Push' },
    { address: 'token-7', addressType: 'webpush' },
  ],
  [
    'push with an underscore',
    { ...PUSH, mediaType: 'web_push' },
    { address: 'token-7', addressType: 'webpush' },
  ],
  [
    'push with an email address',
    { ...PUSH, email: ANNA.email },
    { address: 'token-7', addressType: 'webpush' },
  ],
  [
    'push without its token',
    { ...PUSH, webpush: null, email: ANNA.email },
    { ...NO_ADDRESS, contactId: 4711 },
  ],
  [
    'no channel, one address',
    { ...SPAM, mediaType: null },
    { ...byEmail(ANNA.email), mediaType: null },
  ],
  [
    'an unknown channel',
    { ...SPAM, mediaType: 'rcs' },
    { ...byEmail(ANNA.email), mediaType: 'rcs' },
  ],
  ['no contact ID', { ...SPAM, contactId: null }, { contactId: null, ...byEmail(ANNA.email) }],
  [
    'only a customer ID',
    { ...NAMELESS, externalCustomerId: 'C-7' },
    { ...NO_ADDRESS, externalCustomerId: 'C-7' },
  ],
  [
    'a customer ID as a number',
    { ...NAMELESS, externalCustomerId: 7 },
    { externalCustomerId: '7' },
  ],
  [
    'only a token of another channel',
    { ...NAMELESS, webpush: 'token-7' },
    { address: 'token-7', addressType: 'webpush' },
  ],
  [
    'a placeholder in its channel',
    { ...NAMELESS, email: '-', sms: '380950000111' },
    { address: '380950000111', addressType: 'sms' },
  ],
  [
    'spaces in its channel',
    { ...NAMELESS, email: '   ', sms: '380950000111' },
    { address: '380950000111', addressType: 'sms' },
  ],
  [
    'a placeholder with a customer ID',
    { ...SPAM, contactId: 0, email: 'none', externalCustomerId: 'X-9' },
    { address: null, externalCustomerId: 'X-9' },
  ],
  [
    'a placeholder for a customer ID',
    { ...NAMELESS, externalCustomerId: 'none', sms: '380950000112' },
    { address: '380950000112', addressType: 'sms', externalCustomerId: null },
  ],
  [
    'an address with spaces',
    { ...SPAM, email: '  Anna@Example.com ' },
    { address: 'Anna@Example.com' },
  ],
  [
    'a list of one address',
    { ...NAMELESS, email: ['anna@example.com'] },
    byEmail('anna@example.com'),
  ],
  [
    'a contact ID with leading zeros',
    { ...NAMELESS, contactId: '00123' },
    { address: '00123', addressType: 'contactId', contactId: null },
  ],
  [
    'a contact ID that is not a number',
    { ...NAMELESS, contactId: '8f1e-abc-11' },
    { address: '8f1e-abc-11', addressType: 'contactId' },
  ],
  [
    "a token under the API's name",
    { ...NAMELESS, mobPushToken: 'token-8' },
    { address: 'token-8', addressType: 'mobilepush' },
  ],
  ['a name in another case', { ...NAMELESS, Email: ANNA.email }, byEmail(ANNA.email)],
  ['a placeholder for a number', { ...SPAM, sms: '-' }, byEmail(ANNA.email)],
])('the feed has the contact of %s', async (_case, event, suppression) => {
  await store(buildEvent(event))
  const { suppressions } = await (
    await read('/suppressions')
  ).json<{ suppressions: { activityId: string }[] }>()
  const expected = suppression && [expect.objectContaining(suppression)]
  expect(suppressions).toEqual(expected ?? [])
  const { activity } = await list()
  expect(activity).toHaveLength(1)
  if (suppression) expect(suppressions[0]?.activityId).toBe(activity[0]?.id)
})
