import { stripVTControlCharacters } from 'node:util'
import { fail, type Result } from '../wrangler.ts'

const DASHBOARD = 'https://dash.cloudflare.com/?to=/:account'
const TOKENS = 'https://dash.cloudflare.com/profile/api-tokens'

// Lines of wrangler's output: advice that does not apply, and the signed-in user's email address.
const NOISE =
  /^.*(?:Logs were written to|think this is a bug|workers-sdk\/issues|authenticating Wrangler via|ensure it has the correct permissions|Getting User settings|associated with the email|API Token is read from|To see token permissions).*$/gm

/** The permissions of an API token, by the path of the API; README.md lists the same. */
const PERMISSIONS: [path: RegExp, permission: string][] = [
  [/\/d1\//, 'Account, D1: Edit'],
  [/\/queues/, 'Account, Queues: Edit'],
  [/\/r2\//, 'Account, Workers R2 Storage: Edit'],
  [/\/(?:zones|routes|domains)\b/, 'Zone, Workers Routes: Edit; Zone: Read; DNS: Edit'],
  [/\/workers\//, 'Account, Workers Scripts: Edit'],
  [/\/memberships/, 'User, Memberships: Read (or set CLOUDFLARE_ACCOUNT_ID)'],
  [/\/accounts/, 'Account, Account Settings: Read'],
]

/** A message of Cloudflare or wrangler, and what to do about it. @param text the whole output */
type Known = { says: RegExp; explain: (found: RegExpExecArray, text: string) => string }

/**
 * Errors of a deploy, from an account that has never had a Worker to one that is full. The texts are those of wrangler
 * 4.156 and of Cloudflare's API, which numbers its errors.
 */
const KNOWN: Known[] = [
  {
    says: /\[code: (?:10000|9106|9109|10023|7403)\]/,
    explain: (_, text) => {
      const path = /Cloudflare API \((\S+)\)/.exec(text)?.[1] ?? ''
      const permission = PERMISSIONS.find(([pattern]) => pattern.test(path))?.[1]
      const which = permission === undefined ? '' : ` It lacks: ${permission}.`
      return `The API token may not do this.${which}
Edit it at ${TOKENS} (README.md lists what it needs). If you signed in with a browser,
sign in again: npx wrangler login`
    },
  },
  {
    says: /\[code: 10063\]|register a workers\.dev subdomain/,
    explain: () => `This Cloudflare account has no workers.dev subdomain yet. Choose one at
${DASHBOARD}/workers/onboarding and run this again.`,
  },
  {
    says: /\[code: 11002\]/,
    explain: () => `Queues are not enabled for this Cloudflare account yet. Enable them at
${DASHBOARD}/workers/queues (they are free) and run this again.`,
  },
  {
    says: /\[code: 10042\]/,
    explain: () => `R2 is not enabled for this Cloudflare account. Either enable it at
${DASHBOARD}/r2/overview (it asks for a card; 10 GB a month are free) and run this again, or put the "#" back
before the lines of [[r2_buckets]]: then old events stay in the database.`,
  },
  {
    says: /\[code: 10072\]/,
    explain:
      () => `All schedules of this Cloudflare account are in use: the free plan has 5 for all Workers together. Without its
schedule the receiver takes and stores events, but does no maintenance: no alerts, no archive, no deletion of old
data, no sync with Yespo's API. Remove a schedule from another Worker
(${DASHBOARD}/workers-and-pages, the Worker, Settings, Trigger events), or upgrade to the paid plan. Then run this again.`,
  },
  {
    says: /\[code: 7406\]|maximum number of D1 databases/,
    explain:
      () => `This Cloudflare account has as many D1 databases as its plan allows (10 on the free plan). Delete one at
${DASHBOARD}/workers/d1, or upgrade to the paid plan, and run this again.`,
  },
  {
    says: /(?:Queue '([^']+)'[^[]*)?\[code: 11004\]/,
    explain: ([, queue = 'QUEUE']) => explainConsumer(queue, 'OTHER-WORKER'),
  },
  {
    says: /\[code: 10027\]/,
    explain: () => 'The code is larger than the plan allows: 3 MB compressed on the free plan.',
  },
  {
    says: /\[code: 10021\]/,
    explain:
      () => `Cloudflare did not accept the code: it failed to start there, or its configuration is not valid. If you changed
neither src nor the configuration, run this again.`,
  },
  {
    says: /\[code: 10037\]/,
    explain: () => `This Cloudflare account has as many Workers as its plan allows. Delete one at
${DASHBOARD}/workers-and-pages, or upgrade to the paid plan, and run this again.`,
  },
  {
    says: /\[code: 10034\]|email_verification_required|verify your account's email/,
    explain:
      () => `Cloudflare wants the account's e-mail address verified first. Follow the link in its e-mail, or request another
one at https://dash.cloudflare.com/profile, and run this again.`,
  },
  {
    says: /\[code: 100117\]|externally managed DNS records/,
    explain:
      () => `The custom domain already has a DNS record. Delete that record (${DASHBOARD}/:zone/dns/records),
or choose another domain in the configuration, and run this again.`,
  },
  {
    says: /Could not find zone for `([^`]+)`/,
    explain: ([
      ,
      host,
    ]) => `${host} belongs to no domain of this Cloudflare account. Add the domain (${DASHBOARD}/add-site),
or change "routes" in the configuration, and run this again.`,
  },
  {
    says: /\[code: 10020\]|already (?:assigned to routes|associated with another worker)|was skipped, fix conflict/,
    explain:
      () => `The route or custom domain belongs to another Worker. Remove it there (${DASHBOARD}/workers-and-pages,
the Worker, Settings, Domains & Routes), or change "routes" in the configuration, and run this again.`,
  },
  {
    says: /More than one account available|Failed to automatically retrieve account IDs/,
    explain:
      () => `It is not clear which Cloudflare account is meant. Set CLOUDFLARE_ACCOUNT_ID to the ID in the dashboard's URL:
https://dash.cloudflare.com/ID`,
  },
  {
    says: /\[code: (?:971|10429)\]|throttling your request speed/,
    explain: () =>
      'Cloudflare has had too many requests from this account. Run this again in five minutes.',
  },
  {
    says: /\[code: (?:10001|10013|7500|1001)\]|An unknown error has occurred/,
    explain: () =>
      'Cloudflare itself failed. See https://www.cloudflarestatus.com, and run this again.',
  },
  {
    says: /fetch request failed|fetch failed|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET|Unable to resolve Cloudflare's API|API timed out/,
    explain: () =>
      'Cloudflare cannot be reached from here. Check the connection, and run this again.',
  },
]

/** What to do about the errors in an output of wrangler, each once; empty if none is known. */
export function explainErrors(text: string): string[] {
  const plain = stripVTControlCharacters(text)
  const explained = KNOWN.flatMap(({ says, explain }) => {
    const every = new RegExp(says, 'g')
    return [...plain.matchAll(every)].map((found) => explain(found, plain))
  })
  return [...new Set(explained)]
}

/** What to do about a queue with another consumer. @param worker undefined if that is not a Worker */
export function explainConsumer(queue: string, worker: string | undefined): string {
  const command = worker === undefined ? `http remove ${queue}` : `worker remove ${queue} ${worker}`
  return `The queue ${queue} has another consumer, and a queue can have only one: its messages do not reach the receiver. Give the
queue another name in the configuration, or, if that consumer is no longer needed, remove it:
npx wrangler queues consumer ${command}`
}

/** Ends the program after a failure of wrangler: prints what failed, what to do, and wrangler's output. */
export function failAt(what: string, result: Result): never {
  const output = `${result.stdout}${result.stderr}`
    .replace(NOISE, '')
    .replace(/\n\s*\n+/g, '\n')
    .trim()
  const explained = explainErrors(output).map((each) => `\n${each}\n`)
  return fail([what, ...explained, 'Output of wrangler:', output.replace(/^/gm, '  ')].join('\n'))
}
