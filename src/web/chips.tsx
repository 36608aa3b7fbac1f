import { link, type Query } from './link.ts'

/** What a page is narrowed to, each with a link that takes it off. @param removable which of the parameters */
export function Chips({
  path,
  query,
  removable,
}: {
  path: string
  query: Query
  removable: readonly string[]
}) {
  const given = removable.filter((name) => query[name] !== undefined)
  if (given.length === 0) return null
  return (
    <ul class="chips" aria-label="Filters">
      {given.map((name) => (
        <li>
          <span>
            {name}{' '}
            <b>
              <bdi>{String(query[name])}</bdi>
            </b>
          </span>{' '}
          <a href={link(path, { ...query, [name]: undefined })} aria-label={`Remove ${name}`}>
            ×
          </a>
        </li>
      ))}
    </ul>
  )
}
