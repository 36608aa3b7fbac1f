import {
  createTable,
  type Snapshot,
  type TableMetadata,
} from '../../../src/archive/table/metadata.ts'

export const STUB = {
  url: 'https://catalog.test/account',
  warehouse: 'house',
  token: 'token-of-the-catalog',
}

const PREFIX = 'of-house'

type Update =
  | { action: 'add-schema'; schema: TableMetadata['schemas'][number]; 'last-column-id': number }
  | { action: 'set-current-schema'; 'schema-id': number }
  | { action: 'add-snapshot'; snapshot: Snapshot }
  | { action: 'set-snapshot-ref'; 'ref-name': string; type: string; 'snapshot-id': number }
  | { action: 'remove-snapshots'; 'snapshot-ids': number[] }

type Requirement =
  | { type: 'assert-table-uuid'; uuid: string }
  | { type: 'assert-ref-snapshot-id'; ref: string; 'snapshot-id': number | null }

/** A catalog with Iceberg's REST protocol, of one table. */
export class RestStub {
  metadata: TableMetadata | undefined
  namespaces: string[][] = []
  /** The requests that it got, as `GET path`. */
  readonly requests: string[] = []
  /** The status that the next requests are answered with, one after the other; undefined for the usual one. */
  readonly statuses: (number | undefined)[] = []
  readonly #location: string
  readonly #write: (path: string, json: string) => Promise<void>
  #version = 0

  /**
   * @param location the URI that it gives to the table
   * @param write writes an object at a URI
   */
  constructor(location: string, write: (uri: string, json: string) => Promise<void>) {
    this.#location = location
    this.#write = write
  }

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const { pathname, search, searchParams } = new URL(request.url)
    const path = pathname.slice(pathname.indexOf('/v1/') + '/v1/'.length)
    this.requests.push(`${request.method} ${path}${search}`)
    if (request.headers.get('Authorization') !== `Bearer ${STUB.token}`) return respond(401)
    const status = this.statuses.shift()
    if (status !== undefined) return respond(status)
    if (searchParams.has('parent')) return respond(200, { namespaces: [] })
    const body = request.method === 'POST' ? ((await request.json()) as object) : {}
    return this.#route(`${request.method} ${path}`, body)
  }

  async #route(request: string, body: object): Promise<Response> {
    switch (request) {
      case 'GET config':
        return respond(200, { defaults: {}, overrides: { prefix: PREFIX } })
      case `GET ${PREFIX}/namespaces`:
        return respond(200, { namespaces: this.namespaces })
      case `POST ${PREFIX}/namespaces`: {
        const { namespace } = body as { namespace: string[] }
        if (this.namespaces.some((each) => each.join() === namespace.join())) return respond(409)
        this.namespaces.push(namespace)
        return respond(200, body)
      }
      case `GET ${PREFIX}/namespaces/yespo`:
        return respond(200, { namespace: ['yespo'], properties: {} })
      case `GET ${PREFIX}/namespaces/yespo/tables`: {
        const identifiers = this.metadata ? [{ namespace: ['yespo'], name: 'activity' }] : []
        return respond(200, { identifiers })
      }
      case `POST ${PREFIX}/namespaces/yespo/tables`:
        if (this.metadata) return respond(409)
        return this.#save(createTable(this.#location, Date.now()))
      case `HEAD ${PREFIX}/namespaces/yespo/tables/activity`:
      case `GET ${PREFIX}/namespaces/yespo/tables/activity`:
        return this.metadata ? respond(200, this.#describe(this.metadata)) : respond(404)
      case `POST ${PREFIX}/namespaces/yespo/tables/activity`:
        return this.#commit(body as { requirements: Requirement[]; updates: Update[] })
      default:
        return respond(404)
    }
  }

  async #commit({
    requirements,
    updates,
  }: {
    requirements: Requirement[]
    updates: Update[]
  }): Promise<Response> {
    const { metadata } = this
    if (!metadata) return respond(404)
    if (!requirements.every((requirement) => meets(metadata, requirement))) return respond(409)
    return this.#save(updates.reduce(apply, metadata))
  }

  async #save(metadata: TableMetadata): Promise<Response> {
    this.#version++
    await this.#write(this.#describe(metadata)['metadata-location'], JSON.stringify(metadata))
    this.metadata = metadata
    return respond(200, this.#describe(metadata))
  }

  #describe(metadata: TableMetadata) {
    const name = `${String(this.#version).padStart(5, '0')}-${metadata['table-uuid']}`
    return {
      'metadata-location': `${this.#location}/metadata/${name}.metadata.json`,
      metadata,
      config: {},
    }
  }
}

function meets(metadata: TableMetadata, requirement: Requirement): boolean {
  if (requirement.type === 'assert-table-uuid') return requirement.uuid === metadata['table-uuid']
  const current = metadata.refs?.[requirement.ref]?.['snapshot-id'] ?? null
  return requirement['snapshot-id'] === current
}

function apply(metadata: TableMetadata, update: Update): TableMetadata {
  const { snapshots = [] } = metadata
  switch (update.action) {
    case 'add-schema':
      return {
        ...metadata,
        schemas: [...metadata.schemas, update.schema],
        'last-column-id': update['last-column-id'],
      }
    case 'set-current-schema':
      return { ...metadata, 'current-schema-id': metadata.schemas.at(-1)?.['schema-id'] ?? 0 }
    case 'add-snapshot':
      return {
        ...metadata,
        snapshots: [...snapshots, update.snapshot],
        'last-sequence-number': update.snapshot['sequence-number'],
        'last-updated-ms': update.snapshot['timestamp-ms'],
      }
    case 'set-snapshot-ref': {
      const ref = { type: update.type, 'snapshot-id': update['snapshot-id'] }
      const refs = { ...metadata.refs, [update['ref-name']]: ref }
      return { ...metadata, refs, 'current-snapshot-id': update['snapshot-id'] }
    }
    case 'remove-snapshots': {
      const removed = new Set(update['snapshot-ids'])
      return {
        ...metadata,
        snapshots: snapshots.filter((each) => !removed.has(each['snapshot-id'])),
      }
    }
  }
}

function respond(status: number, body?: object): Response {
  if (body) return Response.json(body, { status })
  const error = { message: `the message of ${status}`, type: 'Exception', code: status }
  return Response.json({ error }, { status })
}
