import type { ArchiveFile } from '../db/archive/files.ts'
import { findInput, type Input } from '../db/archive/merges.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import { openKnown } from '../parquet/open.ts'
import { readGroups } from '../parquet/row-groups.ts'

/** A file that is merged cannot be read: `cause` says why. */
export class InputError extends Error {
  readonly file: ArchiveFile

  constructor(file: ArchiveFile, cause: unknown) {
    super('a file of the archive cannot be merged', { cause })
    this.file = file
  }
}

/** What readers share; `files` is the number of files that they may still open. */
export type Source = { db: D1Database; bucket: R2Bucket; month: number; files: number }

/** Reads a run in its order, with one group of rows in memory. */
export class RunReader {
  /** Whether there is no other row. */
  isOver = false
  readonly #source: Source
  /** Where the group in memory begins. */
  #start: Input
  #file: ArchiveFile | undefined
  #groups: AsyncGenerator<StoredEvent[]> | undefined
  #rows: StoredEvent[] = []
  #index = 0

  constructor(source: Source, start: Input) {
    this.#source = source
    this.#start = start
  }

  /** The next row; undefined if it has to be loaded, or there is none. */
  get next(): StoredEvent | undefined {
    return this.#rows[this.#index]
  }

  /** Where the next row is. */
  get position(): Input {
    return { ...this.#start, row: this.#start.row + this.#index }
  }

  /** Goes on to the row after the next. */
  advance(): void {
    this.#index++
  }

  /**
   * Loads the next row, unless that has been done.
   *
   * @returns false if that takes another file, and no more may be opened
   * @throws InputError, and what D1 throws
   */
  async load(): Promise<boolean> {
    while (!this.isOver && this.next === undefined) {
      this.#start = this.position
      this.#index = 0
      this.#rows = (await this.#readGroup()) ?? []
      if (this.#rows.length > 0) continue
      const file = await findInput(this.#source.db, this.#source.month, this.#start)
      if (!file) this.isOver = true
      else if (this.#source.files === 0) return false
      else this.#open(file)
    }
    return true
  }

  async #readGroup(): Promise<StoredEvent[] | undefined> {
    if (!this.#file) return undefined
    const file = this.#file
    try {
      this.#groups ??= readGroups(
        await openKnown(this.#source.bucket, file),
        undefined,
        this.#start.row,
      )
      const { done, value } = await this.#groups.next()
      return done ? undefined : value
    } catch (error) {
      throw new InputError(file, error)
    }
  }

  #open(file: ArchiveFile): void {
    this.#source.files--
    if (file.file !== this.#start.file) this.#start = { ...this.#start, file: file.file, row: 0 }
    this.#file = file
    this.#groups = undefined
  }
}
