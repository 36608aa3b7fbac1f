import { integer, limit } from '../http/query-fields.ts'

/** Query parameters of an export of contacts in ascending order of their ID: of all, unless a limit is set. */
export function contactExportFields(contact: string, contacts: string) {
  return {
    limit: limit(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).meta({
      description: `Maximum number of ${contacts}; all by default.`,
    }),
    cursor: integer
      .transform(BigInt)
      .optional()
      .meta({
        description: `Continue after this ${contact}: the \`contactId\` of the last one received.`,
      }),
  }
}

/** How to continue such an export. */
export const RESUME =
  'An interrupted transfer is aborted, so that it never looks complete: request the rest with `cursor`, the `contactId` of the last complete line.'
