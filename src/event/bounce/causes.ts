/** The causes of bounces by name, and where the rules of each come from. `language/en/bounces.ts` has their texts. */
export const CAUSES = {
  mailboxUnknown: { source: 'RFC 3463 (X.1.1, X.1.3, X.1.4); replies of mail servers' },
  mailboxFull: { source: 'RFC 3463 (X.2.2); replies of mail servers' },
  mailboxInactive: {
    source: 'RFC 3463 (X.1.6, X.2.1), RFC 7293 (X.7.17, X.7.18); replies of mail servers',
  },
  reputation: { source: 'Microsoft (5.7.511, 5.7.606–649), blocklists; replies of mail servers' },
  content: { source: 'RFC 3463 (X.6.0 to X.6.3); replies of mail servers' },
  policy: { source: 'RFC 3463 (X.7.1, X.7.2); replies of mail servers' },
  greylisted: { source: 'RFC 6647; replies of mail servers' },
  dns: { source: 'RFC 3463 (X.1.2, X.1.8, X.4.3), RFC 7505 (X.1.10); replies of mail servers' },
  timeout: { source: 'RFC 3463 (X.3.2, X.4.1, X.4.2, X.4.5, X.4.7); replies of mail servers' },
  routing: { source: 'RFC 3463 (X.4.4, X.4.6); replies of mail servers' },
  relay: { source: 'Microsoft (5.7.57, 5.7.64); replies of mail servers' },
  authentication: {
    source: 'RFC 7372 (X.7.20 to X.7.26), RFC 8617 (X.7.29), Microsoft (5.7.509, 5.7.515)',
  },
  rateLimited: {
    source: 'RFC 3463 (X.5.3), X.7.28; SMPP 3.4; replies of mail servers, FCM and APNs',
  },
  messageTooLarge: { source: 'RFC 3463 (X.2.3, X.3.4); FCM and APNs; SMPP 3.4' },
  pushTokenExpired: { source: 'FCM, APNs, RFC 8030 (404, 410)' },
  smsNotReachable: { source: '3GPP TS 29.002 (absent subscriber), SMPP 3.4 (EXPIRED)' },
  smsBarred: { source: '3GPP TS 29.002 (call barred)' },
  smsUnknown: { source: '3GPP TS 29.002 (unknown subscriber), SMPP 3.4 (ESME_RINVDSTADR)' },
  unknown: { source: '' },
} as const satisfies Record<string, { source: string }>

/** The name of a cause. */
export type CauseName = keyof typeof CAUSES

export const CAUSE_NAMES = Object.keys(CAUSES) as CauseName[] // one reasoned cast: its keys are those of the type

/** A stored name as a cause: `unknown` if it is none. */
export function toCauseName(name: string): CauseName {
  return CAUSE_NAMES.find((cause) => cause === name) ?? 'unknown'
}
