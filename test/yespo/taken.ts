/** How many elements a receiver says it took, and how many it set aside. Only ours says so. */
export function readTaken(answer: string): { accepted: number; quarantined: number } {
  try {
    const { accepted, quarantined } = JSON.parse(answer) as Record<string, unknown>
    return {
      accepted: typeof accepted === 'number' ? accepted : 0,
      quarantined: Array.isArray(quarantined) ? quarantined.length : 0,
    }
  } catch {
    return { accepted: 0, quarantined: 0 } // another receiver's answer, which only has to be 200
  }
}
