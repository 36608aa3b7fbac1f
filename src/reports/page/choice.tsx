import { link, type Query } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'

type Option = { title: string; href: string; isChosen: boolean }

/** A menu of which one option is chosen. */
export function Choice({ label, options }: { label: string; options: readonly Option[] }) {
  const { text } = useViewer()
  const chosen = options.find(({ isChosen }) => isChosen)
  return (
    <details class="menu">
      <summary>{text('campaigns.choice', { label, chosen: chosen?.title ?? '' })}</summary>
      <div>
        <ul>
          {options.map(({ title, href, isChosen }) => (
            <li>
              <a href={href} aria-current={isChosen ? 'true' : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </details>
  )
}

const MINIMUMS = [0, 10, 100, 1_000, 10_000]

/** A menu for the least number of people of a line. @param name of the parameter */
export function MinimumChoice({
  path,
  query,
  name,
  value,
}: {
  path: string
  query: Query
  name: string
  value: number
}) {
  const { text } = useViewer()
  const values = MINIMUMS.includes(value) ? MINIMUMS : [...MINIMUMS, value]
  return (
    <Choice
      label={text('campaigns.minimum')}
      options={values.map((minimum) => ({
        title:
          minimum === 0
            ? text('campaigns.minimum.any')
            : text('campaigns.minimum.people', { count: minimum }),
        href: link(path, { ...query, [name]: minimum === 0 ? undefined : minimum }),
        isChosen: minimum === value,
      }))}
    />
  )
}
