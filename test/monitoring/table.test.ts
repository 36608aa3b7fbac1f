import { expect, it } from 'vitest'
import { RULES } from '../../src/monitoring/alerts/check.ts'
import manual from '../../src/monitoring/README.md?raw'

/** Alerts without a rule. */
const WITHOUT_RULE = ['alert_url', 'database_down', 'schedule']

/** The names of a rule's alerts, if they do not start with the name of the rule. */
const OTHER_NAMES: Readonly<Record<string, string[]>> = {
  rates: ['spam_rate', 'hard_bounce_rate'],
}

/** The names in the first column of the table, each up to its colon. */
function readTable(): string[] {
  const cells = [...manual.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell)
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)(?::…)?`/g)].map(([, name = '']) => name))
}

it('has a row for every alert, and no others', () => {
  const names = RULES.flatMap(({ name }) => OTHER_NAMES[name] ?? name.split(':', 1))
  const expected = [...new Set([...names, ...WITHOUT_RULE])]
  expect(readTable().sort()).toEqual(expected.sort())
})
