import { link, type Query } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'

const SECTIONS = [
  '/campaigns',
  '/campaigns/clicks',
  '/campaigns/hours',
  '/engagement',
  '/providers',
] as const

export type Section = (typeof SECTIONS)[number]

/** Links between the pages of campaign results. @param query the filters and the period, which all of them have */
export function Sections({ current, query = {} }: { current: Section | undefined; query?: Query }) {
  const { text } = useViewer()
  return (
    <nav class="switch one-line print-none" aria-label={text('sections')}>
      {SECTIONS.map((path) => (
        <a
          href={link(path, path === '/engagement' ? {} : query)}
          aria-current={path === current ? 'page' : undefined}
        >
          {text(`section.${path}`)}
        </a>
      ))}
    </nav>
  )
}
