import type { Catalog, TableVersion } from './catalog.ts'
import { currentSnapshot, type TableMetadata } from './metadata.ts'
import { PARTITION_SPEC, SCHEMA, SORT_ORDER } from './schema.ts'

/** Where the table is in the catalog: the namespace, and its name there. */
const NAMESPACE = 'yespo'
const TABLE = 'activity'

const TIMEOUT_MS = 20_000

const [NOT_FOUND, CONFLICT] = [404, 409]

/** @param token never logged, and in no error */
export type RestSettings = { url: string; token: string; warehouse: string }

/** The status of a response, and its JSON if it is a success. */
type Outcome<Body> = { status: number; body?: Body }

type Call = <Body>(method: 'GET' | 'POST', path: string, body?: object) => Promise<Outcome<Body>>

/**
 * A catalog that is reached by HTTP, as Iceberg's REST protocol has it: R2 Data Catalog, for example.
 * https://iceberg.apache.org/rest-catalog-spec/
 *
 * @param post the global `fetch`
 */
export function openRestCatalog(settings: RestSettings, post: typeof fetch): Catalog {
  const call = callWith(settings, post)
  let found: Promise<string> | undefined
  const tables = () => (found ??= findTables(call, settings.warehouse))
  return {
    load: async () => {
      const path = await tables()
      return (await loadTable(call, path)) ?? (await createTable(call, path))
    },
    commit: async (base, next) => {
      const path = `${await tables()}/${TABLE}`
      const { status } = await call('POST', path, describeCommit(base.metadata, next))
      if (status === CONFLICT) return false
      if (isSuccess(status)) return true
      throw new Error(`The catalog responded ${status} to a commit.`)
    },
  }
}

function callWith({ url, token }: RestSettings, post: typeof fetch): Call {
  return async <Body>(method: string, path: string, body?: object): Promise<Outcome<Body>> => {
    const response = await post(`${url.replace(/\/+$/, '')}/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const { status } = response
    // One reasoned cast: the protocol defines what each request is answered with.
    return isSuccess(status) && text !== ''
      ? { status, body: JSON.parse(text) as Body }
      : { status }
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** The path of the namespace's tables; the catalog decides how it begins. */
async function findTables(call: Call, warehouse: string): Promise<string> {
  const query = new URLSearchParams({ warehouse })
  const { status, body } = await call<{
    defaults?: { prefix?: string }
    overrides?: { prefix?: string }
  }>('GET', `config?${query.toString()}`)
  if (!body) throw new Error(`The catalog responded ${status} to a request for its configuration.`)
  const prefix = body.overrides?.prefix ?? body.defaults?.prefix
  return `${prefix === undefined ? '' : `${prefix}/`}namespaces/${NAMESPACE}/tables`
}

async function loadTable(call: Call, tables: string): Promise<TableVersion | undefined> {
  const { status, body } = await call<{ metadata: TableMetadata }>('GET', `${tables}/${TABLE}`)
  if (status === NOT_FOUND) return undefined
  if (!body) throw new Error(`The catalog responded ${status} to a request for the table.`)
  return toVersion(body.metadata)
}

/** Creates the table, and its namespace, unless another run does. */
async function createTable(call: Call, tables: string): Promise<TableVersion> {
  const namespaces = tables.slice(0, tables.indexOf(`/${NAMESPACE}/`))
  const namespace = await call('POST', namespaces, { namespace: [NAMESPACE], properties: {} })
  if (!isSuccess(namespace.status) && namespace.status !== CONFLICT) {
    throw new Error(`The catalog responded ${namespace.status} to the creation of a namespace.`)
  }
  const { status, body } = await call<{ metadata: TableMetadata }>('POST', tables, {
    name: TABLE,
    schema: SCHEMA,
    'partition-spec': PARTITION_SPEC,
    'write-order': SORT_ORDER,
    'stage-create': false,
    properties: {},
  })
  if (body) return toVersion(body.metadata)
  const existing = status === CONFLICT ? await loadTable(call, tables) : undefined
  if (existing) return existing
  throw new Error(`The catalog responded ${status} to the creation of the table.`)
}

/** The catalog decides where a table is; our files are where they are without it, in the same bucket. */
function toVersion(metadata: TableMetadata): TableVersion {
  const { protocol, host } = new URL(metadata.location)
  return { number: 0, metadata, root: `${protocol}//${host}` }
}

/** A commit as the protocol has it: what must still be true, and what changes. */
function describeCommit(base: TableMetadata, next: TableMetadata): object {
  const before = currentSnapshot(base)?.['snapshot-id'] ?? null
  const snapshot = currentSnapshot(next)
  const kept = new Set(next.snapshots?.map((each) => each['snapshot-id']))
  const expired = (base.snapshots ?? [])
    .map((each) => each['snapshot-id'])
    .filter((id) => !kept.has(id))
  const isNewSchema = next['current-schema-id'] !== base['current-schema-id']
  const schema = next.schemas.at(-1)
  return {
    identifier: { namespace: [NAMESPACE], name: TABLE },
    requirements: [
      { type: 'assert-table-uuid', uuid: base['table-uuid'] },
      { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': before },
    ],
    updates: [
      ...(isNewSchema
        ? [
            { action: 'add-schema', schema, 'last-column-id': next['last-column-id'] },
            { action: 'set-current-schema', 'schema-id': -1 }, // the one just added
          ]
        : []),
      { action: 'add-snapshot', snapshot },
      {
        action: 'set-snapshot-ref',
        'ref-name': 'main',
        type: 'branch',
        'snapshot-id': snapshot?.['snapshot-id'],
      },
      ...(expired.length > 0 ? [{ action: 'remove-snapshots', 'snapshot-ids': expired }] : []),
    ],
  }
}
