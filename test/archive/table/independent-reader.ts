import { icebergManifests, icebergMetadata } from 'icebird'
import type { ManifestEntry, TableMetadata } from 'icebird/src/types.js'
import { vi } from 'vitest'
import { ROOT } from './table.ts'

/** Where this library looks for objects of an `s3://` URI. */
const SERVED = `https://${ROOT.slice('s3://'.length)}.s3.amazonaws.com/`

/** Reads the table's metadata with a library that has no code in common with ours. */
export async function readIndependently(
  bucket: R2Bucket,
): Promise<{ metadata: TableMetadata; entries: ManifestEntry[] }> {
  const serve = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const object = await bucket.get(String(input).slice(SERVED.length))
    return object ? new Response(await object.arrayBuffer()) : new Response(null, { status: 404 })
  })
  try {
    const metadata = await icebergMetadata({ tableUrl: `${ROOT}/activity` })
    const manifests = await icebergManifests(metadata)
    return { metadata, entries: manifests.flatMap(({ entries }) => entries) }
  } finally {
    serve.mockRestore()
  }
}
