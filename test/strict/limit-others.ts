import { findBy, type Finder, type Invocation } from './invocation.ts'

const BUCKET_METHODS = ['head', 'get', 'put', 'delete', 'list'] as const

/** A bucket whose calls count. */
export function limitBucket(bucket: R2Bucket, of?: Invocation): R2Bucket {
  const find = findBy(of)
  const methods = BUCKET_METHODS.map((name) => {
    const original = bucket[name].bind(bucket) as (...values: unknown[]) => Promise<unknown>
    const call = async (...values: unknown[]) => {
      const result = await find().call({ name: `R2.${name}` }, () => original(...values))
      return name === 'get' ? limitContent(result, find) : result
    }
    return [name, call]
  })
  return Object.fromEntries(methods) as unknown as R2Bucket
}

const READING = ['arrayBuffer', 'bytes', 'text', 'json', 'blob']

/** An object of a bucket: reading it is a part of the call, and does not settle after a kill. */
function limitContent(object: unknown, find: Finder): unknown {
  if (typeof object !== 'object' || object === null || !('arrayBuffer' in object)) return object
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const method = value.bind(target) as () => Promise<unknown>
      return READING.includes(String(name)) ? () => find().settle(method) : method
    },
  })
}

/** `fetch` of addresses outside Cloudflare. */
export function limitFetch(original: typeof fetch, of?: Invocation): typeof fetch {
  const find = findBy(of)
  return ((...request: Parameters<typeof fetch>) =>
    find().call({ name: 'fetch', isOutside: true }, () => original(...request))) as typeof fetch
}

/** Another Worker, or anything else with a method `fetch`. */
export function limitService(service: Fetcher, of?: Invocation): Fetcher {
  const find = findBy(of)
  return new Proxy(service, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'fetch' || typeof value !== 'function') return value
      const original = value.bind(target) as (...request: unknown[]) => Promise<unknown>
      return (...request: unknown[]) =>
        find().call({ name: 'service.fetch' }, () => original(...request))
    },
  })
}

/** A rate limit: it is asked within the machine, and counts against nothing. */
export function limitRateLimit(limiter: RateLimit, of?: Invocation): RateLimit {
  const find = findBy(of)
  return { limit: (options) => find().settle(() => limiter.limit(options)) }
}
