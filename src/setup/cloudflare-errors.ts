import { stripVTControlCharacters } from 'node:util'
import { fail, type Result } from './wrangler.ts'

const DASHBOARD = 'https://dash.cloudflare.com/?to=/:account'
const TOKENS = 'https://dash.cloudflare.com/profile/api-tokens'

const NOISE = /^.*(?:Logs were written to|you think this is a bug|workers-sdk\/issues).*$/gm

/** What an API token has to be allowed; README.md lists the same. */
const PERMISSIONS: [path: RegExp, permission: string][] = [
  [/\/d1\//, 'Account, D1: Edit'],
  [/\/queues/, 'Account, Queues: Edit'],
  [/\/r2\//, 'Account, Workers R2 Storage: Edit'],
  [
    /\/(?:zones|routes|domains)\b/,
    'Zone, Workers Routes: Edit and Zone, Zone: Read, both for the domain',
  ],
  [/\/workers\//, 'Account, Workers Scripts: Edit'],
  [/\/memberships/, 'User, Memberships: Read (or set CLOUDFLARE_ACCOUNT_ID)'],
  [/\/accounts/, 'Account, Account Settings: Read'],
]

/** What Cloudflare or wrangler says, and what that means and asks for; @param found in what they said */
type Known = { says: RegExp; explain: (found: RegExpExecArray, text: string) => string }

/**
 * What a deploy can meet, from an account that has never had a Worker to one that is full. Texts are of wrangler
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
Edit it at ${TOKENS} (README.md lists all that it needs), or unset
CLOUDFLARE_API_TOKEN to sign in with a browser instead.`
    },
  },
  {
    says: /\[code: 10063\]|register a workers\.dev subdomain/,
    explain: () => `This Cloudflare account has no workers.dev subdomain yet. Choose one at
${DASHBOARD}/workers/onboarding and run this again.`,
  },
  {
    says: /\[code: 11002\]/,
    explain: () => `Queues are not enabled yet for this Cloudflare account. Open
${DASHBOARD}/workers/queues once and enable them (they are free), then run this again.`,
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
      () => `All schedules of this Cloudflare account are in use: the free plan has 5, for all Workers together. Without its
schedule nothing looks after the receiver: no alerts, no archive, no deletion of what is old, no reading of Yespo's
API. Remove a schedule from another Worker (${DASHBOARD}/workers-and-pages, the Worker,
Settings, Trigger events), or take the paid plan. Then run this again.`,
  },
  {
    says: /\[code: 7406\]|maximum number of D1 databases/,
    explain:
      () => `This Cloudflare account has as many D1 databases as its plan allows (10 on the free plan). Delete one
(${DASHBOARD}/workers/d1), or take the paid plan, and run this again.`,
  },
  {
    says: /(?:Queue '([^']+)'[^[]*)?\[code: 11004\]/,
    explain: ([, queue = 'QUEUE']) => explainConsumer(queue, 'OTHER-WORKER'),
  },
  {
    says: /\[code: 10027\]/,
    explain: () => `The code is larger than the plan allows: 3 MB compressed on the free plan.`,
  },
  {
    says: /\[code: 10021\]/,
    explain:
      () => `Cloudflare checked the code and did not take it: it did not start there, or its configuration is not valid. If you
changed neither src nor the configuration, run this again.`,
  },
  {
    says: /\[code: 10037\]/,
    explain: () => `This Cloudflare account has as many Workers as its plan allows. Delete one
(${DASHBOARD}/workers-and-pages), or take the paid plan, and run this again.`,
  },
  {
    says: /\[code: 10034\]|email_verification_required|verify your account's email/,
    explain:
      () => `Cloudflare wants the e-mail address of the account verified first. Follow the link of its e-mail, or have
another one sent at https://dash.cloudflare.com/profile, and run this again.`,
  },
  {
    says: /\[code: 100117\]|externally managed DNS records/,
    explain:
      () => `The custom domain has a DNS record already. Delete that record (${DASHBOARD}/:zone/dns/records),
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
      () => `The route or custom domain is another Worker's. Take it from that one (${DASHBOARD}/workers-and-pages,
the Worker, Settings, Domains & Routes), or change "routes" in the configuration, and run this again.`,
  },
  {
    says: /More than one account available|Failed to automatically retrieve account IDs/,
    explain:
      () => `It is not known which Cloudflare account is meant. Set CLOUDFLARE_ACCOUNT_ID: the number in the address of the
dashboard, https://dash.cloudflare.com/NUMBER.`,
  },
  {
    says: /\[code: (?:971|10429)\]|throttling your request speed/,
    explain: () =>
      'Cloudflare has had too many requests of this account. Run this again in five minutes.',
  },
  {
    says: /\[code: (?:10001|10013|7500|1001)\]|An unknown error has occurred/,
    explain: () =>
      'Cloudflare itself failed. See https://www.cloudflarestatus.com, and run this again.',
  },
  {
    says: /fetch failed|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET|Unable to resolve Cloudflare's API|API timed out|connectivity issue/,
    explain: () =>
      'Cloudflare cannot be reached from here. Look at the connection, and run this again.',
  },
]

/** What to do about what Cloudflare or wrangler said, each once; empty where it is nothing known. */
export function explainErrors(text: string): string[] {
  const plain = stripVTControlCharacters(text)
  const explained = KNOWN.flatMap(({ says, explain }) => {
    const every = new RegExp(says, 'g')
    return [...plain.matchAll(every)].map((found) => explain(found, plain))
  })
  return [...new Set(explained)]
}

/** What to do about a queue whose messages someone else takes. @param worker undefined if it is no Worker */
export function explainConsumer(queue: string, worker: string | undefined): string {
  const command = worker === undefined ? `http remove ${queue}` : `worker remove ${queue} ${worker}`
  return `Another consumer takes what is in the queue ${queue}, and a queue has only one. Either give the queue another name
in the configuration, or, if that consumer is not needed any more, take it away:
npx wrangler queues consumer ${command}`
}

/** Ends the program after something that wrangler could not do: says what, what it takes, and what was said. */
export function failAt(what: string, result: Result): never {
  const said = `${result.stdout}${result.stderr}`
    .replace(NOISE, '')
    .replace(/\n\s*\n+/g, '\n')
    .trim()
  const explained = explainErrors(said).map((each) => `\n${each}\n`)
  return fail([what, ...explained, 'What wrangler says:', said.replace(/^/gm, '  ')].join('\n'))
}
