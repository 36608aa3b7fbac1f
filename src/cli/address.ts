const PATH = '/webhooks/yespo'

// Wrangler lists a URL of workers.dev, `HOST (custom domain…)`, or the pattern of a route with or without
// ` (zone name: …)`, beside `schedule: …`, `Producer for …` and the like.
const CUSTOM_DOMAIN = /^(\S+) \(custom domain[^)]*\)(.*)$/
const ROUTE = /^(?:https:\/\/|http:\/\/)?([^\s/:]+)(\/\S*)?(?: \(zone (?:id|name): [^)]*\))?$/

/**
 * The webhook's URLs, the best first: of custom domains, which are a deliberate choice, of routes, and of workers.dev.
 *
 * @param targets as wrangler lists them
 */
export function listWebhookUrls(targets: readonly string[]): string[] {
  const kinds = [readCustomDomain, readRoute, readWorkersDev]
  const urls = kinds.flatMap((read) => targets.flatMap((target) => read(target) ?? []))
  return [...new Set(urls)].map((url) => `${url}${PATH}`)
}

function readCustomDomain(target: string): string | undefined {
  const [, host, flags = ''] = CUSTOM_DOMAIN.exec(target) ?? []
  return host === undefined || flags.includes('production: disabled')
    ? undefined
    : `https://${host}`
}

function readWorkersDev(target: string): string | undefined {
  return /^https:\/\/[^\s/]+\.workers\.dev\/?$/.test(target) ? target.replace(/\/$/, '') : undefined
}

/** A route counts if it matches the webhook over https, at a host without wildcards. */
function readRoute(target: string): string | undefined {
  const [, host, path] = ROUTE.exec(target) ?? []
  if (host === undefined || path === undefined || target.startsWith('http://')) return undefined
  const name = host.replace(/^\*(?!\.)/, '') // *example.com is example.com, too
  if (name.includes('*') || !name.includes('.') || name.endsWith('.workers.dev')) return undefined
  const start = path.replace(/\*$/, '') // the only place for a "*" in a path
  return (path.endsWith('*') ? PATH.startsWith(start) : PATH === start)
    ? `https://${name}`
    : undefined
}
