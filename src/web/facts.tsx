import type { Child } from 'hono/jsx'
import type { Clock } from './format.ts'

/** A term and what is said of it. */
export type Fact = readonly [term: string, said: Child]

/** What is known of one thing. */
export function FactList({ title, facts }: { title: string; facts: readonly Fact[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl class="card pairs">
        {facts.map(([term, said]) => (
          <>
            <dt>{term}</dt>
            <dd>{said}</dd>
          </>
        ))}
      </dl>
    </section>
  )
}

/** A moment, or what stands for none. */
export function Moment({
  time,
  clock,
  none = 'none yet',
}: {
  time: number | null
  clock: Clock
  none?: string
}) {
  if (time === null) return <>{none}</>
  return <time datetime={new Date(time).toISOString()}>{clock.exact(time)}</time>
}
