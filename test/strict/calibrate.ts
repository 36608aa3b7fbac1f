/** Microseconds of processor time that the workload took where the limits of the flows were set. */
const REFERENCE_US = 3_200

const ROUNDS = 15

/** Parses, writes and hashes: what a Worker's processor time mostly goes into. */
function work(): number {
  let checksum = 0
  for (let round = 0; round < 100; round++) {
    const items = Array.from({ length: 50 }, (_, index) => ({
      id: index * 7_919 + round,
      name: `item ${index}`,
      tags: ['a', 'b', 'c'],
      at: 1_700_000_000 + index,
    }))
    const text = JSON.stringify(JSON.parse(JSON.stringify(items)))
    for (let index = 0; index < text.length; index++) {
      checksum = (Math.imul(checksum, 31) + text.charCodeAt(index)) | 0
    }
  }
  return checksum
}

/**
 * How much slower this machine is at the moment than its reference: 1 is as fast. Multiply limits of processor time
 * by it.
 *
 * @param cpu processor time of this thread in microseconds
 */
export function calibrate(cpu: () => number): { slowness: number; us: number } {
  const times = Array.from({ length: ROUNDS }, () => {
    const before = cpu()
    work()
    return cpu() - before
  })
  const us = times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0
  return { slowness: us / REFERENCE_US, us }
}
