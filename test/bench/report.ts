import { availableParallelism, arch, cpus, platform, totalmem } from 'node:os'

/** A line of a table: the result, the one before, and the target. */
export type Figure = {
  name: string
  found: string
  before?: string
  target?: string
  met?: boolean
}

/** A separate table for a figure with several dimensions. */
export type Table = { title: string; head: readonly string[]; rows: readonly (readonly string[])[] }

/** Formats a number with three significant digits. */
export function show(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}

/** Adds the figures of another receiver, as “before”. */
export function compare(figures: readonly Figure[], before: readonly Figure[]): Figure[] {
  const found = new Map(before.map((figure) => [figure.name, figure.found]))
  return figures.map((figure) => {
    const earlier = found.get(figure.name)
    return earlier === undefined ? figure : { ...figure, before: earlier }
  })
}

/** Formats the report as Markdown, with the machine. */
export function formatReport(tables: readonly Table[], figures: readonly Figure[]): string {
  const isCompared = figures.some(({ before }) => before !== undefined)
  const rows = figures.map(({ name, found, before = '', target = '', met }) => [
    name,
    found,
    ...(isCompared ? [before] : []),
    target,
    met === undefined ? '' : met ? 'yes' : '**no**',
  ])
  const head = ['figure', 'found', ...(isCompared ? ['before'] : []), 'target', 'met']
  return [
    `${availableParallelism()} cores (${cpus()[0]?.model ?? '?'}), ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${arch()}, Node ${process.versions.node}`,
    ...[...tables, { title: 'All figures', head, rows }].map(formatTable),
  ].join('\n\n')
}

function formatTable({ title, head, rows }: Table): string {
  const lines = [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
  return [`## ${title}`, '', ...lines.map((cells) => `| ${cells.join(' | ')} |`)].join('\n')
}
