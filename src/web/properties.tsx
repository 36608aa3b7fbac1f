import type { Child } from 'hono/jsx'

/** A name and its values. */
export type Property = readonly [name: Child, ...values: Child[]]

/** Names and values side by side. */
export function Properties({
  properties,
  class: name = 'card pairs',
}: {
  properties: readonly Property[]
  class?: string
}) {
  return (
    <dl class={name}>
      {properties.map(([term, ...values]) => (
        <>
          <dt>{term}</dt>
          {values.map((value) => (
            <dd>{value}</dd>
          ))}
        </>
      ))}
    </dl>
  )
}

/** Properties under a heading. */
export function PropertySection({
  title,
  properties,
}: {
  title: string
  properties: readonly Property[]
}) {
  return (
    <section>
      <h2>{title}</h2>
      <Properties properties={properties} />
    </section>
  )
}
