import { formatNumber } from './format.ts'

/** How many of something there are, such as `1 event` or `1,200 events`. */
export function formatCount(count: number, what: string): string {
  return `${formatNumber(count)} ${what}${count === 1 ? '' : 's'}`
}
