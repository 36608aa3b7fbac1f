import { errorText, log } from '../platform/log.ts'

/** A part of an export, such as some lines, and whether it is the last. */
export type ExportPage = { text: string | Uint8Array; isLast: boolean }

/** An export's file, and the text before its first line; undefined if it is binary. */
export type ExportFile = { name: string; type: string; header: string | undefined }

const encoder = new TextEncoder()

/**
 * Streams an export page by page, at the reader's pace. An interrupted export never looks complete: the transfer is
 * aborted. An export of one page has a Content-Length.
 *
 * @throws what reading the first page throws
 */
export async function streamExport(
  { name, type, header }: ExportFile,
  pages: AsyncGenerator<ExportPage, undefined>,
): Promise<Response> {
  // Read before the response starts: if the database is unavailable, the response can still be an error.
  const first = (await pages.next()).value ?? { text: '', isLast: true }
  const beginning = toBytes(header ? header + first.text : first.text)
  const headers = {
    'Content-Type': header === undefined ? type : `${type}; charset=utf-8`,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
  }
  return new Response(first.isLast ? beginning : stream(beginning, pages), { headers })
}

function toBytes(part: string | Uint8Array): Uint8Array {
  return typeof part === 'string' ? encoder.encode(part) : part
}

function stream(
  beginning: Uint8Array,
  pages: AsyncGenerator<ExportPage, undefined>,
): ReadableStream<Uint8Array> {
  const chunks = encode(beginning, pages)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await chunks.return(undefined)),
  })
}

async function* encode(
  beginning: Uint8Array,
  pages: AsyncGenerator<ExportPage, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  if (beginning.length > 0) yield beginning
  try {
    for await (const { text } of pages) if (text.length > 0) yield toBytes(text)
  } catch (error) {
    log('error', 'export_aborted', { errors: [errorText(error)] })
    throw error
  }
  return undefined
}
