import { expect, it } from 'vitest'
import { DIMENSIONS, DIMENSION_OF, REPORT_NAMES } from '../../src/event/dimensions.ts'
import { PARAMETERS } from '../../src/event/parameters.ts'

it('has a definition, a title and columns of its own for each report', () => {
  for (const name of REPORT_NAMES) {
    const { column, title, described, searched } = DIMENSIONS[name]
    expect(DIMENSION_OF.get(column)).toBe(DIMENSIONS[name])
    expect(title).toMatch(/^[A-Z][a-z]+$/)
    expect(described).toContain(column)
    expect(searched.length).toBeGreaterThan(0)
    const names: readonly string[] = PARAMETERS.map((each) => each.name)
    expect(names).toEqual(expect.arrayContaining([...described, ...searched]))
  }
})

it('lets an event have several tags, and one value of everything else', () => {
  const lists = [...DIMENSION_OF].filter(([, { isList }]) => isList).map(([column]) => column)
  expect(lists).toEqual(['messageTag'])
})
