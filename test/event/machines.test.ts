import { describe, expect, it } from 'vitest'
import { findMachines } from '../../src/event/machines.ts'
import { Random } from '../../src/simulator/random.ts'

const START = Date.UTC(2026, 10, 2, 9)

/** An event as `second status link`: `2.5 CLICKED a`. */
function event(text: string) {
  const [second = '', activityStatus = '', link] = text.split(' ')
  return { occurredAt: START + Number(second) * 1000, activityStatus, clickEventLink: link ?? null }
}

/** Those of some events that are a machine's. */
function machinesOf(texts: readonly string[]): string[] {
  const found = findMachines(texts.map(event))
  return texts.filter((_, index) => found.has(index))
}

describe('findMachines', () => {
  it('takes three different links within two seconds for a machine, whole seconds apart', () => {
    const events = ['0 CLICKED a', '1 CLICKED b', '2 CLICKED c']
    expect(machinesOf(events)).toEqual(events)
  })

  it('leaves three links to a person if they take longer', () => {
    expect(machinesOf(['0 CLICKED a', '1 CLICKED b', '2.001 CLICKED c'])).toEqual([])
  })

  it('leaves two links to a person, however often they are clicked', () => {
    expect(machinesOf(['0 CLICKED a', '0 CLICKED b', '0 CLICKED a', '1 CLICKED b'])).toEqual([])
  })

  it('tells links apart exactly as they were sent', () => {
    const events = ['0 CLICKED https://a.com/?utm_content=1', '0 CLICKED https://a.com/']
    expect(machinesOf([...events, '0 CLICKED https://a.com'])).toHaveLength(3)
  })

  it('takes only the three within two seconds of four within six', () => {
    expect(machinesOf(['0 CLICKED a', '4 CLICKED b', '5 CLICKED c', '6 CLICKED d'])).toEqual([
      '4 CLICKED b',
      '5 CLICKED c',
      '6 CLICKED d',
    ])
  })

  it('joins windows that overlap', () => {
    const sweep = Array.from({ length: 20 }, (_, index) => `${index} CLICKED link${index}`)
    expect(machinesOf(sweep)).toEqual(sweep)
  })

  it('takes repeated clicks of a window with it', () => {
    const events = ['0 CLICKED a', '0 CLICKED a', '1 CLICKED b', '1 CLICKED', '2 CLICKED c']
    expect(machinesOf(events)).toEqual(events)
  })

  it('does not count clicks without a link as different ones', () => {
    expect(machinesOf(['0 CLICKED', '0 CLICKED', '0 CLICKED a', '0 CLICKED b'])).toEqual([])
  })

  it('takes the reads of the same moments with them', () => {
    const reads = ['7.9 READ', '8 READ', '10 READ', '14 READ', '14.1 READ']
    const clicks = ['10 CLICKED a', '11 CLICKED b', '12 CLICKED c']
    expect(machinesOf([...reads, ...clicks])).toEqual(['8 READ', '10 READ', '14 READ', ...clicks])
  })

  it('leaves reads to a person if there was no sweep', () => {
    expect(machinesOf(['0 READ', '0 CLICKED a', '1 CLICKED b', '1 READ', '2 READ'])).toEqual([])
  })

  it('leaves other statuses alone', () => {
    const others = ['0 DELIVERED', '1 UNSUBSCRIBED', '1 SPAM', '0 UNKNOWN x']
    const clicks = ['0 CLICKED a', '0 CLICKED b', '0 CLICKED c']
    expect(machinesOf([...others, ...clicks])).toEqual(clicks)
  })

  it('agrees with plain counting, in any order', () => {
    const random = new Random(20)
    for (let round = 0; round < 500; round++) {
      const events = Array.from({ length: random.between(0, 12) }, () => {
        const status = random.pick(['READ', 'CLICKED', 'CLICKED', 'DELIVERED'])
        const link = random.chance(0.9) ? ` ${random.pick(['a', 'b', 'c', 'd'])}` : ''
        return event(`${random.between(0, 20) / 2} ${status}${status === 'CLICKED' ? link : ''}`)
      })
      expect([...findMachines(events)].toSorted((a, b) => a - b)).toEqual(countPlainly(events))
    }
  })

  it('is fast for 10,000 events of one delivery', () => {
    const texts = Array.from({ length: 10_000 }, (_, index) => {
      const link = index % 3 === 0 ? 'READ' : `CLICKED link${index % 7}`
      return event(`${(index * 7919) % 5_000} ${link}`)
    })
    const start = performance.now()
    findMachines(texts)
    expect(performance.now() - start).toBeLessThan(500) // quadratic: seconds
  })
})

/** By the words of the rule: looks at every window that begins with a click. */
function countPlainly(events: readonly ReturnType<typeof event>[]): number[] {
  const isClick = (each: ReturnType<typeof event>) => each.activityStatus === 'CLICKED'
  const sweeps = events.filter(isClick).flatMap((first) => {
    const window = events.filter(
      (each) => isClick(each) && between(each.occurredAt - first.occurredAt, 0, 2_000),
    )
    const links = new Set(window.flatMap(({ clickEventLink }) => clickEventLink ?? []))
    return links.size >= 3 ? window : []
  })
  const isNear = (each: ReturnType<typeof event>) =>
    sweeps.some(({ occurredAt }) => between(occurredAt - each.occurredAt, -2_000, 2_000))
  return events.flatMap((each, index) =>
    sweeps.includes(each) || (each.activityStatus === 'READ' && isNear(each)) ? [index] : [],
  )
}

const between = (value: number, least: number, most: number) => value >= least && value <= most
