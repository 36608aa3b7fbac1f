import { COLUMNS } from '../parquet/columns.ts'
import { HttpError } from '../platform/http-error.ts'

/** Columns of groups, of which a file lists each, and their cells, in terms of the time that reading them takes. */
const CELLS_A_GROUP = 400

/** The limits of one request. */
export type Limits = {
  /** The number of cells after which a page ends, as soon as it can. */
  cells: number
  /** The number of cells after which the request fails. */
  most: number
  /** The number of reads from the bucket after which a page ends, as soon as it can. */
  reads: number
  /** The files that are read at the same time. */
  parallel: number
}

// A million cells take some 300 ms of processor time; on the free plan, an invocation has ten.
export const LIMITS: Readonly<Record<'free' | 'paid', Limits>> = {
  free: { cells: 30_000, most: 150_000, reads: 400, parallel: 2 },
  paid: { cells: 4_000_000, most: 20_000_000, reads: 400, parallel: 6 },
}

/** Reads from the bucket after which a request fails: an invocation has 1,000 calls, and its database needs some. */
const MAX_READS = 900

/** The work that reading the archive takes for one request, or for a part of it, as a page. */
export class Work {
  readonly #limits: Limits
  /** Of the whole request. */
  readonly #all: { reads: number }
  #cells = 0
  #reads = 0

  constructor(limits: Limits, all = { reads: 0 }) {
    this.#limits = limits
    this.#all = all
  }

  /** The work of another part of the same request. */
  next(): Work {
    return new Work(this.#limits, this.#all)
  }

  /** The files that are read at the same time. */
  get parallel(): number {
    return this.#limits.parallel
  }

  /** Whether it is time to end the page. */
  get isSpent(): boolean {
    return this.#cells >= this.#limits.cells || this.#reads >= this.#limits.reads
  }

  /** Counts a read from the bucket. @throws HttpError 400 `too_much_to_search` if the request has had too many */
  addRead(): void {
    this.#reads++
    if (++this.#all.reads > MAX_READS) throw tooLarge()
  }

  /** Counts groups that a file has. */
  addGroups(groups: number): void {
    this.addCells(groups * CELLS_A_GROUP)
  }

  /** Counts all columns of some events of a group, which has to be decompressed as a whole. */
  addEvents(rows: number, events: number): void {
    this.addCells(COLUMNS.length * (rows / 8 + events))
  }

  /** Counts cells. @throws HttpError 400 `too_much_to_search` if it is far too much for one request */
  addCells(cells: number): void {
    this.#cells += cells
    if (this.#cells > this.#limits.most) throw tooLarge()
  }
}

/** The error for a search that would take far too long. */
export function tooLarge(): HttpError {
  return new HttpError(
    400,
    'too_much_to_search',
    'The archive has too many events of this time to search all of them in one request. Search by contactId, email, sms or externalCustomerId, or query the archive with another program: see src/archive/README.md.',
  )
}
