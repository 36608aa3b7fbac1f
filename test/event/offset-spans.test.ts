import { expect, it } from 'vitest'
import { listOffsetSpans } from '../../src/event/offset-spans.ts'

const HOUR = 3_600_000
const utc = (text: string) => Date.parse(`${text}Z`)

it('is one span if the clocks do not change', () => {
  const [since, until] = [utc('2026-01-01T00:00'), utc('2026-03-01T00:00')]
  expect(listOffsetSpans(since, until, 'Europe/Kyiv')).toEqual([{ since, until, offset: 2 * HOUR }])
})

it('is none for an empty period', () => {
  expect(listOffsetSpans(5, 5, 'Europe/Kyiv')).toEqual([])
})

it('changes to the millisecond when the clocks do, without gaps', () => {
  const [since, until] = [utc('2026-01-01T00:00'), utc('2027-01-01T00:00')]
  const [spring, autumn] = [utc('2026-03-29T01:00'), utc('2026-10-25T01:00')]
  expect(listOffsetSpans(since, until, 'Europe/Kyiv')).toEqual([
    { since, until: spring, offset: 2 * HOUR },
    { since: spring, until: autumn, offset: 3 * HOUR },
    { since: autumn, until, offset: 2 * HOUR },
  ])
})

it('finds two changes within a week', () => {
  const [since, until] = [utc('2000-10-01T00:00'), utc('2000-11-01T00:00')]
  const spans = listOffsetSpans(since, until, 'America/Recife')
  expect(spans.map(({ offset }) => offset / HOUR)).toEqual([-3, -2, -3])
  expect(spans[1]).toEqual({
    since: utc('2000-10-08T03:00'),
    until: utc('2000-10-15T02:00'),
    offset: -2 * HOUR,
  })
})

it('finds a change in the last millisecond, and none right after the end', () => {
  const spring = utc('2026-03-29T01:00')
  const spans = (until: number) => listOffsetSpans(spring - HOUR, until, 'Europe/Kyiv')
  expect(spans(spring)).toEqual([{ since: spring - HOUR, until: spring, offset: 2 * HOUR }])
  expect(spans(spring + 1)).toEqual([
    { since: spring - HOUR, until: spring, offset: 2 * HOUR },
    { since: spring, until: spring + 1, offset: 3 * HOUR },
  ])
})
