import { isExactNumber } from './exact-number.ts'

/** JSON text in which equal values look equal: keys sorted by code unit, numbers as their literal. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) {
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
