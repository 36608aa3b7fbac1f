import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import { pathOf, same, type Asker } from './ask.ts'

type Cause = { cause: string; title: string; events: number; hard: number; soft: number }

/** Compares the causes in the bounce report with those of the bounces, each in words. */
export async function checkCauses(
  asker: Asker,
  query: Readonly<Record<string, string | number>>,
  bounces: readonly ShopEvent[],
): Promise<void> {
  const path = pathOf('/reports/bounces', query)
  const { causes } = await asker.get<{ causes: Cause[] }>(path)
  const found = causes.map(({ cause, events, hard, soft }) => [cause, events, hard, soft])
  same(sort(found), sort(countCauses(bounces)), path)
  same(
    causes.filter(({ title }) => title === ''),
    [],
    `${path}: causes without words`,
  )
}

/** The causes of bounces: of each the name, events, hard and soft ones. */
export function countCauses(bounces: readonly ShopEvent[]): unknown[][] {
  const groups = Map.groupBy(bounces, ({ fault }) => fault?.cause)
  return [...groups].map(([cause, own]) => {
    const hard = own.filter(({ fault }) => fault?.isHard).length
    return [cause, own.length, hard, own.length - hard]
  })
}

function sort(lines: readonly unknown[][]): unknown[][] {
  return lines.toSorted((a, b) => (`${a[0]}` < `${b[0]}` ? -1 : 1))
}
