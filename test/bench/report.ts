import { availableParallelism, arch, platform, totalmem } from 'node:os'

/** One line of the table: what was found, and what it should be. */
export type Figure = { name: string; found: string; target?: string; met?: boolean }

/** A number as people read it: three digits that count. */
export function show(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}

/** The figures as a table in Markdown, with the machine they were found on. */
export function formatReport(figures: readonly Figure[]): string {
  const lines = figures.map(
    ({ name, found, target = '', met }) =>
      `| ${name} | ${found} | ${target} | ${met === undefined ? '' : met ? 'yes' : '**no**'} |`,
  )
  return [
    `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${arch()}, Node ${process.versions.node}`,
    '',
    '| figure | found | target | met |',
    '| --- | ---: | --- | --- |',
    ...lines,
  ].join('\n')
}
