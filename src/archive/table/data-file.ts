/** A file of the archive, as the table has it. */
export type DataFile = {
  /** The month's beginning: UTC milliseconds. */
  month: number
  file: number
  version: number
  events: number
  bytes: number
  firstAt: number
  lastAt: number
  minContact: string | null
  maxContact: string | null
  withoutContact: number
  snapshot: string | null
  sequence: number | null
}

export function keyOfFile({
  month,
  file,
  version,
}: Pick<DataFile, 'month' | 'file' | 'version'>): string {
  const name = new Date(month).toISOString().slice(0, 7)
  return `activity/data/month=${name}/${file}-${version}.parquet`
}
