import { readPhone } from '../event/identifier.ts'
import type { Identifier } from '../db/erasure/subject.ts'
import { listIdentifiers } from '../db/events/identifiers.ts'
import { operateSettings } from '../settings/settings.ts'

/** All identifiers of contacts, phone numbers in all their spellings. */
export async function namesOf(env: Env, contactIds: readonly string[]): Promise<Identifier[]> {
  const { phoneCountry } = operateSettings(env)
  const known = await listIdentifiers(env.DB, contactIds)
  return [...known.values()].flatMap((names) =>
    Object.entries(names).flatMap(([key, values]) => {
      const name = key as Identifier['name']
      const spell = (value: string) =>
        name === 'sms' ? [value, ...readPhone(value, phoneCountry)] : [value]
      return values.flatMap(spell).map((value): Identifier => ({ name, value }))
    }),
  )
}
