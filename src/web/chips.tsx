import { link, type Query } from './link.ts'
import { labelOf } from './parameter-label.ts'

/** The filters of a page, each with a link that removes it. @param removable names of parameters */
export function Chips({
  path,
  query,
  removable,
}: {
  path: string
  query: Query
  removable: readonly string[]
}) {
  const filters = removable.filter((name) => query[name] !== undefined)
  if (filters.length === 0) return null
  return (
    <ul class="chips" aria-label="Filters">
      {filters.map((name) => (
        <li>
          <span>
            <span title={name}>{labelOf(name)}</span>{' '}
            <b>
              <bdi>{String(query[name])}</bdi>
            </b>
          </span>{' '}
          <a
            href={link(path, { ...query, [name]: undefined })}
            aria-label={`Remove ${labelOf(name)}`}
          >
            ×
          </a>
        </li>
      ))}
    </ul>
  )
}
