import type { Responded } from '../../receiver.ts'
import { PlainRebuild, readDerived } from '../../plain-rebuild.ts'
import { Violation } from './ledger.ts'

/** Counts every event that the receiver counted, in the simplest way, and compares. */
export class Recount {
  /** Totals that count a contact twice, as its first event was archived before the next one came. */
  countedTwice = 0
  readonly #plain = new PlainRebuild()
  /** The contact of each suppression. */
  readonly #contacts = new Map<string, string>()

  add(responded: Responded): void {
    this.#plain.add(responded)
    this.#contacts.set(responded.id, String(responded['contactId']))
  }

  /** @param isErased contacts whose identifiers and suppressions may be gone */
  async check(db: D1Database, isErased: (contactId: string) => boolean): Promise<void> {
    const derived = await readDerived(db)
    const { events, contacts } = this.#plain.countTotals(derived)
    this.countedTwice = contacts
    const suppressions = this.#compare(
      this.#plain.suppressions,
      new Set(derived.suppressions),
      (text) => isErased(this.#contacts.get((JSON.parse(text) as string[])[0] ?? '') ?? ''),
    )
    const names = this.#compare(this.#plain.names, derived.names, (text) =>
      isErased(String((JSON.parse(text) as unknown[])[0])),
    )
    if (events + suppressions + names > 0) {
      throw new Violation(
        `${events} totals, ${suppressions} suppressions and ${names} identifiers differ from a recount`,
      )
    }
  }

  #compare(
    counted: ReadonlySet<string>,
    stored: ReadonlySet<string>,
    isLeftOut: (text: string) => boolean,
  ): number {
    return [...counted.symmetricDifference(stored)].filter((text) => !isLeftOut(text)).length
  }
}
