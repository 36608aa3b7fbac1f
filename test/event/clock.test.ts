import { describe, expect, it } from 'vitest'
import { secondMeaning, toUtc } from '../../src/event/clock.ts'
import { exactNumber } from '../../src/event/exact-number.ts'

const iso = (text: string, zone = 'UTC') => {
  const time = toUtc(text, zone)
  return time === undefined ? undefined : new Date(time).toISOString()
}

describe('toUtc', () => {
  it.each([
    ['2023-09-14T08:30:03', 'UTC', '2023-09-14T08:30:03.000Z'],
    ['2023-09-14T08:30:03', 'Europe/Kyiv', '2023-09-14T05:30:03.000Z'],
    ['2023-01-14T08:30:03', 'Europe/Kyiv', '2023-01-14T06:30:03.000Z'],
    ['2023-09-14 08:30:03', 'UTC', '2023-09-14T08:30:03.000Z'],
    ['2023-09-14T08:30', 'UTC', '2023-09-14T08:30:00.000Z'],
    ['2023-09-14T08:30:03.5', 'UTC', '2023-09-14T08:30:03.500Z'],
    ['2023-09-14T08:30:03.123456789', 'UTC', '2023-09-14T08:30:03.123Z'],
    ['2023-09-14T08:30:03Z', 'Europe/Kyiv', '2023-09-14T08:30:03.000Z'],
    ['2023-09-14T08:30:03.25z', 'Europe/Kyiv', '2023-09-14T08:30:03.250Z'],
    ['2023-09-14T08:30:03+03:00', 'UTC', '2023-09-14T05:30:03.000Z'],
    ['2023-09-14T08:30:03-0530', 'UTC', '2023-09-14T14:00:03.000Z'],
    ['2023-09-14T08:30:03+03', 'UTC', '2023-09-14T05:30:03.000Z'],
    ['2024-02-29T00:00:00', 'UTC', '2024-02-29T00:00:00.000Z'],
    ['1969-12-31T23:59:59.5', 'UTC', '1969-12-31T23:59:59.500Z'],
    [' 2023-09-14T08:30:03\n', 'Europe/Kyiv', '2023-09-14T05:30:03.000Z'],
    ['\u00a02023-09-14  08:30:03\t', 'UTC', '2023-09-14T08:30:03.000Z'],
    ['2023-09-14 08:30:03 UTC', 'Europe/Kyiv', '2023-09-14T08:30:03.000Z'],
    ['2023-09-14T08:30:03.5 gmt ', 'Europe/Kyiv', '2023-09-14T08:30:03.500Z'],
    ['2023-09-14T08:30:03UTC', 'Europe/Kyiv', '2023-09-14T08:30:03.000Z'],
    ['2023-09-14T08:30:03 Z', 'Europe/Kyiv', '2023-09-14T08:30:03.000Z'],
    ['2023-09-14 08:30:03 +0300', 'UTC', '2023-09-14T05:30:03.000Z'],
    ['2023-09-14T08:30:03 UTC+03:00', 'UTC', '2023-09-14T05:30:03.000Z'],
    ['2023-09-14T08:30:03GMT-0530', 'UTC', '2023-09-14T14:00:03.000Z'],
  ])('reads %s in %s as %s', (text, zone, expected) => {
    expect(iso(text, zone)).toBe(expected)
  })

  it('reads a time that the clocks skip as an hour later', () => {
    expect(iso('2023-03-26T03:30:00', 'Europe/Kyiv')).toBe('2023-03-26T01:30:00.000Z')
    expect(iso('2023-03-26T04:30:00', 'Europe/Kyiv')).toBe('2023-03-26T01:30:00.000Z')
  })

  it('reads a time that the clocks show twice as the first', () => {
    expect(iso('2023-10-29T03:30:00', 'Europe/Kyiv')).toBe('2023-10-29T00:30:00.000Z')
    expect(iso('2023-10-29T04:30:00', 'Europe/Kyiv')).toBe('2023-10-29T02:30:00.000Z')
  })

  it.each([
    ['2023-10-29T03:30:00', '2023-10-29T01:30:00.000Z'],
    ['2023-10-29T03:30:00+02:00', undefined],
    ['2023-10-29T02:59:59', undefined],
    ['2023-10-29T04:00:00', undefined],
    ['2023-03-26T03:30:00', undefined],
    ['yesterday', undefined],
  ])('knows the second meaning of %s', (text, expected) => {
    const second = secondMeaning(text, 'Europe/Kyiv')
    expect(second && new Date(second).toISOString()).toBe(expected)
  })

  it.each([
    '2023-02-31T08:00:00',
    '2023-02-29T08:00:00',
    '2023-13-01T08:00:00',
    '2023-09-14T24:00:00',
    '2023-09-14T08:60:00',
    '2023-09-14T08:30:61',
    '2023-09-14T08:30:03+25:00',
    '2023-09-14T08:30:03[Europe/Kyiv]',
    '2023-09-14',
    '14.09.2023 08:30',
    '2023-09-14T08:30:03 EET', // ambiguous: another offset in summer
    '2023-09-14T08:30:03 UTC UTC',
    '2023-09-14T08:30:03\0',
    'yesterday',
    '',
  ])('finds no time in %j', (text) => {
    expect(iso(text)).toBeUndefined()
  })

  it.each([
    [1764151200000, '2025-11-26T10:00:00.000Z'],
    [1764151200123, '2025-11-26T10:00:00.123Z'],
    ['1764151200000', '2025-11-26T10:00:00.000Z'],
    [' 1764151200000 ', '2025-11-26T10:00:00.000Z'],
    [exactNumber('1764151200000.0'), '2025-11-26T10:00:00.000Z'],
    [exactNumber('1.764151200123E12'), '2025-11-26T10:00:00.123Z'],
    [1764151200, '2025-11-26T10:00:00.000Z'],
    ['1764151200', '2025-11-26T10:00:00.000Z'],
    [1764151200.29, '2025-11-26T10:00:00.290Z'],
    ['1764151200.5', '2025-11-26T10:00:00.500Z'],
    [1e9, '2001-09-09T01:46:40.000Z'],
    [1e12, '2001-09-09T01:46:40.000Z'],
    [9_999_999_999_999, '2286-11-20T17:46:39.999Z'],
  ])('reads %s as time since 1970', (time, expected) => {
    for (const zone of ['UTC', 'Europe/Kyiv']) {
      expect(new Date(toUtc(time, zone) ?? 0).toISOString()).toBe(expected)
    }
    expect(secondMeaning(time, 'Europe/Kyiv')).toBeUndefined()
  })

  it.each([
    [0],
    [5],
    [-1764151200000],
    [999_999_999],
    [1e10],
    [1e13],
    [20230914],
    [202309140830],
    [20230914083003],
    ['20230914083003'],
    ['-1764151200'],
    ['+1764151200'],
    ['0x19abf8c1a00'],
    ['1764151200000n'],
    [1764151200000000],
    [exactNumber('1e400')],
    [true],
    [null],
    [undefined],
    [[1764151200000]],
    [{}],
  ])('finds no time in %j', (time) => {
    expect(toUtc(time, 'UTC')).toBeUndefined()
  })

  it('distinguishes the same minute in two zones', () => {
    const text = '2023-09-14T08:30:59'
    expect(iso(text, 'UTC')).not.toBe(iso(text, 'Europe/Kyiv'))
    expect(iso(text, 'UTC')).toBe('2023-09-14T08:30:59.000Z')
  })
})
