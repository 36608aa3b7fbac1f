import type { Outcome } from '../../event/outcome.ts'
import { link, type Query } from '../../web/link.ts'

type Choice = { name: string; did: Outcome; didNot?: Outcome }

const CHOICES: readonly Choice[] = [
  { name: 'delivered but not opened', did: 'delivered', didNot: 'read' },
  { name: 'clicked', did: 'clicked' },
  { name: 'bounced', did: 'bounced' },
]

/** Downloads of the people of a campaign. @param query of its events */
export function PeopleLinks({ query }: { query: Query }) {
  return (
    <small>
      People (CSV):{' '}
      {CHOICES.map(({ name, did, didNot }, index) => (
        <>
          {index > 0 && ' · '}
          <a href={link('/campaigns/people.csv', { ...query, did, didNot })} download>
            {name}
          </a>
        </>
      ))}
    </small>
  )
}
