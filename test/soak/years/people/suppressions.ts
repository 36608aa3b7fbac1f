import { compareId } from './compare-events.ts'
import type { Answer, Reader } from './reader.ts'

type Feed = { suppressions: { activityId: string; reason: string }[]; next: string; more: boolean }

const MAX_PAGES = 100

/** A program that follows the feed of suppressions for years, and must not miss anybody. */
export class FeedReader {
  #since = ''
  #isBusy = false
  readonly #seen = new Set<string>()
  /** How many of the events on the shelf were looked at, and which of these the feed has not shown. */
  #looked = 0
  #missing = new Set<string>()

  /** Reads what is new, if it is not at that already. */
  follow = async (reader: Reader): Promise<void> => {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await this.#readAll(reader)
    } finally {
      this.#isBusy = false
    }
  }

  async #readAll(reader: Reader): Promise<void> {
    const limit = reader.random.pick([1, 5, 100])
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const since = this.#since === '' ? '' : `&since=${this.#since}`
      const answer = await reader.ask(`/suppressions?limit=${limit}${since}`)
      if (!answer) return
      const { suppressions, next, more } = JSON.parse(answer.body) as Feed
      for (const { activityId } of suppressions) this.#see(reader, activityId, answer)
      if (suppressions.length > limit)
        reader.fail(answer, `has ${suppressions.length} suppressions`)
      this.#since = next
      if (!more) {
        this.#checkMissing(reader, answer)
        return
      }
    }
  }

  #see(reader: Reader, id: string, answer: Answer): void {
    if (this.#seen.has(id)) reader.fail(answer, `has ${id} again`)
    this.#seen.add(id)
    this.#missing.delete(id)
    if (!compareId(reader, {}, id, answer).suppresses) reader.fail(answer, `has ${id}`)
  }

  #checkMissing(reader: Reader, answer: Answer): void {
    const { all } = reader.shelf
    for (const { id, suppresses } of all.slice(this.#looked)) {
      if (suppresses && !this.#seen.has(id)) this.#missing.add(id)
    }
    this.#looked = all.length
    for (const id of this.#missing) {
      const event = reader.shelf.get(id)
      if (event && event.countedAt <= answer.began && reader.mustShow(event, answer)) {
        reader.fail(answer, `missed ${id}`)
      }
    }
  }
}
