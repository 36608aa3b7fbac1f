import { HttpError } from '../platform/http-error.ts'
import { errorText } from '../platform/log.ts'

const RETRY_SECONDS = 10

/**
 * Waits until something of a file is read.
 *
 * @param key of its object
 * @throws HttpError 503 `archive_unavailable` if it cannot be read
 */
export async function orUnavailable<Result>(
  key: string,
  reading: Promise<Result>,
): Promise<Result> {
  try {
    return await reading
  } catch (error) {
    throw error instanceof HttpError ? error : toUnavailable(key, error)
  }
}

function toUnavailable(key: string, error: unknown): HttpError {
  return new HttpError(
    503,
    'archive_unavailable',
    'A file of the archive cannot be read. Try again; if that does not help, check that the bucket still has it.',
    {
      details: { file: key },
      headers: { 'Retry-After': String(RETRY_SECONDS) },
      log: { file: key, errors: [errorText(error)] },
    },
  )
}
