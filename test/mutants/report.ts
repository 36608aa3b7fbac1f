import type { Mutant } from './mutate.ts'
import type { Result } from './run.ts'

/** What is required of each folder. */
const MIN_SHARE = 0.9

type Count = Record<'mutants' | 'killed' | 'timedOut' | 'survived' | 'equivalent', number>

/** A line about a result, while others are still to come. */
export function toLine({ mutant, verdict }: Result): string {
  const { fate, by } = verdict ?? { fate: 'equivalent' }
  const more = fate === 'survived' ? `\n${describe(mutant)}` : by && ` by ${by}`
  return `${fate.padEnd(10)} ${mutant.file}:${mutant.line}${more ?? ''}`
}

/** A table of the folders, and every survivor. */
export function formatReport(results: readonly Result[]): string {
  const rows = [...Map.groupBy(results, ({ folder }) => folder.name)].map(([name, own]) => {
    const { mutants, killed, timedOut, survived, equivalent } = countFates(own)
    const share = `${(shareOf(own) * 100).toFixed(1)} %`
    return [name, mutants, killed, timedOut, survived, equivalent, share]
  })
  const head = ['folder', 'mutants', 'killed', 'timed out', 'survived', 'equivalent', 'share']
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const survivors = results
    .filter(({ verdict }) => verdict?.fate === 'survived')
    .map(({ mutant }) => mutant)
    .toSorted((one, other) => (one.file < other.file ? -1 : 1))
    .map((mutant) => `${mutant.file}:${mutant.line}\n${describe(mutant)}`)
  return [table.join('\n'), ...survivors].join('\n\n')
}

function describe({ before, after }: Mutant): string {
  return `  - ${before}\n  + ${after}`
}

export function isGood(results: readonly Result[]): boolean {
  return [...Map.groupBy(results, ({ folder }) => folder).values()].every(
    (own) => shareOf(own) >= MIN_SHARE,
  )
}

/** The share of mutants that were noticed; equivalent ones, which nobody can notice, do not count. */
function shareOf(results: readonly Result[]): number {
  const { killed, timedOut, survived } = countFates(results)
  const all = killed + timedOut + survived
  return all === 0 ? 1 : (killed + timedOut) / all
}

function countFates(results: readonly Result[]): Count {
  const fates = results.map(({ verdict }) => verdict?.fate ?? 'equivalent')
  const count = (fate: (typeof fates)[number]) => fates.filter((each) => each === fate).length
  return {
    mutants: fates.length,
    killed: count('killed'),
    timedOut: count('timed out'),
    survived: count('survived'),
    equivalent: count('equivalent'),
  }
}
